/// How long things take in a world, in seconds, and how it pages.
package struct Timings: Codable, Sendable, Equatable {
    /// From a snapshot's start until it is complete.
    package var snapshotSeconds: Int64 = 60
    /// The same for a copy.
    package var copySeconds: Int64 = 120
    /// From the call that makes an instance, a disk or a database until it can be used.
    package var instanceSeconds: Int64 = 30
    /// Until new snapshots and tags are shown: AWS's eventual consistency.
    package var visibleAfter: Int64 = 0
    /// Items on a page of Lightsail, which takes no page size from its callers.
    package var lightsailPageSize = 10

    package init() {}

    enum CodingKeys: String, CodingKey {
        case snapshotSeconds = "snapshot-seconds"
        case copySeconds = "copy-seconds"
        case instanceSeconds = "instance-seconds"
        case visibleAfter = "visible-after"
        case lightsailPageSize = "lightsail-page-size"
    }

    /// Reads those that are given; the others keep their defaults.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        snapshotSeconds = try values.decodeIfPresent(Int64.self, forKey: .snapshotSeconds) ?? snapshotSeconds
        copySeconds = try values.decodeIfPresent(Int64.self, forKey: .copySeconds) ?? copySeconds
        instanceSeconds = try values.decodeIfPresent(Int64.self, forKey: .instanceSeconds) ?? instanceSeconds
        visibleAfter = try values.decodeIfPresent(Int64.self, forKey: .visibleAfter) ?? visibleAfter
        lightsailPageSize = try values.decodeIfPresent(Int.self, forKey: .lightsailPageSize) ?? lightsailPageSize
    }
}
