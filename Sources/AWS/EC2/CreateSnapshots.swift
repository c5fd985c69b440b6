/// CreateSnapshots: crash-consistent snapshots of an instance's volumes, all of one moment.
///
/// There is no idempotency token. Source: EC2 API reference, CreateSnapshots.
package struct CreateSnapshotsRequest: Codable, Sendable, Equatable {
    package var description: String?
    package var instanceSpecification: InstanceSpecification
    /// The Outpost on which the snapshots are kept; only for instances on that Outpost.
    package var outpostArn: String?
    package var tagSpecifications: [TagSpecification]?
    /// Checks the permission only: `DryRunOperation` is the good answer.
    package var dryRun: Bool?
    /// `volume`: the snapshots also get their volume's tags.
    package var copyTagsFromSource: String?
    /// `regional` or `local`; only for instances in a Local Zone.
    package var location: String?

    package init(
        description: String? = nil, instanceSpecification: InstanceSpecification, outpostArn: String? = nil,
        tagSpecifications: [TagSpecification]? = nil, dryRun: Bool? = nil, copyTagsFromSource: String? = nil,
        location: String? = nil
    ) {
        self.description = description
        self.instanceSpecification = instanceSpecification
        self.outpostArn = outpostArn
        self.tagSpecifications = tagSpecifications
        self.dryRun = dryRun
        self.copyTagsFromSource = copyTagsFromSource
        self.location = location
    }

    enum CodingKeys: String, CodingKey {
        case description, instanceSpecification, outpostArn
        case tagSpecifications = "TagSpecification"
        case dryRun, copyTagsFromSource, location
    }
}

/// The instance, and which of its volumes are left out (40 data volumes at most, never the root's id there).
package struct InstanceSpecification: Codable, Sendable, Equatable {
    package var instanceId: String
    package var excludeBootVolume: Bool?
    package var excludeDataVolumeIds: [String]?

    package init(instanceId: String, excludeBootVolume: Bool? = nil, excludeDataVolumeIds: [String]? = nil) {
        self.instanceId = instanceId
        self.excludeBootVolume = excludeBootVolume
        self.excludeDataVolumeIds = excludeDataVolumeIds
    }

    enum CodingKeys: String, CodingKey {
        case instanceId, excludeBootVolume
        case excludeDataVolumeIds = "ExcludeDataVolumeId"
    }
}

/// The snapshots that were started, one for each volume.
package struct CreateSnapshotsReply: Codable, Sendable, Equatable {
    package var snapshots: [SnapshotInfo]

    package init(snapshots: [SnapshotInfo]) { self.snapshots = snapshots }

    enum CodingKeys: String, CodingKey {
        case snapshots = "snapshotSet"
    }
}

/// A snapshot as CreateSnapshots reports it: the state stands in `state` here, in `status` in DescribeSnapshots.
package struct SnapshotInfo: Codable, Sendable, Equatable {
    package var description: String?
    package var tags: [EC2Tag]?
    package var encrypted: Bool?
    package var volumeId: String?
    package var state: String?
    package var volumeSize: Int?
    package var startTime: ISOTime?
    package var progress: String?
    package var ownerId: String?
    package var snapshotId: String
    package var outpostArn: String?
    package var sseType: String?
    package var availabilityZone: String?

    package init(snapshotId: String) { self.snapshotId = snapshotId }

    enum CodingKeys: String, CodingKey {
        case description
        case tags = "tagSet"
        case encrypted, volumeId, state, volumeSize, startTime, progress, ownerId, snapshotId, outpostArn, sseType
        case availabilityZone
    }
}
