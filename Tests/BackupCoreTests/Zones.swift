import BackupCore
import Glibc
import Testing

/// A zone of the system's database.
func zone(_ name: String) throws -> Zone {
    if name == "UTC" { return .utc }
    let file = try #require(fopen("/usr/share/zoneinfo/" + name, "re"), "tzdata is not installed")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return try #require(Zone(name: name, bytes: Array(bytes[..<count])), "\(name) cannot be read")
}

/// A moment as RFC 3339 writes it.
func moment(_ text: String) -> Moment {
    guard let moment = Moment(rfc3339: text) else {
        Issue.record("not a time: \(text)")
        return Moment(seconds: 0)
    }
    return moment
}

func cron(_ text: String, _ zoneName: String) throws -> Schedule {
    Schedule(try .cron(text), zone: try zone(zoneName))
}

func every(_ text: String, seconds: Int64, _ zoneName: String) throws -> Schedule {
    Schedule(try .every(text, period: .seconds(seconds)), zone: try zone(zoneName))
}
