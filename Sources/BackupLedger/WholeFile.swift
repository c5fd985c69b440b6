package import BackupCore
import Glibc

/// Files that are replaced as a whole: a reader sees the old text or the new one, never half of one.
package enum WholeFile {
    /// Writes beside the file and has that take its place, with those rights, whatever the umask.
    ///
    /// `isDurable` waits until the disk has it.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; what was there stays.
    package static func write(_ text: String, to path: String, mode: UInt32, isDurable: Bool) throws(HistoryError) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw trouble("write", draft) }
        let bytes = Array(text.utf8)
        let isWritten =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fchmod(descriptor, mode) == 0
            && (!isDurable || fsync(descriptor) == 0)
        let error = errno
        close(descriptor)
        guard isWritten else {
            unlink(draft)
            errno = error
            throw trouble("write", draft)
        }
        guard rename(draft, path) == 0 else { throw trouble("replace", path) }
    }

    private static func trouble(_ verb: String, _ path: String) -> HistoryError {
        let error = errno
        let isForbidden = error == EROFS || error == EACCES
        let hint = isForbidden ? "; a drop-in lets the service write elsewhere, as in its example metrics.conf" : ""
        return HistoryError("cannot \(verb) \(path): \(String(cString: strerror(error)))\(hint)")
    }
}
