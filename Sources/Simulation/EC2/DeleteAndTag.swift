package import AWS
package import BackupCore

extension World {
    /// Deletes a snapshot; a pending one goes only when it is complete, and counts against its volume until then.
    package mutating func deleteSnapshot(_ request: DeleteSnapshotRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2Done
    {
        let refuse = try admit(EC2.deleteSnapshot, in: region)
        guard !request.snapshotId.isEmpty else { throw refuse.missing("snapshotId") }
        settle(region, now: now)
        let snapshots = regions[region]?.snapshots ?? []
        guard let index = snapshots.firstIndex(where: { $0.id == request.snapshotId && $0.owner == account }) else {
            throw refuse.noSnapshot(request.snapshotId)
        }
        if let image = snapshots[index].image {
            throw refuse(
                "InvalidSnapshot.InUse", "The snapshot \(request.snapshotId) is currently in use by \(image)")
        }
        if request.dryRun == true { throw refuse.dryRun }
        if snapshots[index].life.stage(at: now) == .pending {
            regions[region]?.snapshots[index].isDeleted = true
        } else {
            retire([snapshots[index]])
            regions[region]?.snapshots.remove(at: index)
        }
        return EC2Done()
    }

    /// Adds tags to snapshots, volumes and instances, to all of them or to none.
    package mutating func createTags(_ request: CreateTagsRequest, in region: Region, now: Moment) throws(AWSError)
        -> EC2Done
    {
        let refuse = try admit(EC2.createTags, in: region)
        guard !request.resources.isEmpty else { throw refuse.missing("resourceIdSet") }
        guard !request.tags.isEmpty else { throw refuse.missing("tagSet") }
        try refuse.check(request.tags)
        var state = state(of: region, now: now)
        let pairs = request.tags.map { (key: $0.key, value: Optional($0.value)) }
        for id in request.resources {
            var tags = try refuse.tags(of: id, in: state)
            try refuse.checkLimit(tags.countedKeys(adding: pairs.map(\.key)))
            tags.set(pairs, visibleAt: visibleAt(now))
            state.setTags(tags, of: id)
        }
        if request.dryRun == true { throw refuse.dryRun }
        regions[region] = state
        return EC2Done()
    }
}

extension Refusal {
    fileprivate func tags(of id: String, in state: RegionState) throws(AWSError) -> TagList {
        if id.hasPrefix("snap-") {
            guard let found = state.snapshots.first(where: { $0.id == id }) else { throw noSnapshot(id) }
            return found.tags
        }
        if id.hasPrefix("vol-") {
            guard let found = state.volumes.first(where: { $0.id == id }) else { throw noVolume(id) }
            return found.tags
        }
        guard id.hasPrefix("i-") else { throw self("InvalidID", "The ID '\(id)' is not valid") }
        guard let found = state.instances.first(where: { $0.id == id }) else { throw noInstance(id) }
        return found.tags
    }
}

extension RegionState {
    fileprivate mutating func setTags(_ tags: TagList, of id: String) {
        if let index = snapshots.firstIndex(where: { $0.id == id }) { snapshots[index].tags = tags }
        if let index = volumes.firstIndex(where: { $0.id == id }) { volumes[index].tags = tags }
        if let index = instances.firstIndex(where: { $0.id == id }) { instances[index].tags = tags }
    }
}
