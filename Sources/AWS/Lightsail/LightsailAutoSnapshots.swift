/// GetAutoSnapshots: the automatic snapshots, at most seven, of an instance or a disk.
///
/// They bear no names and no tags, and are gone with their resource. Source: Lightsail API reference, GetAutoSnapshots.
package struct GetAutoSnapshotsRequest: Codable, Sendable, Equatable {
    package var resourceName: String
    package init(resourceName: String) { self.resourceName = resourceName }
}

/// GetAutoSnapshots' answer, which is not paged.
package struct GetAutoSnapshotsReply: Codable, Sendable, Equatable {
    package var resourceName: String?
    /// `Instance` or `Disk`.
    package var resourceType: String?
    package var autoSnapshots: [LightsailAutoSnapshot]?

    package init(resourceName: String?, resourceType: String?, autoSnapshots: [LightsailAutoSnapshot]?) {
        self.resourceName = resourceName
        self.resourceType = resourceType
        self.autoSnapshots = autoSnapshots
    }
}

/// The automatic snapshot of a day.
package struct LightsailAutoSnapshot: Codable, Sendable, Equatable {
    package struct Disk: Codable, Sendable, Equatable {
        package var path: String?
        package var sizeInGb: Int?
        package init(path: String?, sizeInGb: Int?) {
            self.path = path
            self.sizeInGb = sizeInGb
        }
    }

    /// `2026-11-20`; it names the snapshot.
    package var date: String?
    package var createdAt: EpochTime?
    /// `Success`, `Failed`, `InProgress` or `NotFound`.
    package var status: String?
    /// The disks that were attached to an instance.
    package var fromAttachedDisks: [Disk]?

    package init(date: String?, createdAt: EpochTime?, status: String?, fromAttachedDisks: [Disk]? = nil) {
        self.date = date
        self.createdAt = createdAt
        self.status = status
        self.fromAttachedDisks = fromAttachedDisks
    }
}
