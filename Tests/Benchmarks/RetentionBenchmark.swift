import BackupCore

/// What deciding costs for every point there is, beside sorting the same points.
struct RetentionBenchmark {
    private let rules = Retention(
        KeepRule.counted.map { KeepRule($0.division, .latest(20)) }
            + KeepRule.within.map { KeepRule($0.division, .within(CalendarSpan(days: 10))) },
        deleteAfter: CalendarSpan(months: 120), atLeast: 3)

    func run() throws {
        print("retention, all twelve rules, delete-after and a floor; resources of 1,000 points each:")
        for resources in [10, 100, 1000] {
            let points = (0..<resources).map { resource in
                (0..<1000).map { hour in
                    let slot = Moment(seconds: 1_795_140_000 - Int64(hour) * 3600)
                    return Dated(slot: slot, taken: slot + .seconds(resource % 60))
                }
            }
            let count = resources * 1000
            let zone = try ScheduleBenchmark().zone("Europe/Berlin")
            var kept = 0
            let deciding = nanoseconds(calls: count, rounds: 3) {
                let verdicts = points.map { rules.verdicts(on: $0, in: zone, now: Moment(seconds: 1_795_140_000)) }
                kept = verdicts.map { $0.count { $0.isKept } }.reduce(0, +)
            }
            let shuffled = points.flatMap { $0 }.shuffled()
            let sorting = nanoseconds(calls: count, rounds: 3) { use(shuffled.sorted { $0.taken > $1.taken }) }
            print(
                "  \(count) points: \(number(deciding)) ns each, \(number(deciding * Double(count) / 1e9)) s in all, "
                    + "\(number(deciding / sorting)) times sorting them; \(kept) kept")
        }
        print("  most memory so far: \(peakMebibytes()) MiB")
    }
}
