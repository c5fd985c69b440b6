import FoundationEssentials
import Testing

@testable import BackupCore

struct KeepRow: Sendable, CustomTestStringConvertible {
    var name: String
    var rules: Retention
    var days: [String]
    var kept: [String]
    var zone = "UTC"
    var testDescription: String { name }
}

@Suite struct RetentionTests {
    static let fortnight = (1...14).map { "2026-11-" + ($0 < 10 ? "0\($0)" : "\($0)") + "T02:00:00Z" }

    static let rows: [KeepRow] = [
        KeepRow(name: "no rules keep all", rules: Retention(), days: fortnight, kept: fortnight),
        KeepRow(name: "last 3", rules: Retention(last: 3), days: fortnight, kept: Array(fortnight.suffix(3))),
        KeepRow(
            name: "daily keeps the newest of each day that has one", rules: Retention(daily: 2),
            days: ["2026-11-01T01:00:00Z", "2026-11-01T09:00:00Z", "2026-11-09T01:00:00Z"],
            kept: ["2026-11-01T09:00:00Z", "2026-11-09T01:00:00Z"]),
        KeepRow(
            name: "weeks begin on Monday", rules: Retention(weekly: 3), days: fortnight,
            kept: ["2026-11-01T02:00:00Z", "2026-11-08T02:00:00Z", "2026-11-14T02:00:00Z"]),
        KeepRow(
            name: "monthly", rules: Retention(monthly: 2),
            days: ["2026-09-30T02:00:00Z", "2026-10-01T02:00:00Z", "2026-10-31T02:00:00Z", "2026-11-02T02:00:00Z"],
            kept: ["2026-10-31T02:00:00Z", "2026-11-02T02:00:00Z"]),
        KeepRow(
            name: "days are the zone's", rules: Retention(daily: 9),
            days: ["2026-11-01T22:30:00Z", "2026-11-01T23:30:00Z"],
            kept: ["2026-11-01T22:30:00Z", "2026-11-01T23:30:00Z"], zone: "Europe/Berlin"),
        KeepRow(
            name: "within counts from the newest point", rules: Retention(within: CalendarSpan(days: 3)),
            days: fortnight, kept: Array(fortnight.suffix(3))),
        KeepRow(
            name: "rules add up", rules: Retention(last: 1, monthly: 2),
            days: ["2026-10-05T02:00:00Z", "2026-11-13T02:00:00Z", "2026-11-14T02:00:00Z"],
            kept: ["2026-10-05T02:00:00Z", "2026-11-14T02:00:00Z"]),
    ]

    @Test(arguments: rows) func keeps(_ row: KeepRow) throws {
        for order in [row.days, row.days.reversed(), row.days.sorted { $0.hashValue < $1.hashValue }] {
            let points = order.map { moment($0) }.sorted(by: >)
            let verdicts = row.rules.verdicts(
                on: points.map { Dated(slot: $0, taken: $0) }, in: try zone(row.zone), now: RetentionTests.now)
            let kept = zip(points, verdicts).filter { $1.isKept }.map { $0.0.description }
            #expect(kept.sorted() == row.kept.sorted())
        }
    }

    @Test func moreRulesNeverKeepLess() throws {
        var generator = SplitMix64(seed: 20_261_121)
        for round in 0..<300 {
            // A point may bear an older slot than one taken before it: a catch-up, or a point that began late.
            let points = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                let taken = Moment(seconds: .random(in: 1_700_000_000...1_705_000_000, using: &generator))
                return Dated(slot: taken - .seconds(.random(in: 0...200_000, using: &generator)), taken: taken)
            }.sorted { $0.taken > $1.taken }
            let all =
                KeepRule.counted.map { KeepRule($0.division, .latest(.random(in: 1...9, using: &generator))) }
                + KeepRule.within.map { rule in
                    let span = CalendarSpan(
                        months: .random(in: 0...2, using: &generator), days: .random(in: 0...9, using: &generator),
                        seconds: .random(in: 0...90_000, using: &generator))
                    return KeepRule(rule.division, .within(span))
                }
            let more = all.filter { _ in Bool.random(using: &generator) }
            let few = more.filter { _ in Bool.random(using: &generator) }
            guard !few.isEmpty else { continue }
            let cap = Bool.random(using: &generator) ? CalendarSpan(days: 90) : nil
            let kept = { (rules: [KeepRule]) in
                Retention(rules, deleteAfter: cap).verdicts(on: points, in: .utc, now: moment("2024-03-01T00:00:00Z"))
                    .map(\.isKept)
            }
            #expect(
                zip(kept(few), kept(more)).allSatisfy { !$0 || $1 }, "seed 20261121, round \(round): \(few), \(more)")
        }
    }

    /// Catch-ups bear a slot older than that of points taken before them; the newest data of each hour counts all the same.
    @Test func slotsOutOfOrderTakeTheirOwnBuckets() {
        let points = ["2026-11-20T05:00:00Z", "2026-11-20T02:00:00Z", "2026-11-20T03:30:00Z", "2026-11-20T03:00:00Z"]
            .enumerated().map { Dated(slot: moment($1), taken: Moment(seconds: 1_800_000_000 - Int64($0))) }
        let verdicts = Retention(hourly: 9).verdicts(on: points, in: .utc, now: RetentionTests.now)
        #expect(verdicts.map(\.isKept) == [true, true, true, false])
    }

    @Test func reasonsSayWhichPlaceAPointTakes() throws {
        let points = RetentionTests.fortnight.reversed().map { Dated(slot: moment($0), taken: moment($0)) }
        let rules = Retention(
            [
                KeepRule(.point, .latest(1)), KeepRule(.daily, .latest(2)), KeepRule(.monthly, .latest(nil)),
                KeepRule(.weekly, .within(CalendarSpan(days: 8))),
            ])
        let verdicts = rules.verdicts(on: points, in: .utc, now: RetentionTests.now)
        #expect(
            verdicts.prefix(3).map { $0.reasons.map(\.description) } == [
                ["keep-last 1/1", "keep-daily 1/2", "keep-monthly 1/all", "keep-within-weekly 8d"], ["keep-daily 2/2"],
                [],
            ])
    }

    @Test func deleteAfterIsTheCap() throws {
        let points = RetentionTests.fortnight.reversed().map { Dated(slot: moment($0), taken: moment($0)) }
        let capped = Retention([], deleteAfter: CalendarSpan(days: 7))
        let verdicts = capped.verdicts(on: points, in: .utc, now: moment("2026-11-20T02:00:00Z"))
        #expect(verdicts.map(\.isKept) == [true, true] + Array(repeating: false, count: 12))
        #expect(verdicts.map(\.isOutlived) == verdicts.map { !$0.isKept })
    }

    static let now = moment("2026-11-20T00:00:00Z")
}

