import Glibc
import Testing

@testable import BackupCore

/// Every zone of the system's database, at every change of its clocks from 2020 to 2037.
@Suite struct ClockChangeTests {
    @Test func aDailySlotRunsOnceADayThroughEveryChange() throws {
        var gaps = 0
        var overlaps = 0
        for name in try zoneNames() {
            let zone = try zone(name)
            for change in zone.changes(from: moment("2020-01-01T00:00:00Z"), to: moment("2038-01-01T00:00:00Z")) {
                let size = change.offset - change.offsetBefore
                guard size != 0 else { continue }
                // The wall time in the middle of what is skipped, or of what comes twice.
                let middle = change.start + (size > 0 ? change.offsetBefore : change.offset) + abs(size) / 2
                try check(zone, middle, change, size)
                if size > 0 { gaps += 1 } else { overlaps += 1 }
            }
        }
        print("\(gaps) gaps and \(overlaps) overlaps")
        #expect(gaps > 2000 && overlaps > 2000)
    }

    private func check(_ zone: Zone, _ wall: Wall, _ change: Zone.Segment, _ size: Int64) throws {
        let time = CivilTime(wall: wall)
        let minute = time.secondOfDay / 60 * 60
        let expressions = [
            try Expression.at([time.clock], on: nil), try Expression.calendar(time.clock).expression,
            try Expression.cron("\(time.minute) \(time.hour) * * *"),
            try Expression.aws("cron(\(time.minute) \(time.hour) * * ? *)"),
        ]
        for expression in expressions {
            let schedule = Schedule(expression, zone: zone)
            let exact =
                wall
                - (expression.notation == .cron || expression.notation == .aws
                    ? Int64(time.secondOfDay - minute) : 0)
            // From twelve hours after the slot three days before to twelve hours after the one three days later.
            let begin = zone.moment(ofWall: exact - 3 * 86_400 + 43_200)
            let end = zone.moment(ofWall: exact + 3 * 86_400 + 43_200)
            var slots: [Moment] = []
            var cursor = begin
            while let slot = schedule.next(after: cursor), slot <= end {
                slots.append(slot)
                cursor = slot
            }
            let place = "\(zone.name) \(expression.text) at \(Moment(seconds: change.start))"
            #expect(slots.count == 6, "\(place): \(slots)")
            let wanted = size > 0 ? change.start : exact - change.offsetBefore
            #expect(slots.contains(Moment(seconds: wanted)), "\(place): \(slots)")
            #expect(zip(slots, slots.dropFirst()).allSatisfy { $1 - $0 > .seconds(20 * 3600) }, "\(place): \(slots)")
            for slot in slots { #expect(schedule.newest(through: slot, after: slot - .seconds(1)) == slot, "\(place)") }
        }
    }

    /// Going forth and going back meet, for expressions of every notation, from random moments.
    @Test(arguments: [1, 2, 3] as [UInt64]) func newestAndNextAgree(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let names = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
        let expressions = [
            try Expression.cron("*/7 1-3 * * *"), try .cron("0 0 13 * fri"), try .cron("30 * * * *"),
            try .aws("cron(15 2 L * ? *)"), try .aws("cron(0 12 ? * 6#3 *)"), try .aws("cron(0 3 15W * ? *)"),
            try .calendar("Mon..Fri *-*~07/1 02:30:15").expression, try .calendar("*:0/20").expression,
            try .every("6h", period: .seconds(21_600)), try .every("36h", period: .seconds(129_600)),
            try .every("15min", period: .seconds(900)), try .at(["02:30", "23:59:59"], on: [0, 3]),
        ]
        for name in names {
            let zone = try zone(name)
            for expression in expressions {
                let schedule = Schedule(expression, zone: zone)
                for _ in 0..<40 {
                    let moment = Moment(seconds: .random(in: 1_700_000_000...2_100_000_000, using: &generator))
                    let next = try #require(schedule.next(after: moment))
                    #expect(next > moment)
                    #expect(schedule.newest(through: next, after: .longAgo) == next)
                    let newest = try #require(schedule.newest(through: moment, after: .longAgo))
                    #expect(newest <= moment)
                    #expect(schedule.next(after: newest) == next, "\(expression.text) \(name) \(moment) seed \(seed)")
                    #expect(schedule.newest(through: next - .seconds(1), after: .longAgo) == newest)
                }
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct Generator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Zone {
    /// The stretches that begin in that time.
    fileprivate func changes(from: Moment, to: Moment) -> [Segment] {
        var changes: [Segment] = []
        var segment = segment(at: from)
        while segment.end < to.seconds {
            segment = self.segment(at: Moment(seconds: segment.end))
            changes.append(segment)
        }
        return changes
    }
}

/// Every zone that the system's database holds.
private func zoneNames(_ folder: String = "") throws -> [String] {
    let root = "/usr/share/zoneinfo/"
    let directory = try #require(opendir(root + folder), "tzdata is not installed")
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard name.first?.isUppercase == true, !name.contains(".") else { continue }
        let isFolder = entry.pointee.d_type == UInt8(DT_DIR)
        names += isFolder ? try zoneNames(folder + name + "/") : [folder + name]
    }
    return names.sorted()
}
