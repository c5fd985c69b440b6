import FoundationEssentials
import Glibc
import Testing

@testable import BackupCore

/// Slots worked out by programs that nobody here wrote: croniter for `cron`, systemd-analyze for `calendar`.
@Suite struct VectorTests {
    struct Vectors: Decodable {
        var vectors: [Vector]
        /// Expressions that the counterpart refuses.
        var invalid: [String]?
    }

    struct Vector: Decodable {
        var expression: String
        var zone: String
        var after: Int64
        var slots: [Int64]
        /// There are no more slots after these.
        var ended: Bool?

        enum CodingKeys: String, CodingKey {
            case expression, after, slots, ended
            case zone = "time-zone"
        }
    }

    static func fixture(_ name: String) throws -> Data {
        let here = #filePath
        let folder = here.prefix(through: here.lastIndex(of: "/") ?? here.startIndex)
        return try Data(contentsOf: URL(filePath: folder + name))
    }

    @Test(arguments: ["cron", "calendar"]) func slotsAreThoseOfTheCounterpart(notation: String) throws {
        let vectors = try JSONDecoder().decode(
            Vectors.self, from: VectorTests.fixture("Fixtures/\(notation)-vectors.json")
        ).vectors
        #expect(Set(vectors.map(\.expression)).count >= 500)
        var differences: [String] = []
        var compared = 0
        for vector in vectors {
            let schedule: Schedule
            do {
                schedule = try VectorTests.schedule(notation, vector)
            } catch {
                // Such as 30 February, which is refused here.
                let isImpossible = vector.slots.isEmpty && "\(error)".contains("there is no such day")
                if !isImpossible { Issue.record("\(vector.expression): \(error)") }
                continue
            }
            compared += vector.slots.count
            differences += VectorTests.differences(schedule, vector)
        }
        print("\(notation): \(vectors.count) vectors, \(compared) slots, \(differences.count) differ at a clock change")
        #expect(compared >= 10_000 * 9 / 10)
        let golden = String(
            decoding: try VectorTests.fixture("Golden/\(notation)-clock-changes.txt"), as: UTF8.self)
        let listed = golden.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
        #expect(differences == listed, "\(differences.joined(separator: "\n"))")
    }

    @Test func whatSystemdRefusesIsRefused() throws {
        let invalid =
            try JSONDecoder().decode(
                Vectors.self, from: VectorTests.fixture("Fixtures/calendar-vectors.json")
            ).invalid ?? []
        #expect(invalid.count >= 60)
        // How many blanks there are is all the same here.
        for text in invalid where !text.contains("  ") {
            guard let calendar = try? Expression.calendar(text) else { continue }
            // A zone is looked up by whoever has the database.
            let file = calendar.zone.map { "/usr/share/zoneinfo/" + $0.name } ?? "/"
            #expect(access(file, F_OK) != 0, "\"\(text)\" is accepted")
        }
    }

    private static func schedule(_ notation: String, _ vector: Vector) throws -> Schedule {
        if notation == "cron" { return try cron(vector.expression, vector.zone) }
        let calendar = try Expression.calendar(vector.expression)
        #expect(calendar.zone?.name ?? "UTC" == vector.zone)
        return Schedule(calendar.expression, zone: try zone(vector.zone))
    }

    /// Slots that only one of the two has, each with what the clocks did; anything away from a clock change is an issue.
    private static func differences(_ schedule: Schedule, _ vector: Vector) -> [String] {
        let last = vector.ended == true ? Int64.max : vector.slots.last ?? vector.after
        var ours: [Int64] = []
        var cursor = Moment(seconds: vector.after)
        while let slot = schedule.next(after: cursor), slot.seconds <= last {
            ours.append(slot.seconds)
            cursor = slot
        }
        let different = Set(ours).symmetricDifference(vector.slots).sorted()
        return different.compactMap { seconds in
            // systemd 252 forgets the days before the step's last one when it enters a new year: no 1 January here.
            if vector.expression == "*-*-1/7", seconds == 1_767_225_600, ours.contains(seconds) { return nil }
            guard let change = schedule.zone.change(near: seconds) else {
                Issue.record(
                    "\(vector.expression) in \(vector.zone): \(Moment(seconds: seconds)) is a slot of one only")
                return nil
            }
            let whose = ours.contains(seconds) ? "ours alone" : "theirs alone"
            return "\(vector.expression) | \(vector.zone) | \(Moment(seconds: seconds)) | \(whose) | \(change)"
        }
    }
}

extension Zone {
    /// What the clock does within 24 hours of that moment; nil if nothing.
    fileprivate func change(near seconds: Int64) -> String? {
        let segment = segment(at: Moment(seconds: seconds - 86_400))
        guard segment.end <= seconds + 86_400 else { return nil }
        let after = self.segment(at: Moment(seconds: segment.end))
        return after.offset > segment.offset ? "gap" : "overlap"
    }
}
