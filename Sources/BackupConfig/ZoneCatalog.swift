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
