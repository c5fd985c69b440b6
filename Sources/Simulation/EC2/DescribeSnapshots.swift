package import AWS
package import BackupCore

extension World {
    package func describeSnapshots(_ request: DescribeSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeSnapshotsReply
    {
        let page = try snapshots(askedBy: request, in: region, now: now)
        return DescribeSnapshotsReply(snapshots: page.items.map { $0.described(at: now) }, nextToken: page.token)
    }

    /// A page of the snapshots that a request means.
    func snapshots(askedBy request: DescribeSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> Page<SimulatedSnapshot>
    {
        let refuse = try admit(EC2.describeSnapshots, in: region)
        let filters = try refuse.read(request.filters, known: World.snapshotFilters)
        if request.dryRun == true { throw refuse.dryRun }
        let all = state(of: region, now: now).snapshots
        let areVisible = all.indices.allSatisfy { all[$0].visibleAt <= now }
        let visible = areVisible ? all : all.filter { $0.visibleAt <= now }
        let asked = try refuse.pick(visible, ids: request.snapshotIds)
        let page = try refuse.page(
            of: asked, ids: request.snapshotIds, idsParameter: "snapshotSet", size: request.maxResults,
            token: request.nextToken)
        let owners = Set((request.ownerIds ?? []).map { $0 == "self" ? account : $0 })
        // Places are filtered, not snapshots, which are large to copy.
        let items = page.items
        let readers = request.restorableByUserIds
        let kept = items.indices.filter { place in
            (readers.map { !items[place].sharedWith.isDisjoint(with: $0) } ?? true)
                && (owners.isEmpty || owners.contains(items[place].owner))
                && filters.keep(tags: items[place].tags, at: now) { items[place].values(of: $0, at: now) }
        }
        return Page(items: kept.map { items[$0] }, token: page.token)
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
    /// What a filter of that name looks at.
    fileprivate func values(of field: String, at now: Moment) -> [String] {
        switch field {
        case "description": [description]
        case "encrypted": [isEncrypted ? "true" : "false"]
        case "owner-id": [owner]
        case "snapshot-id": [id]
        case "start-time": ["\(life.startedAt.description.dropLast()).000Z"]
        case "status": [status(at: now)]
        case "storage-tier": ["standard"]
        case "volume-id": [volume]
        case "volume-size": ["\(size)"]
        default: []
        }
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
