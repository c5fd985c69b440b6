import Glibc

/// The lock of a state directory: held by flock(2), so that it goes with its process, however that ends.
final class DirectoryLock {
    private let descriptor: Int32

    /// Takes it; nil where the disk lets none be taken, so that the daemon can go on without.
    ///
    /// - Throws: ``StateDirectoryInUse`` if another process holds it, or ``LedgerError`` if the directory is not there or may
    ///   not be written.
    init?(_ directory: String) throws {
        let path = directory + "/lock"
        var descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0, DirectoryLock.diskTroubles.contains(errno) {
            // A lock file of earlier days is as good for locking if it can but be read.
            descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
        }
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

    /// Read-only, full, over quota, failing.
    private static let diskTroubles = [EROFS, ENOSPC, EDQUOT, EIO]
}
