import BackupCore
import Simulation

/// A ledger in memory with whose last record the machine may die, or whose disk is in trouble for a while.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class FailingHistory: History, @unchecked Sendable {
    private let memory = MemoryHistory()
    /// So many more records are written; nil for as many as there are.
    var recordsLeft: Int?
    /// Nothing can be read or written.
    var isInTrouble = false
    /// The trouble begins as such a call is about to be made.
    var troubleBeginsWith: Intent.Verb?
    private(set) var hasDied = false

    func recall() async throws(HistoryError) -> Memory {
        try checkDisk()
        return try await memory.recall()
    }

    /// The machine runs again.
    func revive() { (recordsLeft, hasDied) = (nil, false) }

    func record(_ changes: [Change]) async throws(HistoryError) {
        if let left = recordsLeft {
            hasDied = hasDied || left == 0
            guard !hasDied else { throw HistoryError("the machine died") }
            recordsLeft = left - 1
        }
        for case .began(let intent) in changes where intent.key.verb == troubleBeginsWith { isInTrouble = true }
        try checkDisk()
        try await memory.record(changes)
    }

    private func checkDisk() throws(HistoryError) {
        if isInTrouble { throw HistoryError("disk I/O error") }
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
