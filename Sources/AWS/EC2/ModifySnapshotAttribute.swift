/// ModifySnapshotAttribute: says which other accounts may make volumes and copies from a snapshot.
///
/// Repeating it changes nothing. A snapshot under an AWS managed key is refused. Source: EC2 API reference,
/// ModifySnapshotAttribute; EBS User Guide, "Share an Amazon EBS snapshot".
package struct ModifySnapshotAttributeRequest: Codable, Sendable, Equatable {
    package enum Change: String, Codable, Sendable {
        case add
        case remove
    }

    package var snapshotId: String
    package var attribute: String
    package var operationType: Change
    /// Accounts, by their twelve digits.
    package var userIds: [String]
    package var dryRun: Bool?

    package init(snapshotId: String, _ change: Change, accounts: [String], dryRun: Bool? = nil) {
        self.snapshotId = snapshotId
        attribute = "createVolumePermission"
        operationType = change
        userIds = accounts
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case snapshotId, attribute, operationType
        case userIds = "UserId"
        case dryRun
    }
}