/// Points that restic 0.14 keeps of random times under random rules, in several zones.
@Suite struct ResticTests {
    struct Vectors: Decodable {
        struct TimeSet: Decodable {
            var id: Int
            var zone: String
            var times: [Int64]
            enum CodingKeys: String, CodingKey {
                case id, times
                case zone = "time-zone"
            }
        }
        struct Case: Decodable {
            var set: Int
            var rules: [String: Value]
            var kept: [Int64]
        }
        /// A count, `all`, or a span.
        enum Value: Decodable {
            case count(Int)
            case text(String)
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                self =
                    if let count = try? value.decode(Int.self) { .count(count) } else {
                        .text(try value.decode(String.self))
                    }
            }
        }
        var sets: [TimeSet]
        var cases: [Case]
    }

    @Test func keepsWhatResticKeeps() throws {
        let data = try VectorTests.fixture("Fixtures/retention-vectors.json")
        let vectors = try JSONDecoder().decode(Vectors.self, from: data)
        #expect(vectors.cases.count >= 300)
        var differences: [String] = []
        for one in vectors.cases {
            let set = try #require(vectors.sets.first { $0.id == one.set })
            let points = set.times.sorted(by: >).map { Dated(slot: Moment(seconds: $0), taken: Moment(seconds: $0)) }
            let rules = try one.rules.map { try ResticTests.rule($0, $1) }
            let verdicts = Retention(rules).verdicts(on: points, in: try zone(set.zone), now: RetentionTests.now)
            let kept = Set(zip(points, verdicts).filter { $1.isKept }.map(\.0.slot.seconds))
            let theirs = Set(one.kept)
            guard kept != theirs else { continue }
            let texts = rules.sorted().map(\.description).joined(separator: ", ")
            let ours = kept.subtracting(theirs).sorted().map { "+\(Moment(seconds: $0))" }
            #expect(theirs.isSubset(of: kept), "never fewer than restic: \(texts)")
            differences.append("set \(set.id) \(set.zone) | \(texts) | \(ours.joined(separator: " "))")
        }
        print("restic: \(vectors.cases.count) cases, \(differences.count) differ by design")
        let golden = String(decoding: try VectorTests.fixture("Golden/restic-differences.txt"), as: UTF8.self)
        let listed = golden.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
        #expect(differences == listed, "\(differences.joined(separator: "\n"))")
    }

    private static func rule(_ key: String, _ value: Vectors.Value) throws -> KeepRule {
        let known = try #require((KeepRule.counted + KeepRule.within).first { $0.key == key })
        switch (known.limit, value) {
        case (.latest, .count(let count)): return KeepRule(known.division, .latest(count))
        case (.latest, .text("all")): return KeepRule(known.division, .latest(nil))
        case (.within, .text(let text)): return KeepRule(known.division, .within(span(text)))
        default: throw ExpressionError(at: 0, key)
        }
    }

    /// restic's `1y5m7d2h`, in which `m` is months.
    private static func span(_ text: String) -> CalendarSpan {
        var span = CalendarSpan()
        var number = 0
        for character in text {
            if let digit = character.wholeNumberValue {
                number = number * 10 + digit
                continue
            }
            switch character {
            case "y": span.months += 12 * number
            case "m": span.months += number
            case "d": span.days += number
            default: span.seconds += 3600 * Int64(number)
            }
            number = 0
        }
        return span
    }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
