import BackupCore
import Testing

/// The notations beside cron, each read as the people who know them expect.
@Suite struct NotationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var notation: Expression.Notation
        var text: String
        var after: String
        var slots: [String]
        init(_ notation: Expression.Notation, _ text: String, after: String, _ slots: [String]) {
            self.notation = notation
            self.text = text
            self.after = after
            self.slots = slots
        }
        var testDescription: String { text }
    }

    /// Times in UTC, without their "Z" and with a blank for the "T".
    static let rows = [
        Row(.aws, "cron(0 2 * * ? *)", after: "2026-11-20 02:00", ["2026-11-21 02:00", "2026-11-22 02:00"]),
        Row(.aws, "cron(15 10 ? * 6L 2026-2027)", after: "2026-11-01 00:00", ["2026-11-27 10:15", "2026-12-25 10:15"]),
        Row(.aws, "cron(0 0 L * ? *)", after: "2026-02-01 00:00", ["2026-02-28 00:00", "2026-03-31 00:00"]),
        Row(.aws, "cron(0 0 L-3 * ? *)", after: "2026-02-01 00:00", ["2026-02-25 00:00", "2026-03-28 00:00"]),
        // 1 August 2026 is a Saturday, and the working day nearest to it within the month is Monday the 3rd.
        Row(.aws, "cron(0 8 1W * ? *)", after: "2026-07-02 00:00", ["2026-08-03 08:00", "2026-09-01 08:00"]),
        // 15 November 2026 is a Sunday, 15 August a Saturday.
        Row(.aws, "cron(0 8 15W 8,11 ? *)", after: "2026-08-01 00:00", ["2026-08-14 08:00", "2026-11-16 08:00"]),
        // 31 October 2026 is a Saturday.
        Row(.aws, "cron(0 8 LW * ? *)", after: "2026-10-02 00:00", ["2026-10-30 08:00", "2026-11-30 08:00"]),
        Row(.aws, "cron(0 8 ? * 3#2 *)", after: "2026-11-01 00:00", ["2026-11-10 08:00", "2026-12-08 08:00"]),
        Row(.aws, "cron(0 8 ? * TUE#5 *)", after: "2026-11-01 00:00", ["2026-12-29 08:00", "2027-03-30 08:00"]),
        Row(.aws, "cron(0 8 ? * 1 *)", after: "2026-11-20 00:00", ["2026-11-22 08:00"]),
        Row(.aws, "cron(0 8 ? * L *)", after: "2026-11-20 00:00", ["2026-11-21 08:00", "2026-11-28 08:00"]),
        Row(
            .aws, "cron(0/20 8-9 ? JAN MON-FRI 2027)", after: "2026-11-20 00:00",
            ["2027-01-01 08:00", "2027-01-01 08:20"]),
        Row(.aws, "cron(0 2 29 2 ? *)", after: "2026-11-20 00:00", ["2028-02-29 02:00", "2032-02-29 02:00"]),
        Row(.aws, "cron(0 2 1 1 ? 2027)", after: "2026-11-20 00:00", ["2027-01-01 02:00"]),
        Row(.aws, "rate(12 hours)", after: "2026-11-20 00:00", ["2026-11-20 12:00", "2026-11-21 00:00"]),
        Row(.aws, "rate(1 day)", after: "2026-11-20 00:00", ["2026-11-21 00:00"]),
        Row(.calendar, "daily", after: "2026-11-20 00:00", ["2026-11-21 00:00"]),
        Row(.calendar, "quarterly", after: "2026-11-20 00:00", ["2027-01-01 00:00", "2027-04-01 00:00"]),
        Row(.calendar, "*-*~1 03:00", after: "2026-02-01 00:00", ["2026-02-28 03:00", "2026-03-31 03:00"]),
        Row(.calendar, "Mon..Fri 2/6:30", after: "2026-11-20 19:00", ["2026-11-20 20:30", "2026-11-23 02:30"]),
        Row(.calendar, "*-*-* 02:00:30", after: "2026-11-20 02:00", ["2026-11-20 02:00:30"]),
        Row(.at, "02:00 14:00", after: "2026-11-20 02:00", ["2026-11-20 14:00", "2026-11-21 02:00"]),
        Row(
            .at, "14:00 02:00:05 on mon thu", after: "2026-11-20 00:00",
            ["2026-11-23 02:00:05", "2026-11-23 14:00", "2026-11-26 02:00:05"]),
        Row(.every, "6h", after: "2026-11-20 00:00", ["2026-11-20 06:00"]),
    ]

    static func read(_ notation: Expression.Notation, _ text: String) throws -> Expression {
        switch notation {
        case .cron: return try .cron(text)
        case .aws: return try .aws(text)
        case .calendar: return try Expression.calendar(text).expression
        case .every: return try .every(text, period: .seconds((Int64(text.dropLast()) ?? 0) * 3600))
        case .at:
            let words = text.split(separator: " ").map(String.init)
            let days = words.firstIndex(of: "on")
            return try .at(
                Array(words[..<(days ?? words.count)]),
                on: try days.map { try words[($0 + 1)...].reduce(into: []) { $0.formUnion(try WeekdayNames.days($1)) } }
            )
        }
    }

    @Test(arguments: rows) func slots(_ row: Row) throws {
        let schedule = Schedule(try NotationTests.read(row.notation, row.text), zone: .utc)
        var cursor = NotationTests.short(row.after)
        for expected in row.slots.map(NotationTests.short) {
            #expect(schedule.next(after: cursor) == expected)
            #expect(schedule.newest(through: expected, after: cursor) == expected)
            cursor = expected
        }
    }

    static func short(_ text: String) -> Moment {
        moment(text.replacing(" ", with: "T") + (text.count == 16 ? ":00Z" : "Z"))
    }

    @Test func anExpressionMayEnd() throws {
        let schedule = Schedule(try .aws("cron(0 2 1 1 ? 2027)"), zone: .utc)
        #expect(schedule.next(after: moment("2027-01-01T02:00:00Z")) == nil)
        #expect(
            schedule.newest(through: moment("2040-01-01T00:00:00Z"), after: .longAgo) == moment("2027-01-01T02:00:00Z"))
    }

    static let mistakes: [(notation: Expression.Notation, text: String, position: Int, part: String)] = [
        (.aws, "0 2 * * ? *", 0, "expected cron("), (.aws, "cron(0 2 * * ?)", 5, "expected 6 fields"),
        (.aws, "cron(0 2 * * ? *", 16, "expected \")\""), (.aws, "cron(0 2 * * ? *) ", 17, "expected \")\""),
        (.aws, "cron(0 2 * * * *)", 9, "must be \"?\""), (.aws, "cron(0 2 ? * ? *)", 9, "must be \"?\""),
        (.aws, "cron(0 24 * * ? *)", 7, "hour: expected 0 to 23"), (.aws, "cron(0 2 32W * ? *)", 9, "day of month"),
        (.aws, "cron(0 2 ? * 0 *)", 13, "day of week"), (.aws, "cron(0 2 ? * 3#6 *)", 15, "which of the month"),
        (.aws, "cron(0 2 ? * 8L *)", 13, "day of week"), (.aws, "cron(0 2 L-31 * ? *)", 11, "days before the last"),
        (.aws, "cron(0 2 30 2 ? *)", 9, "there is no such day"), (.aws, "cron(0 2 1 1 ? 1960)", 15, "year"),
        (.aws, "rate(5 weeks)", 5, "minutes, hours or days"), (.aws, "rate(0 days)", 5, "1 or more"),
        (.calendar, "*-13-01", 2, "month"), (.calendar, "Mon..Foo", 5, "weekday"), (.calendar, "25:00", 0, "hour"),
        (.calendar, "02:00:00.5", 8, "fractions of a second"), (.calendar, "Sun..Sat", 0, "backwards"),
        (.calendar, "*-02-30", 0, "no such day"), (.calendar, "*-*-* 02:00 x y", 11, "expected the end"),
        (.calendar, "", 0, ""),
        (.at, "2", 1, "time of day"), (.at, "24:00", 0, "time of day"), (.at, "02:60", 2, "time of day"),
    ]

    @Test(arguments: mistakes)
    func mistakeHasAPlace(notation: Expression.Notation, text: String, position: Int, part: String) throws {
        do {
            _ = try NotationTests.read(notation, text)
            Issue.record("\(text) is accepted")
        } catch let error as ExpressionError {
            #expect(error.position == position && error.message.contains(part), "\(error)")
        } catch let error as Expression.AtError {
            #expect(error.error.position == position && error.error.message.contains(part), "\(error)")
        }
    }

    @Test func ofSeveralTimesTheWrongOneIsNamed() {
        let error = #expect(throws: Expression.AtError.self) { try Expression.at(["02:00", "14:0x"], on: nil) }
        #expect(error?.index == 1 && error?.error.position == 4)
    }
}

