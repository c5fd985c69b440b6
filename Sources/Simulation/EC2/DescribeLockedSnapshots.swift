package import AWS
package import BackupCore

extension World {
    package func describeLockedSnapshots(_ request: DescribeLockedSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeLockedSnapshotsReply
    {
        let refuse = try admit(EC2.describeLockedSnapshots, in: region)
        try refuse.check(request.filters, known: ["lock-state"])
        if request.dryRun == true { throw refuse.dryRun }
        let own = state(of: region, now: now).snapshots.filter { $0.owner == account }
        for id in request.snapshotIds ?? [] where !own.contains(where: { $0.id == id }) { throw refuse.noSnapshot(id) }
        let locked = own.filter { $0.lock(at: now) != nil && request.snapshotIds?.contains($0.id) ?? true }
        let page = try refuse.page(
            of: locked, ids: request.snapshotIds, idsParameter: "snapshotSet", size: request.maxResults,
            token: request.nextToken)
        let kept = page.items.compactMap { $0.describedLock(at: now) }.filter { lock in
            refuse.keeps(request.filters, fields: ["lock-state": [lock.lockState].compactMap { $0 }], tags: [])
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
