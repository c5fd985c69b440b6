/// CreateDiskSnapshot: one block storage disk, attached or not.
///
/// No idempotency token: the name is the key. Source: Lightsail API reference, CreateDiskSnapshot.
package struct CreateDiskSnapshotRequest: Codable, Sendable, Equatable {
    /// Excludes `instanceName`.
    package var diskName: String?
    package var diskSnapshotName: String
    /// An instance whose system disk is meant; excludes `diskName`.
    package var instanceName: String?
    package var tags: [LightsailTag]?

    package init(
        diskSnapshotName: String, diskName: String? = nil, instanceName: String? = nil, tags: [LightsailTag]? = nil
    ) {
        self.diskSnapshotName = diskSnapshotName
        self.diskName = diskName
        self.instanceName = instanceName
        self.tags = tags
    }

    /// What the API would refuse in this request; nil if nothing.
    package var fault: String? { LightsailResourceName.fault("diskSnapshotName", diskSnapshotName) }
}

/// One page of GetDisks.
package struct GetDisksReply: Codable, Sendable, Equatable {
    package var disks: [LightsailDisk]?
    package var nextPageToken: String?

    package init(disks: [LightsailDisk]?, nextPageToken: String? = nil) {
        self.disks = disks
        self.nextPageToken = nextPageToken
    }
}

/// A request that names one disk snapshot: GetDiskSnapshot, DeleteDiskSnapshot.
package struct DiskSnapshotNameRequest: Codable, Sendable, Equatable {
    package var diskSnapshotName: String
    package init(diskSnapshotName: String) { self.diskSnapshotName = diskSnapshotName }
}

/// GetDiskSnapshot's answer.
package struct GetDiskSnapshotReply: Codable, Sendable, Equatable {
    package var diskSnapshot: LightsailDiskSnapshot?
    package init(diskSnapshot: LightsailDiskSnapshot?) { self.diskSnapshot = diskSnapshot }
}

/// One page of GetDiskSnapshots, which knows no filter.
package struct GetDiskSnapshotsReply: Codable, Sendable, Equatable {
    package var diskSnapshots: [LightsailDiskSnapshot]?
    package var nextPageToken: String?

    package init(diskSnapshots: [LightsailDiskSnapshot]?, nextPageToken: String? = nil) {
        self.diskSnapshots = diskSnapshots
        self.nextPageToken = nextPageToken
    }
}

/// A disk snapshot; a copy's record does not say what it was copied from.
package struct LightsailDiskSnapshot: Codable, Sendable, Equatable {
    package var name: String
    package var arn: String?
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var tags: [LightsailTag]?
    package var sizeInGb: Int?
    /// `pending`, `completed`, `error` or `unknown`: other words than an instance snapshot's.
    package var state: String?
    package var progress: String?
    package var fromDiskName: String?
    package var fromDiskArn: String?
    /// Of a system disk: its instance.
    package var fromInstanceName: String?
    package var fromInstanceArn: String?
    package var isFromAutoSnapshot: Bool?

    package init(name: String) { self.name = name }
}
