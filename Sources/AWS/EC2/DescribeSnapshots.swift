/// DescribeSnapshots: pages of up to 1,000; a page may be short or empty and still not the last.
///
/// Source: EC2 API reference, DescribeSnapshots; `MaxResults` does not go together with `SnapshotIds`.
package struct DescribeSnapshotsRequest: Codable, Sendable, Equatable {
    package var ownerIds: [String]?
    package var snapshotIds: [String]?
    /// Accounts that may make volumes and copies from them; of one's own snapshots any account can be asked for.
    package var restorableByUserIds: [String]?
    package var filters: [EC2Filter]?
    package var maxResults: Int?
    package var nextToken: String?
    package var dryRun: Bool?

    package init(
        ownerIds: [String]? = nil, snapshotIds: [String]? = nil, filters: [EC2Filter]? = nil, maxResults: Int? = nil,
        nextToken: String? = nil
    ) {
        self.ownerIds = ownerIds
        self.snapshotIds = snapshotIds
        self.filters = filters
        self.maxResults = maxResults
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case ownerIds = "Owner"
        case snapshotIds = "SnapshotId"
        case restorableByUserIds = "RestorableBy"
        case filters = "Filter"
        case maxResults, nextToken, dryRun
    }
}

/// One page.
package struct DescribeSnapshotsReply: Codable, Sendable, Equatable {
    package var snapshots: [EC2Snapshot]
    package var nextToken: String?

    package init(snapshots: [EC2Snapshot], nextToken: String? = nil) {
        self.snapshots = snapshots
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case snapshots = "snapshotSet"
        case nextToken
    }
}

/// A snapshot as DescribeSnapshots reports it.
package struct EC2Snapshot: Codable, Sendable, Equatable {
    package var snapshotId: String
    /// Arbitrary (`vol-ffffffff`) for a copy.
    package var volumeId: String?
    /// `pending`, `completed`, `error`, `recoverable`, `recovering`; on the wire `status`.
    package var state: String
    package var stateMessage: String?
    package var startTime: ISOTime
    package var progress: String?
    package var ownerId: String?
    package var description: String?
    package var volumeSize: Int?
    package var encrypted: Bool?
    package var kmsKeyId: String?
    package var storageTier: String?
    package var tags: [EC2Tag]?
    package var completionTime: ISOTime?
    package var outpostArn: String?
    package var availabilityZone: String?
    package var transferType: String?
    package var completionDurationMinutes: Int?
    package var fullSnapshotSizeInBytes: Int?

    package init(snapshotId: String, state: String, startTime: ISOTime) {
        self.snapshotId = snapshotId
        self.state = state
        self.startTime = startTime
    }

    enum CodingKeys: String, CodingKey {
        case snapshotId, volumeId
        case state = "status"
        case stateMessage = "statusMessage"
        case startTime, progress, ownerId, description, volumeSize, encrypted, kmsKeyId, storageTier
        case tags = "tagSet"
        case completionTime, outpostArn, availabilityZone, transferType, completionDurationMinutes
        case fullSnapshotSizeInBytes
    }
}
