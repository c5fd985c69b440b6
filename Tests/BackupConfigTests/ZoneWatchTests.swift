import BackupConfig
import BackupCore
import Glibc
import Testing

/// The zone database is updated by a package manager, under a daemon that runs on.
@Suite struct ZoneWatchTests {
    @Test func replacedFileChangesTheMomentsOfTheSameConfig() throws {
        let folder = try ZoneFolder()
        try folder.put("Europe/Berlin", as: "Test")
        let config = try folder.configuration()
        let watch = ZoneWatch(config, catalog: folder.catalog)
        #expect(watch.renewed(config) == nil, "nothing happened")

        try folder.put("Europe/Berlin", as: "Test")
        #expect(watch.renewed(config) == nil, "the same rules in a new file")

        try folder.put("Asia/Tokyo", as: "Test")
        let renewed = try #require(watch.renewed(config))
        let noon = Moment(seconds: 1_795_176_000)
        #expect(config.policies[0].nextSlot(after: noon)?.description == "2026-11-21T01:00:00Z")
        #expect(renewed.policies[0].nextSlot(after: noon)?.description == "2026-11-20T17:00:00Z")
        #expect(watch.renewed(renewed) == nil, "said once")
    }

    @Test func fileThatIsGoneOrCutShortChangesNothing() throws {
        let folder = try ZoneFolder()
        try folder.put("Europe/Berlin", as: "Test")
        let config = try folder.configuration()
        let watch = ZoneWatch(config, catalog: folder.catalog)
        try folder.write(Array("TZif2".utf8), as: "Test")
        #expect(watch.renewed(config) == nil)
        unlink(folder.path + "/Test")
        #expect(watch.renewed(config) == nil)
        try folder.put("Asia/Tokyo", as: "Test")
        #expect(watch.renewed(config) != nil, "and what comes then is seen")
    }
}

/// A zone database of one file, which is removed in the end.
private final class ZoneFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/snapwarden-zones-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in ["Test", "new"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var catalog: ZoneCatalog { ZoneCatalog(folder: path) }

    /// Replaces a zone's file by that of a zone of the system's, as a package manager does.
    func put(_ systemZone: String, as name: String) throws {
        let file = try #require(fopen("/usr/share/zoneinfo/" + systemZone, "re"), "tzdata is not installed")
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        try write(Array(bytes[..<count]), as: name)
    }

    func write(_ bytes: [UInt8], as name: String) throws {
        let file = try #require(fopen(path + "/new", "we"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count && fclose(file) == 0)
        #expect(rename(path + "/new", "\(path)/\(name)") == 0)
    }

    func configuration() throws -> Configuration {
        let text = ConfigurationTests.minimal.replacing(
            "{ every: 6h }", with: "{ cron: \"0 2 * * *\", time-zone: Test }")
        return try #require(ConfigurationFile.read(text, file: "c.yaml", zones: catalog).configuration)
    }
}
