package import BackupCore
import Glibc

/// The system's zone database: Debian's tzdata, so that its updates reach the daemon.
package struct ZoneCatalog: Sendable {
    private let folder: String

    package init(folder: String = "/usr/share/zoneinfo") { self.folder = folder }

    /// The zone of that name; nil if there is none.
    ///
    /// `UTC` needs no file.
    package func zone(_ name: String) -> Zone? {
        if name == "UTC" { return .utc }
        guard !name.isEmpty, !name.hasPrefix("/"), !name.contains(".."), let bytes = bytes(folder + "/" + name) else {
            return nil
        }
        return Zone(name: name, bytes: bytes)
    }

    /// ` (did you mean "Europe/Berlin"?)`, or nothing where no name is near.
    package func hint(for name: String) -> String { Suggestion.text(for: name, among: names) }

    /// What changes when a zone's file is replaced.
    struct Stamp: Equatable {
        var inode: UInt64
        var modified: Int64
        var nanoseconds: Int64
        var size: Int64
    }

    func stamp(_ name: String) -> Stamp? {
        var status = stat()
        guard fstatat(AT_FDCWD, folder + "/" + name, &status, 0) == 0 else { return nil }
        return Stamp(
            inode: UInt64(status.st_ino), modified: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec), size: Int64(status.st_size))
    }

    /// Every zone's name, for suggestions.
    package var names: [String] { ["UTC"] + names(in: "") }

    private func names(in prefix: String) -> [String] {
        guard let directory = opendir(folder + "/" + prefix) else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.first?.isUppercase == true, !name.contains(".") else { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) {
                found += names(in: prefix + name + "/")
            } else {
                found.append(prefix + name)
            }
        }
        return found
    }

    private func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return ferror(file) == 0 ? Array(bytes[..<count]) : nil
    }
}
