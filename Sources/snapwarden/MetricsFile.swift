import BackupCore
import BackupDaemon
import Glibc

/// A file beside which the next one is written before it takes its place, so that a reader never sees half of one.
struct MetricsFile: MetricsSink {
    func write(_ text: String, to path: String) throws(HistoryError) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw trouble("open", draft) }
        let bytes = Array(text.utf8)
        // Whoever collects them is another user; the service's umask would hide them.
        let isWritten =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fchmod(descriptor, 0o644) == 0
        let error = errno
        close(descriptor)
        guard isWritten else {
            unlink(draft)
            errno = error
            throw trouble("write", draft)
        }
        guard rename(draft, path) == 0 else { throw trouble("replace", path) }
    }

    private func trouble(_ verb: String, _ path: String) -> HistoryError {
        let error = errno
        let isForbidden = error == EROFS || error == EACCES
        let hint = isForbidden ? "; a drop-in lets the service write there, as in its example metrics.conf" : ""
        return HistoryError("cannot \(verb) \(path): \(String(cString: strerror(error)))\(hint)")
    }
}
