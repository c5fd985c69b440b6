import BackupCore

extension EC2Reader {
    /// The points with which of these accounts may read their snapshots, and which snapshots can be shared with none.
    ///
    /// `accounts` gives each one's twelve digits. Source: EC2 API reference, DescribeSnapshots ("RestorableByUserIds": of
    /// one's own snapshots, those that the account has been given explicitly).
    func shared(
        _ points: [RecoveryPoint], in region: Region, with accounts: [AccountID: String]
    ) async throws(AWSError) -> [RecoveryPoint] {
        guard !accounts.isEmpty, !points.isEmpty else { return points }
        var sharedWith: [SnapshotID: Set<AccountID>] = [:]
        for (account, number) in accounts.sorted(by: { $0.key < $1.key }) {
            for snapshot in try await snapshots(in: region, restorableBy: number) {
                sharedWith[SnapshotID(snapshot.snapshotId), default: []].insert(account)
            }
        }
        let unshareable = try await unshareable(in: region)
        var points = points
        for place in points.indices {
            for (index, member) in points[place].members.enumerated() {
                if let accounts = sharedWith[member.snapshot] { points[place].members[index].sharedWith = accounts }
                if unshareable.contains(member.snapshot) { points[place].members[index].isUnshareable = true }
            }
        }
        return points
    }

    /// Those of our snapshots that are encrypted under a key that AWS made by itself.
    ///
    /// A key that cannot be looked at counts as another: sharing fails then, and says why.
    private func unshareable(in region: Region) async throws(AWSError) -> Set<SnapshotID> {
        guard let keys else { return [] }
        let encrypted = try await snapshots(in: region, where: [EC2Filter("encrypted", ["true"])])
        var found: Set<SnapshotID> = []
        for (key, snapshots) in Dictionary(grouping: encrypted, by: \.kmsKeyId) {
            guard let key, let reply = try? await keys.describeKey(DescribeKeyRequest(keyID: key), in: region),
                reply.metadata.manager == "AWS"
            else { continue }
            found.formUnion(snapshots.map { SnapshotID($0.snapshotId) })
        }
        return found
    }

    /// Our snapshots of a region, of those that an account may read, if one is given.
    private func snapshots(
        in region: Region, restorableBy number: String? = nil, where filters: [EC2Filter] = []
    ) async throws(AWSError) -> [EC2Snapshot] {
        var snapshots: [EC2Snapshot] = []
        var request = DescribeSnapshotsRequest(
            ownerIds: ["self"], filters: [EC2Filter("tag:" + PointTags.fleetKey, [fleet.rawValue])] + filters,
            maxResults: EC2Reader.pageSize)
        request.restorableByUserIds = number.map { [$0] }
        repeat {
            let page = try await ec2.describeSnapshots(request, in: region)
            snapshots += page.snapshots
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return snapshots
    }
}
