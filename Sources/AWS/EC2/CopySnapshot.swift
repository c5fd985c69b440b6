/// CopySnapshot: sent to the destination region; user tags do not come along.
///
/// There is no idempotency token. Source: EC2 API reference, CopySnapshot.
package struct CopySnapshotRequest: Codable, Sendable, Equatable {
    package var sourceRegion: String
    package var sourceSnapshotId: String
    package var description: String?
    package var destinationOutpostArn: String?
    package var destinationRegion: String?
    /// Cannot be false: an encrypted source stays encrypted.
    package var encrypted: Bool?
    package var kmsKeyId: String?
    /// The same call signed for the source region; the Query API asks for it when the source is encrypted.
    package var presignedUrl: String?
    package var tagSpecifications: [TagSpecification]?
    package var completionDurationMinutes: Int?
    package var destinationAvailabilityZone: String?
    package var dryRun: Bool?

    package init(sourceRegion: String, sourceSnapshotId: String) {
        self.sourceRegion = sourceRegion
        self.sourceSnapshotId = sourceSnapshotId
    }

    enum CodingKeys: String, CodingKey {
        case sourceRegion, sourceSnapshotId, description, destinationOutpostArn, destinationRegion, encrypted
        case kmsKeyId, presignedUrl
        case tagSpecifications = "TagSpecification"
        case completionDurationMinutes, destinationAvailabilityZone, dryRun
    }
}

/// The copy's id; whether it succeeds, only DescribeSnapshots tells, later.
package struct CopySnapshotReply: Codable, Sendable, Equatable {
    package var snapshotId: String
    package var tags: [EC2Tag]?

    package init(snapshotId: String, tags: [EC2Tag]? = nil) {
        self.snapshotId = snapshotId
        self.tags = tags
    }

    enum CodingKeys: String, CodingKey {
        case snapshotId
        case tags = "tagSet"
    }
}

/// DeleteSnapshot: repeating it gives `InvalidSnapshot.NotFound`, which is success.
package struct DeleteSnapshotRequest: Codable, Sendable, Equatable {
    package var snapshotId: String
    package var dryRun: Bool?

    package init(snapshotId: String, dryRun: Bool? = nil) {
        self.snapshotId = snapshotId
        self.dryRun = dryRun
    }
}
