/// SQLite said no.
///
/// The SQL is shown, bound values never are.
package struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The extended result code (sqlite.org/rescode.html).
    package var code: Int32
    package var message: String
    package var sql: String?

    package var description: String {
        "SQLite error \(code): \(message)" + (sql.map { " - while executing: \($0)" } ?? "")
    }

    /// The file is not a database, or its pages contradict each other.
    var isDamage: Bool { code & 0xFF == 11 || code & 0xFF == 26 }

    /// It may be well again without anybody's doing: out of memory, read-only, an I/O error, a full disk, files that cannot be
    /// opened, or a damaged file that could not be moved aside for one of these.
    var isDiskTrouble: Bool { isDamage || [7, 8, 10, 13, 14].contains(code & 0xFF) }
}

/// Another process holds the lock.
package struct StateDirectoryInUse: Error, Sendable, Equatable, CustomStringConvertible {
    package var directory: String
    package var pid: Int?

    package var description: String {
        let holder = pid.map { "process \($0)" } ?? "another process"
        return "\(directory) is in use by \(holder): stop it first, or give another --state-dir"
    }
}
