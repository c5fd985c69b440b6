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

/// Instructions that are given by a test or a simulation.
package final class MemoryInstructions: Instructions {
    private let given = Guarded<([PolicyName: Pause], [PointID: Moment])>(([:], [:]))

    package init() {}

    package func pauses() throws(HistoryError) -> [PolicyName: Pause] { given.withLock { $0.0 } }
    package func approvals() throws(HistoryError) -> [PointID: Moment] { given.withLock { $0.1 } }
    package func pause(_ policy: PolicyName, _ pause: Pause?) { given.withLock { $0.0[policy] = pause } }
    package func approve(_ points: [PointID], until: Moment) {
        given.withLock { given in for point in points { given.1[point] = until } }
    }
}
