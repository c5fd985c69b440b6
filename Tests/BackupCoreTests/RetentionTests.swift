import BackupCore
import Testing

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
            name: "within counts from the newest point", rules: Retention(within: CalendarSpan(seconds: 3 * 86_400)),
            days: fortnight, kept: Array(fortnight.suffix(3))),
        KeepRow(
            name: "rules add up", rules: Retention(last: 1, monthly: 2),
            days: ["2026-10-05T02:00:00Z", "2026-11-13T02:00:00Z", "2026-11-14T02:00:00Z"],
            kept: ["2026-10-05T02:00:00Z", "2026-11-14T02:00:00Z"]),
    ]

    @Test(arguments: rows) func keeps(_ row: KeepRow) throws {
        for order in [row.days, row.days.reversed(), row.days.sorted { $0.hashValue < $1.hashValue }] {
            let reasons = row.rules.reasons(
                keeping: try order.map { try point($0) }, in: try zone(row.zone), now: moment("2026-11-20T00:00:00Z"))
            #expect(reasons.filter { !$0.value.isEmpty }.map(\.key.rawValue).sorted() == row.kept.sorted())
        }
    }

    @Test func moreRulesNeverKeepLess() throws {
        var generator = SplitMix64(seed: 20_261_121)
        for round in 0..<300 {
            let points = try (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                try point(Moment(seconds: .random(in: 1_700_000_000...1_795_000_000, using: &generator)).description)
            }
            let few = Retention(
                last: .random(in: 1...5, using: &generator), daily: .random(in: 1...9, using: &generator))
            var more = few
            more.weekly = .random(in: 1...9, using: &generator)
            more.monthly = .random(in: 1...9, using: &generator)
            let now = moment("2026-12-01T00:00:00Z")
            let kept = { (rules: Retention) in
                Set(rules.reasons(keeping: points, in: .utc, now: now).filter { !$0.value.isEmpty }.map(\.key))
            }
            #expect(kept(few).isSubset(of: kept(more)), "seed 20261121, round \(round)")
        }
    }

    private func point(_ time: String) throws -> RecoveryPoint {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        var point = scene.points[0]
        point.slot = moment(time)
        point.taken = moment(time)
        point.set = SetID(time)
        return point
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
