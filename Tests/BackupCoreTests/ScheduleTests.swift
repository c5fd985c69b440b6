import BackupCore
import Testing

/// One schedule, a start, and the slots that follow.
struct SlotRow: Sendable, CustomTestStringConvertible {
    var name: String
    var cron: String?
    var every: Int64?
    var zone: String
    var after: String
    var slots: [String]
    var testDescription: String { name }
}

@Suite struct ScheduleTests {
    static let rows: [SlotRow] = [
        SlotRow(
            name: "daily in UTC", cron: "0 2 * * *", zone: "UTC", after: "2026-11-20T02:00:00Z",
            slots: ["2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z"]),
        SlotRow(
            name: "a slot in the gap runs at the first valid moment after it", cron: "30 2 * * *",
            zone: "Europe/Berlin", after: "2026-03-28T12:00:00Z",
            slots: ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
        SlotRow(
            name: "a slot in the overlap runs once, the first time", cron: "30 2 * * *", zone: "Europe/Berlin",
            after: "2026-10-24T12:00:00Z", slots: ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        SlotRow(
            name: "hourly runs in real time through the gap", cron: "0 * * * *", zone: "Europe/Berlin",
            after: "2026-03-28T23:30:00Z",
            slots: ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]),
        SlotRow(
            name: "hourly runs in real time through the overlap", cron: "0 * * * *", zone: "Europe/Berlin",
            after: "2026-10-24T23:30:00Z",
            slots: ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"]),
        SlotRow(
            name: "every 6h means local wall times", every: 21_600, zone: "America/New_York",
            after: "2026-03-08T04:00:00Z",
            slots: ["2026-03-08T05:00:00Z", "2026-03-08T10:00:00Z", "2026-03-08T16:00:00Z", "2026-03-08T22:00:00Z"]),
        SlotRow(
            name: "every 24h is local midnight", every: 86_400, zone: "Europe/Berlin", after: "2026-10-24T00:00:00Z",
            slots: ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]),
        SlotRow(
            name: "every 15min in a zone of half hours", every: 900, zone: "Australia/Lord_Howe",
            after: "2026-04-04T14:50:00Z", slots: ["2026-04-04T15:00:00Z", "2026-04-04T15:15:00Z"]),
        SlotRow(
            name: "every 36h counts real time from Monday 1970-01-05", every: 129_600, zone: "UTC",
            after: "1970-01-05T00:00:00Z", slots: ["1970-01-06T12:00:00Z", "1970-01-08T00:00:00Z"]),
        SlotRow(
            name: "a day that never was", cron: "0 2 * * *", zone: "Pacific/Apia", after: "2011-12-29T13:00:00Z",
            slots: ["2011-12-30T10:00:00Z", "2011-12-30T12:00:00Z"]),
        SlotRow(
            name: "29 February", cron: "30 1 29 2 *", zone: "UTC", after: "2026-01-01T00:00:00Z",
            slots: ["2028-02-29T01:30:00Z", "2032-02-29T01:30:00Z"]),
        SlotRow(
            name: "day of month or day of week", cron: "0 0 13 * fri", zone: "UTC", after: "2026-11-12T12:00:00Z",
            slots: ["2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z", "2026-12-04T00:00:00Z"]),
        SlotRow(
            name: "7 is Sunday", cron: "0 0 * * 7", zone: "UTC", after: "2026-11-20T00:00:00Z",
            slots: ["2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"]),
        SlotRow(
            name: "steps and lists", cron: "*/20,5 8-9 * * *", zone: "UTC", after: "2026-11-20T08:05:00Z",
            slots: ["2026-11-20T08:20:00Z", "2026-11-20T08:40:00Z", "2026-11-20T09:00:00Z", "2026-11-20T09:05:00Z"]),
    ]

    @Test(arguments: rows) func slots(_ row: SlotRow) throws {
        let schedule =
            if let text = row.cron { try cron(text, row.zone) } else {
                try every("\(row.every ?? 0)s", seconds: row.every ?? 0, row.zone)
            }
        var cursor = moment(row.after)
        for expected in row.slots {
            let next = try #require(schedule.next(after: cursor))
            #expect(next.description == expected)
            cursor = next
        }
    }

    @Test(arguments: rows) func newestIsTheLastBefore(_ row: SlotRow) throws {
        let schedule =
            if let text = row.cron { try cron(text, row.zone) } else {
                try every("\(row.every ?? 0)s", seconds: row.every ?? 0, row.zone)
            }
        let last = moment(try #require(row.slots.last))
        #expect(schedule.newest(through: last, after: moment(row.after)) == last)
        #expect(schedule.newest(through: last + .seconds(1), after: last) == nil)
    }

    static let mistakes: [(text: String, position: Int, part: String)] = [
        ("0 2 * *", 0, "expected 5 fields"), ("60 2 * * *", 0, "minute: expected 0 to 59"),
        ("0 25 * * *", 2, "hour"), ("0 2 0 * *", 4, "day of month"), ("0 2 * foo *", 6, "month"),
        ("0 2 * * 8", 8, "day of week"), ("0 5-2 * * *", 2, "runs backwards"), ("*/0 * * * *", 2, "step"),
        ("0 2 30 2 *", 4, "there is no such day"), ("@daly", 0, "@daily"), ("0 1,x * * *", 4, "hour"),
    ]

    @Test(arguments: mistakes) func mistakeHasAPlace(text: String, position: Int, part: String) throws {
        let error = #expect(throws: ExpressionError.self) { try Expression.cron(text) }
        #expect(error?.position == position)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test func everyDayOfTwelveYearsHasExactlyOneDailySlot() throws {
        for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tehran"] {
            for expression in ["30 1 * * *", "30 2 * * *", "0 0 * * *", "59 23 * * *"] {
                let schedule = try cron(expression, name)
                var cursor = moment("2025-12-31T12:00:00Z")
                let days = 4383
                for _ in 0..<days { cursor = try #require(schedule.next(after: cursor)) }
                let elapsed = Double((cursor - moment("2025-12-31T12:00:00Z")).inSeconds) / 86_400
                #expect(abs(elapsed - Double(days)) < 1.2, "\(expression) \(name): \(elapsed) days")
            }
        }
    }
}

@Suite struct MomentTests {
    @Test(arguments: [
        ("2026-11-20T02:00:00Z", 1_795_140_000 as Int64), ("2026-11-20T02:00:00.987Z", 1_795_140_000),
        ("2026-11-20T03:00:00+01:00", 1_795_140_000), ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1),
    ])
    func reading(text: String, seconds: Int64) { #expect(Moment(rfc3339: text)?.seconds == seconds) }

    @Test(arguments: ["2026-02-30T00:00:00Z", "2026-11-20", "2026-11-20T24:00:00Z", "2026-11-20T02:00:00", "x"])
    func refusing(text: String) { #expect(Moment(rfc3339: text) == nil) }

    @Test func writingAndReadingAgree() {
        for day in stride(from: -30_000 as Int64, to: 60_000, by: 7) {
            let moment = Moment(seconds: day * 86_400 + 3661)
            #expect(Moment(rfc3339: moment.description) == moment)
            #expect(Moment(compact: moment.compact) == moment)
        }
    }
}
