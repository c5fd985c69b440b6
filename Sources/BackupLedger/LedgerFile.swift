import BackupCore
import Glibc

/// The ledger's file, opened when it is first needed and again after each trouble with it.
///
/// A disk that was full or failing may be well again a minute later, and a connection that met an error may not notice. For
/// one queue.
final class LedgerFile {
    let path: String
    /// Told where a damaged ledger was moved.
    private let onSetAside: @Sendable (String) -> Void
    private var connection: Connection?
    private var hasBeenOpen = false
    private var isDamaged = false

    init(path: String, onSetAside: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.onSetAside = onSetAside
    }

    /// Hands the connection to `body`.
    ///
    /// - Throws: ``LedgerError`` of `body`, or if the file cannot be opened, or if what was open before is lost: a fresh one is
    ///   used the next time.
    func use<Value>(_ body: (Connection) throws(LedgerError) -> Value) throws(LedgerError) -> Value {
        let open = try opened()
        do throws(LedgerError) {
            return try body(open)
        } catch {
            connection = nil
            // Not all damage shows when it is opened.
            isDamaged = error.isDamage
            throw error
        }
    }

    /// Carries the log over into the file, and removes it; opened again if it is used.
    func close() { connection = nil }

    private func opened() throws(LedgerError) -> Connection {
        if let connection { return connection }
        let isFirst = !hasBeenOpen
        do throws(LedgerError) {
            if isDamaged { throw LedgerError(code: 11, message: "it is damaged") }
            connection = try LedgerFile.prepared(path)
        } catch  where error.isDamage {
            let aside = try LedgerFile.moveAside(path)
            isDamaged = false
            onSetAside(aside)
            connection = try LedgerFile.prepared(path)
            hasBeenOpen = true
            // Who goes on with a fresh one must know, to write into it what only the old one had.
            if !isFirst { throw LedgerError(code: error.code, message: "it was damaged, and is kept as \(aside)") }
        }
        hasBeenOpen = true
        guard let connection else { throw LedgerError(code: 21, message: "\(path) is not open") }
        return connection
    }

    private static func prepared(_ path: String) throws(LedgerError) -> Connection {
        let mask = umask(0o077)
        defer { umask(mask) }
        let connection = try Connection(path: path, readOnly: false)
        try connection.execute("PRAGMA journal_mode=WAL")
        try connection.execute("PRAGMA synchronous=FULL")
        try connection.execute("PRAGMA foreign_keys=ON")
        var verdict = "no answer"
        try connection.run("PRAGMA integrity_check(1)") { row throws(LedgerError) in verdict = row.text(0) }
        if verdict != "ok" { throw LedgerError(code: 11, message: verdict) }
        try Migrations.run(on: connection)
        return connection
    }

    private static func moveAside(_ path: String) throws(LedgerError) -> String {
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
}
