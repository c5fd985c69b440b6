/// CreateSnapshot: one volume by itself, attached or not.
///
/// There is no idempotency token, and no way to ask for the volume's tags. The reply is the snapshot. Source: EC2 API
/// reference, CreateSnapshot.
package struct CreateSnapshotRequest: Codable, Sendable, Equatable {
    package var description: String?
    /// The Outpost on which the snapshot is kept; only for volumes on that Outpost.
    package var outpostArn: String?
    package var volumeId: String
    package var tagSpecifications: [TagSpecification]?
    /// `regional` or `local`; only for volumes in a Local Zone.
    package var location: String?
    /// Checks the permission only: `DryRunOperation` is the good answer.
    package var dryRun: Bool?

    package init(
        volumeId: String, description: String? = nil, outpostArn: String? = nil,
        tagSpecifications: [TagSpecification]? = nil, location: String? = nil, dryRun: Bool? = nil
    ) {
        self.volumeId = volumeId
        self.description = description
        self.outpostArn = outpostArn
        self.tagSpecifications = tagSpecifications
        self.location = location
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case description, outpostArn, volumeId
        case tagSpecifications = "TagSpecification"
        case location, dryRun
    }
}
