package import BackupCore
import Glibc

/// What people paused, in a small file of its own beside the ledger: it can be written while a daemon holds the ledger.
///
/// One line for each policy that was ever paused: its name, since when, and until when (`-` while nobody resumed it).
package struct PauseFile: Pauses {
    private let directory: String
    private var path: String { directory + "/pauses" }

    package init(directory: String) { self.directory = directory }

    package func current() throws(HistoryError) -> [PolicyName: Pause] {
        guard let file = fopen(path, "re") else {
            if errno == ENOENT { return [:] }
            throw trouble("cannot read \(path)")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        if ferror(file) != 0 { throw trouble("cannot read \(path)") }
        var pauses: [PolicyName: Pause] = [:]
        for (index, line) in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").enumerated() {
            let words = line.split(separator: " ")
            let until = words.count == 3 && words[2] != "-" ? Moment(rfc3339: words[2]) : nil
            guard words.count == 3, let since = Moment(rfc3339: words[1]), words[2] == "-" || until != nil else {
                throw HistoryError(
                    "\(path):\(index + 1): expected a policy and two times, got \"\(line)\": mend or remove the file")
            }
            pauses[PolicyName(words[0])] = Pause(since: since, until: until)
        }
        return pauses
    }

    /// Changes the pause of one policy, durably: the file is replaced as a whole.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; then nothing changed.
    package func change(_ policy: PolicyName, _ change: (Pause?) -> Pause?) throws(HistoryError) {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw trouble("cannot lock \(path).lock") }
        defer { close(lock) }
        var pauses = try current()
        pauses[policy] = change(pauses[policy])
        let lines = pauses.sorted { $0.key < $1.key }.map { name, pause in
            "\(name) \(pause.since) \(pause.until?.description ?? "-")\n"
        }
        try replace(with: Array(lines.joined().utf8))
    }

    private func replace(with bytes: [UInt8]) throws(HistoryError) {
        let draft = path + ".new"
        // The daemon, which runs as a user of its own, reads what root writes.
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw trouble("cannot write \(draft)") }
        let isWritten = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(draft, path) == 0 else { throw trouble("cannot write \(path)") }
    }

    private func trouble(_ what: String) -> HistoryError {
        HistoryError("\(what): \(String(cString: strerror(errno)))")
    }
}
