import AWS
package import BackupCore

/// A ledger that is kept in memory and lost with the process.
package actor MemoryHistory: History {
    private var memory = Memory()

    package init() {}

    package func recall() async throws(HistoryError) -> Memory { memory }

    package func record(_ changes: [Change]) async throws(HistoryError) {
        for change in changes { memory.apply(change) }
    }
}

/// Pauses that are set by a test or a simulation.
package final class MemoryPauses: Pauses {
    private let pauses = Guarded<[PolicyName: Pause]>([:])

    package init() {}

    package func current() throws(HistoryError) -> [PolicyName: Pause] { pauses.withLock { $0 } }
    package func set(_ pause: Pause?, of policy: PolicyName) { pauses.withLock { $0[policy] = pause } }
}
