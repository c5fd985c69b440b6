package import BackupCore
import CSystemd
import Glibc

/// Events as native journal entries.
package struct Journal: EventSink {
    package init() {}

    package func emit(_ event: Event) {
        // One flat buffer, and a vector into it: the pointers are valid only inside the closure.
        let fields = JournalEntry(event).fields.map { Array($0.utf8) }
        var flat = fields.flatMap { $0 }
        flat.withUnsafeMutableBytes { buffer in
            guard var address = buffer.baseAddress else { return }
            let vector = fields.map { field in
                defer { address += field.count }
                return iovec(iov_base: address, iov_len: field.count)
            }
            // Nothing better can be done with a failure to log than to go on.
            _ = sd_journal_sendv(vector, Int32(vector.count))
        }
    }

    /// Whether standard error leads to the journal (systemd.exec(5), `$JOURNAL_STREAM`).
    ///
    /// `sd_journal_sendv` reports success where there is no journald, so that asking it is no test.
    package static func isStandardError(_ environment: [String: String]) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}
