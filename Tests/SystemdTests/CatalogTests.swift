import BackupCore
import Glibc
import Testing

/// The journal catalog explains every kind of event, and no other.
@Suite struct CatalogTests {
    @Test func everyKindHasOneEntryWithASubjectAndAText() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let file = try #require(fopen(root + "/packaging/snapwarden.catalog", "re"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let text = String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
        var entries: [String: [Substring]] = [:]
        var current: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.hasPrefix("#") {
            if line.hasPrefix("-- ") {
                let id = String(line.dropFirst(3))
                #expect(entries[id] == nil, "\(id) stands twice")
                entries[id] = []
                current = id
            } else if let current {
                entries[current]?.append(line)
            }
        }
        #expect(Set(entries.keys) == Set(EventKind.allCases.map(\.messageID)))
        for (id, lines) in entries {
            #expect(lines.first?.hasPrefix("Subject: ") == true, "\(id)")
            #expect(lines.drop { !$0.isEmpty }.contains { !$0.isEmpty }, "\(id) explains nothing")
        }
    }
}
