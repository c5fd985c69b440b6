import BackupCore
import Simulation

/// A ledger in memory whose disk fails after a while, as if the machine had died there.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class FailingHistory: History, @unchecked Sendable {
    private let memory = MemoryHistory()
    /// So many more records are written; nil for as many as there are.
    var recordsLeft: Int?

    func recall() async throws(HistoryError) -> Memory { try await memory.recall() }

    func record(_ changes: [Change]) async throws(HistoryError) {
        if let left = recordsLeft {
            guard left > 0 else { throw HistoryError("the machine died") }
            recordsLeft = left - 1
        }
        try await memory.record(changes)
    }
}

/// What people paused and approved, which cannot be read at times.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ModelInstructions: Instructions, @unchecked Sendable {
    var paused: [PolicyName: Pause] = [:]
    var approved: [PointID: Moment] = [:]
    var areReadable = true

    func pauses() throws(HistoryError) -> [PolicyName: Pause] { try readable(paused) }
    func approvals() throws(HistoryError) -> [PointID: Moment] { try readable(approved) }

    private func readable<Value>(_ value: Value) throws(HistoryError) -> Value {
        guard areReadable else { throw HistoryError("the file is damaged") }
        return value
    }
}