/// Zone files that are not to be trusted; the first two stopped the program when a fuzzer thought of them.
@Suite struct ZoneFileTests {
    /// A version 2 file of one type, with transitions to it.
    static func bytes(offset: Int32 = 3600, times: [Int64] = [], footer: String) -> [UInt8] {
        func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            withUnsafeBytes(of: number.bigEndian, Array.init)
        }
        func header(times: Int) -> [UInt8] {
            Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
                + [0, 0, 0, Int32(times), 1, 4].flatMap(big)
        }
        let type = big(offset) + [0, 0]
        return header(times: 0) + type + Array("ABC\0".utf8) + header(times: times.count) + times.flatMap(big)
            + [UInt8](repeating: 0, count: times.count) + type + Array("ABC\0\n\(footer)\n".utf8)
    }

    @Test(arguments: [
        ("an hour number without end", bytes(footer: "<+05>-5:45Array" + String(repeating: "3", count: 40))),
        ("an offset of many years", bytes(offset: .max, footer: "")),
        ("a rule with an offset of a week", bytes(footer: "ABC-167")),
        ("a transition at the end of time", bytes(times: [.max], footer: "")),
        ("transitions in disorder", bytes(times: [2, 1], footer: "")),
        ("a rule that ends early", bytes(footer: "CET-1CEST,M3.5.0")),
        ("nothing", []), ("cut short", Array(bytes(footer: "ABC-1").dropLast(9))),
    ])
    func refused(name: String, bytes: [UInt8]) { #expect(Zone(name: name, bytes: bytes) == nil) }

    @Test func acceptedFromBeforeTheUniverse() throws {
        let bytes = ZoneFileTests.bytes(times: [-(1 << 59)], footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        let zone = try #require(Zone(name: "Central", bytes: bytes))
        #expect(zone.local(moment("2026-07-01T00:00:00Z")).secondOfDay == 7200)
        #expect(zone.local(moment("2026-12-01T00:00:00Z")).secondOfDay == 3600)
    }
}
