import BackupCore
import Glibc

/// A small text file of one fact a line, replaced as a whole under a lock of its own.
struct LineFile {
    let path: String
    /// The daemon, which runs as a user of its own, reads what root writes.
    var mode: UInt32 = 0o644

    /// Its lines with their numbers from 1; none where there is no file.
    func lines() throws(HistoryError) -> [(number: Int, text: Substring)] {
        guard let file = fopen(path, "re") else {
            if errno == ENOENT { return [] }
            throw trouble("cannot read \(path)")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes += chunk[..<count]
            if count < chunk.count { break }
        }
        if ferror(file) != 0 { throw trouble("cannot read \(path)") }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").enumerated().map { ($0 + 1, $1) }
    }

    /// Runs `change` while nobody else changes the file, and writes the lines it returns, durably.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; then nothing changed.
    func replace(with change: () throws(HistoryError) -> [String]) throws(HistoryError) {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            let hint = errno == ENOENT ? ": there is no such folder yet, the daemon makes it at its first start" : ""
            throw trouble("cannot lock \(path).lock\(hint)")
        }
        defer { close(lock) }
        let text = try change().map { $0 + "\n" }.joined()
        try WholeFile.write(text, to: path, mode: mode, isDurable: true)
    }

    /// What is said of a line that cannot be understood.
    func mistake(_ line: (number: Int, text: Substring), expected: String) -> HistoryError {
        HistoryError("\(path):\(line.number): expected \(expected), got \"\(line.text)\": mend or remove the file")
    }

    private func trouble(_ what: String) -> HistoryError {
        HistoryError("\(what): \(String(cString: strerror(errno)))")
    }
}
