package import BackupCore
@preconcurrency import Dispatch
import Glibc

/// The memory of an installation, in SQLite, on a queue of its own: a slow disk does not stop the ticks.
///
/// `@unchecked Sendable`: the file is used on `queue` alone.
package final class Ledger: History, @unchecked Sendable {
    private let queue = DispatchQueue(label: "snapwarden.ledger")
    private let file: LedgerFile
    private let lock: DirectoryLock?

    private init(_ file: LedgerFile, lock: DirectoryLock?) {
        self.file = file
        self.lock = lock
    }

    /// The ledger of a state directory, which is locked until the ledger is released.
    ///
    /// A disk in trouble keeps nobody from starting: it is opened again when it is needed. A damaged ledger is set aside
    /// under a name with the time, which `onSetAside` is told, and a fresh one begun.
    ///
    /// - Throws: ``StateDirectoryInUse``, or ``LedgerError`` if the directory is not there or may not be written, or if the ledger
    ///   is of a newer program.
    package static func open(
        directory: String, onSetAside: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> Ledger {
        let lock = try DirectoryLock(directory)
        let file = LedgerFile(path: directory + "/" + fileName, onSetAside: onSetAside)
        do throws(LedgerError) {
            try file.use { _ throws(LedgerError) in }
        } catch {
            guard error.isDiskTrouble else { throw error }
        }
        return Ledger(file, lock: lock)
    }

    /// What the ledger of a state directory remembers, without a lock, and nothing created; nil if there is none that can be
    /// read.
    package static func recall(fromDirectory directory: String) -> Memory? {
        let path = directory + "/" + fileName
        guard access(path, R_OK) == 0, let connection = try? Connection(path: path, readOnly: true) else { return nil }
        return try? MemoryRows(connection).read()
    }

    static let fileName = "ledger.sqlite"

    package func recall() async throws(HistoryError) -> Memory {
        try await onQueue { connection throws(LedgerError) in try MemoryRows(connection).read() }
    }

    package func record(_ changes: [Change]) async throws(HistoryError) {
        guard !changes.isEmpty else { return }
        try await onQueue { connection throws(LedgerError) in try Ledger.write(changes, connection) }
    }

    /// The same for a caller that can wait: a simulation, whose clock stands still meanwhile.
    package func recordAtOnce(_ changes: [Change]) throws(HistoryError) {
        let result = queue.sync { () -> Result<Void, LedgerError> in
            Result { () throws(LedgerError) in
                try file.use { connection throws(LedgerError) in try Ledger.write(changes, connection) }
            }
        }
        if case .failure(let error) = result { throw HistoryError(error.description) }
    }

    /// Once all that was to be recorded is: the file is whole then, without a log beside it.
    package func close() async {
        await withCheckedContinuation { continuation in
            let file = QueueBound(file)
            queue.async {
                file.value.close()
                continuation.resume()
            }
        }
    }

    private static func write(_ changes: [Change], _ connection: Connection) throws(LedgerError) {
        try connection.transaction { () throws(LedgerError) in
            for change in changes { try ChangeRows(connection).write(change) }
        }
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(LedgerError) -> Value
    ) async throws(HistoryError) -> Value {
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            // Not `self`: whoever lets go of the ledger wants its lock released at once. The box is opened on the queue alone.
            let file = QueueBound(file)
            queue.async {
                do throws(LedgerError) {
                    continuation.resume(returning: .success(try file.value.use(body)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw HistoryError(error.description)
        }
    }
}

/// The file on its way to the queue.
///
/// `@unchecked Sendable`: what it holds is used on the ledger's queue alone.
private struct QueueBound: @unchecked Sendable {
    let value: LedgerFile
    init(_ value: LedgerFile) { self.value = value }
}
