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
