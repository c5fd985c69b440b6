package import AWS
package import BackupCore

extension World {
    package func describeLockedSnapshots(_ request: DescribeLockedSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeLockedSnapshotsReply
    {
        let refuse = try admit(EC2.describeLockedSnapshots, in: region)
        let filters = try refuse.read(request.filters, known: ["lock-state"])
        if request.dryRun == true { throw refuse.dryRun }
        let all = state(of: region, now: now).snapshots
        for id in request.snapshotIds ?? [] where !all.contains(where: { $0.id == id && $0.owner == account }) {
            throw refuse.noSnapshot(id)
        }
        let locked = all.filter {
            $0.owner == account && $0.lock(at: now) != nil && request.snapshotIds?.contains($0.id) ?? true
        }
        let page = try refuse.page(
            of: locked, ids: request.snapshotIds, idsParameter: "snapshotSet", size: request.maxResults,
            token: request.nextToken)
        let kept = page.items.compactMap { $0.describedLock(at: now) }.filter { lock in
            filters.keep(at: now) { _ in lock.lockState.map { [$0] } ?? [] }
        }
        return DescribeLockedSnapshotsReply(snapshots: kept, nextToken: page.token)
    }
}

extension SimulatedSnapshot {
    fileprivate func describedLock(at now: Moment) -> LockedSnapshot? {
        guard let lock = lock(at: now) else { return nil }
        var shown = LockedSnapshot(snapshotId: id)
        shown.ownerId = owner
        shown.lockState = lock.state(at: now)
        shown.lockCreatedOn = ISOTime(lock.createdAt)
        shown.coolOffPeriod = lock.coolOffHours
        shown.coolOffPeriodExpiresOn = lock.coolOffEnd.map { ISOTime($0) }
        if let end = lock.expiresAt {
            shown.lockDuration = Int((end - lock.createdAt).inSeconds / 86_400)
            shown.lockDurationStartTime = ISOTime(lock.createdAt)
            shown.lockExpiresOn = ISOTime(end)
        }
        return shown
    }
}
