package import AWS
package import BackupCore

extension World {
    package func describeSnapshots(_ request: DescribeSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeSnapshotsReply
    {
        let refuse = try admit(EC2.describeSnapshots, in: region)
        try refuse.check(request.filters, known: World.snapshotFilters)
        if request.dryRun == true { throw refuse.dryRun }
        let visible = state(of: region, now: now).snapshots.filter { $0.visibleAt <= now }
        let asked = try refuse.pick(visible, ids: request.snapshotIds)
        let page = try refuse.page(
            of: asked, ids: request.snapshotIds, idsParameter: "snapshotSet", size: request.maxResults,
            token: request.nextToken)
        let owners = Set((request.ownerIds ?? []).map { $0 == "self" ? account : $0 })
        let readers = request.restorableByUserIds
        let kept = page.items.filter { snapshot in
            (readers.map { !snapshot.sharedWith.isDisjoint(with: $0) } ?? true)
                && (owners.isEmpty || owners.contains(snapshot.owner))
                && refuse.keeps(
                    request.filters, fields: snapshot.filterFields(at: now), tags: snapshot.tags.visible(at: now))
        }
        return DescribeSnapshotsReply(snapshots: kept.map { $0.described(at: now) }, nextToken: page.token)
    }

    private static let snapshotFilters: Set<String> = [
        "description", "encrypted", "owner-id", "snapshot-id", "start-time", "status", "storage-tier", "volume-id",
        "volume-size",
    ]
}

extension Refusal {
    fileprivate func pick(_ snapshots: [SimulatedSnapshot], ids: [String]?) throws(AWSError) -> [SimulatedSnapshot] {
        guard let ids else { return snapshots }
        for id in ids where !snapshots.contains(where: { $0.id == id }) { throw noSnapshot(id) }
        return snapshots.filter { ids.contains($0.id) }
    }
}

extension SimulatedSnapshot {
    fileprivate func filterFields(at now: Moment) -> FilterFields {
        [
            "description": [description], "encrypted": [isEncrypted ? "true" : "false"], "owner-id": [owner],
            "snapshot-id": [id], "start-time": ["\(life.startedAt.description.dropLast()).000Z"],
            "status": [status(at: now)], "storage-tier": ["standard"], "volume-id": [volume],
            "volume-size": ["\(size)"],
        ]
    }

    /// The snapshot as DescribeSnapshots shows it.
    func described(at now: Moment) -> EC2Snapshot {
        var shown = EC2Snapshot(snapshotId: id, state: status(at: now), startTime: ISOTime(life.startedAt))
        shown.volumeId = volume
        shown.progress = life.progress(at: now)
        shown.ownerId = owner
        shown.description = description
        shown.volumeSize = size
        shown.encrypted = isEncrypted
        shown.kmsKeyId = kmsKey
        shown.storageTier = "standard"
        let tags = tags.visible(at: now)
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        shown.outpostArn = outpostArn
        shown.availabilityZone = availabilityZone
        shown.completionDurationMinutes = completionDurationMinutes
        if copiedFrom != nil { shown.transferType = completionDurationMinutes == nil ? "standard" : "time-based" }
        switch life.stage(at: now) {
        case .pending: break
        case .failed(let message): shown.stateMessage = message
        case .done:
            shown.completionTime = ISOTime(life.readyAt)
            shown.fullSnapshotSizeInBytes = size << 30
        }
        return shown
    }
}
