import BackupCore

/// What many lives came to.
struct LifeTally: CustomStringConvertible {
    private(set) var lives = 0
    private(set) var days: Int64 = 0
    private(set) var passes = 0
    private(set) var taken = 0
    private(set) var copied = 0
    private(set) var pruned = 0
    private(set) var debris = 0
    private(set) var failedRemoved = 0
    private(set) var disturbances: [String: Int] = [:]
    private(set) var withheld = WithheldTally()
    /// The first thing wrong in each life in which something was.
    private(set) var failures: [String] = []

    mutating func add(_ history: RandomHistory) {
        lives += 1
        days += (history.clock.truth - history.begin).inSeconds / 86_400
        passes += history.passes
        taken += history.cloud.taken
        copied += history.cloud.copied
        pruned += history.watch.pruned.count
        debris += history.watch.debrisRemoved
        failedRemoved += history.watch.failedRemoved
        disturbances.merge(history.disturbances, uniquingKeysWith: +)
        withheld.add(history.tally)
        if let first = history.violations.first { failures.append("seed \(history.seed): \(first)") }
    }

    mutating func add(_ other: LifeTally) {
        lives += other.lives
        days += other.days
        passes += other.passes
        taken += other.taken
        copied += other.copied
        pruned += other.pruned
        debris += other.debris
        failedRemoved += other.failedRemoved
        disturbances.merge(other.disturbances, uniquingKeysWith: +)
        withheld.add(other.withheld)
        failures += other.failures
    }

    var description: String {
        let reasons = WithheldTally.all.map { reason in
            let counts = (withheld.withheld[reason] ?? 0, withheld.lifted[reason] ?? 0)
            return "\(reason): withheld \(counts.0) points, of which \(counts.1) were deleted later"
        }
        let events = disturbances.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return """
            \(lives) histories, \(days) days, \(passes) passes: \(taken) members taken, \(copied) copied, \
            \(pruned) points deleted (\(debris) of them debris), failed members of \(failedRemoved) points removed, \
            \(failures.count) histories failed
            \(events.joined(separator: ", "))
            \(reasons.joined(separator: "\n"))
            """
    }
}
