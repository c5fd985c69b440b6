import CSQLite

/// One SQLite connection, for one queue: opened without SQLite's own locks because that queue already serialises.
///
/// Source: sqlite.org/threadsafe.html, "multi-thread".
///
/// `@unchecked Sendable`: handed over to the ledger's queue, and used there alone.
final class Connection: @unchecked Sendable {
    private let pointer: OpaquePointer
    private var statements: [String: Statement] = [:]

    init(path: String, readOnly: Bool) throws(LedgerError) {
        var pointer: OpaquePointer?
        let mode = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(path, &pointer, mode | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let pointer else {
            sqlite3_close_v2(pointer)
            throw LedgerError(code: code, message: "cannot open \(path): \(String(cString: sqlite3_errstr(code)))")
        }
        self.pointer = pointer
        sqlite3_extended_result_codes(pointer, 1)
        sqlite3_busy_timeout(pointer, 5000)
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(pointer)
    }

    /// Runs SQL without parameters, one statement or several.
    func execute(_ sql: String) throws(LedgerError) {
        let code = sqlite3_exec(pointer, sql, nil, nil, nil)
        if code != SQLITE_OK { throw error(code, sql) }
    }

    /// Runs one statement and hands each row to `row`.
    func run(
        _ sql: String, _ values: [SQLValue] = [],
        row: (Statement) throws(LedgerError) -> Void = { _ throws(LedgerError) in }
    ) throws(LedgerError) {
        let statement = try statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() {
            let code = statement.bind(value, at: Int32(index + 1))
            if code != SQLITE_OK { throw error(code, sql) }
        }
        while true {
            switch statement.step() {
            case SQLITE_ROW: try row(statement)
            case SQLITE_DONE: return
            case let code: throw error(code, sql)
            }
        }
    }

    /// All or nothing.
    func transaction(_ body: () throws(LedgerError) -> Void) throws(LedgerError) {
        try execute("BEGIN IMMEDIATE")
        do {
            try body()
            try execute("COMMIT")
        } catch {
            // A rollback that fails leaves nothing to undo: SQLite has rolled back by itself.
            try? execute("ROLLBACK")
            throw error
        }
    }

    private func statement(_ sql: String) throws(LedgerError) -> Statement {
        if let known = statements[sql] { return known }
        var raw: OpaquePointer?
        let code = sqlite3_prepare_v3(pointer, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &raw, nil)
        guard code == SQLITE_OK, let raw else { throw error(code, sql) }
        let statement = Statement(raw)
        statements[sql] = statement
        return statement
    }

    private func error(_ code: Int32, _ sql: String) -> LedgerError {
        LedgerError(
            code: sqlite3_extended_errcode(pointer), message: String(cString: sqlite3_errmsg(pointer)), sql: sql)
    }
}
