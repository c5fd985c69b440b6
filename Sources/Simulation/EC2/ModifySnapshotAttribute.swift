package import AWS
package import BackupCore

extension World {
    /// Shares a snapshot with other accounts, or takes that back.
    ///
    /// Source: EBS User Guide, "Share an Amazon EBS snapshot": not under the account's default key; AWS documents no code for
    /// that, so that this is EC2's general one for what cannot be done.
    package mutating func modifySnapshotAttribute(
        _ request: ModifySnapshotAttributeRequest, in region: Region, now: Moment
    ) throws(AWSError) -> EC2Done {
        let refuse = try admit(EC2.modifySnapshotAttribute, in: region)
        guard request.attribute == "createVolumePermission" else {
            throw refuse.invalid("Value (\(request.attribute)) for parameter attribute is invalid.")
        }
        guard !request.userIds.isEmpty else { throw refuse.missing("userId") }
        for id in request.userIds where id.count != 12 || !id.allSatisfy(\.isNumber) {
            throw refuse("InvalidUserID.Malformed", "Invalid user id: \"\(id)\"")
        }
        settle(region, now: now)
        let snapshots = regions[region]?.snapshots ?? []
        guard let index = snapshots.firstIndex(where: { $0.id == request.snapshotId && $0.owner == account }) else {
            throw refuse.noSnapshot(request.snapshotId)
        }
        if request.operationType == .add, snapshots[index].kmsKey.map(World.isManagedByAWS) == true {
            throw refuse("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
        }
        if request.dryRun == true { throw refuse.dryRun }
        switch request.operationType {
        case .add: regions[region]?.snapshots[index].sharedWith.formUnion(request.userIds)
        case .remove: regions[region]?.snapshots[index].sharedWith.subtract(request.userIds)
        }
        return EC2Done()
    }

    /// The keys that AWS makes by itself are given by their aliases here, which begin so.
    static func isManagedByAWS(_ key: String) -> Bool { key.hasSuffix("alias/aws/ebs") }
}
