package import BackupCore
@preconcurrency import Dispatch
import Glibc

/// The memory of an installation, in SQLite, on a queue of its own: a slow disk does not stop the ticks.
///
/// `@unchecked Sendable`: the connection is used on `queue` alone.
package final class Ledger: History, @unchecked Sendable {
    private let queue = DispatchQueue(label: "snapwarden.ledger")
    private let connection: Connection
    private let lock: DirectoryLock?
    /// Where a damaged ledger was moved, if one was found at start.
    package let setAside: String?

    private init(_ connection: Connection, lock: DirectoryLock?, setAside: String?) {
        self.connection = connection
        self.lock = lock
        self.setAside = setAside
    }

    /// Opens the ledger of a state directory for writing, and holds the directory's lock until it is released.
    ///
    /// A damaged ledger is set aside under a name with the time, and a fresh one begun.
    ///
    /// - Throws: ``StateDirectoryInUse``, or ``LedgerError``.
    package static func open(directory: String) throws -> Ledger {
        let lock = try DirectoryLock(directory)
        let path = directory + "/" + fileName
        do {
            return Ledger(try prepared(path), lock: lock, setAside: nil)
        } catch  where error.isDamage {
            let aside = try moveAside(path)
            return Ledger(try prepared(path), lock: lock, setAside: aside)
        }
    }

    /// The ledger as it is, for reading only: no lock, nothing created; nil if there is none that can be read.
    package static func openReadOnly(directory: String) -> Ledger? {
        let path = directory + "/" + fileName
        guard access(path, R_OK) == 0, let connection = try? Connection(path: path, readOnly: true) else { return nil }
        return Ledger(connection, lock: nil, setAside: nil)
    }

    static let fileName = "ledger.sqlite"

    private static func prepared(_ path: String) throws(LedgerError) -> Connection {
        let mask = umask(0o077)
        defer { umask(mask) }
        let connection = try Connection(path: path, readOnly: false)
        try connection.execute("PRAGMA journal_mode=WAL")
        try connection.execute("PRAGMA synchronous=FULL")
        try connection.execute("PRAGMA foreign_keys=ON")
        var verdict = "no answer"
        try connection.run("PRAGMA quick_check(1)") { row throws(LedgerError) in verdict = row.text(0) }
        if verdict != "ok" { throw LedgerError(code: 11, message: verdict) }
        try Migrations.run(on: connection)
        return connection
    }

    private static func moveAside(_ path: String) throws -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let aside = path + ".damaged-" + Moment(seconds: Int64(time.tv_sec)).compact
        for suffix in ["", "-wal", "-shm"] where access(path + suffix, F_OK) == 0 {
            guard rename(path + suffix, aside + suffix) == 0 else {
                throw LedgerError(
                    code: 14,
                    message: "\(path) is damaged, and cannot be moved aside: \(String(cString: strerror(errno)))")
            }
        }
        return aside
    }

    package func recall() async throws(HistoryError) -> Memory {
        try await onQueue { connection throws(LedgerError) in try MemoryRows(connection).read() }
    }

    package func record(_ changes: [Change]) async throws(HistoryError) {
        guard !changes.isEmpty else { return }
        try await onQueue { connection throws(LedgerError) in
            try connection.transaction { () throws(LedgerError) in
                for change in changes { try ChangeRows(connection).write(change) }
            }
        }
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws(LedgerError) -> Value
    ) async throws(HistoryError) -> Value {
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            // Not `self`: whoever lets go of the ledger wants its lock released at once.
            queue.async { [connection] in
                do throws(LedgerError) {
                    continuation.resume(returning: .success(try body(connection)))
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

/// The lock of a state directory: held by flock(2), so that it goes with its process, however that ends.
final class DirectoryLock {
    private let descriptor: Int32

    init(_ directory: String) throws {
        let path = directory + "/lock"
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError(code: 14, message: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var text = [UInt8](repeating: 0, count: 32)
            let count = max(0, read(descriptor, &text, text.count))
            close(descriptor)
            let pid = Int(String(decoding: text[..<count], as: UTF8.self).filter(\.isNumber))
            throw StateDirectoryInUse(directory: directory, pid: pid)
        }
        let text = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = write(descriptor, text, text.utf8.count)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
