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
        try refuse.checkProtection(of: snapshots[index], image: regions[region]?.image(using: request.snapshotId), now)
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

extension World {
    /// Deletes tags of snapshots, volumes and instances, of all of them or of none.
    package mutating func deleteTags(_ request: DeleteTagsRequest, in region: Region, now: Moment) throws(AWSError)
        -> EC2Done
    {
        let refuse = try admit(EC2.deleteTags, in: region)
        guard !request.resources.isEmpty else { throw refuse.missing("resourceIdSet") }
        try refuse.check((request.tags ?? []).map { EC2Tag(key: $0.key, value: $0.value ?? "") })
        var state = state(of: region, now: now)
        for id in request.resources {
            var tags = try refuse.tags(of: id, in: state)
            tags.remove(tags.keys(of: request.tags), visibleAt: visibleAt(now))
            state.setTags(tags, of: id)
        }
        if request.dryRun == true { throw refuse.dryRun }
        regions[region] = state
        return EC2Done()
    }
}

extension TagList {
    /// The keys that a request to delete these tags means: all but AWS's own if it names none.
    fileprivate func keys(of tags: [DeleteTagsRequest.Tag]?) -> [String] {
        all.filter { key, value in
            guard let tags else { return !key.hasPrefix("aws:") }
            return tags.contains { $0.key == key && ($0.value ?? value) == value }
        }.map(\.key)
    }
}

extension Refusal {
    /// AWS's own words for images; for locks AWS documents neither code nor words, so that these are the general ones
    /// of EC2 for what a protection forbids ("Error codes", OperationNotPermitted).
    fileprivate func checkProtection(of snapshot: SimulatedSnapshot, image: SimulatedImage?, _ now: Moment)
        throws(AWSError)
    {
        if let image {
            throw self("InvalidSnapshot.InUse", "The snapshot \(snapshot.id) is currently in use by \(image.id)")
        }
        if let lock = snapshot.lock(at: now), lock.holds(at: now) {
            throw self("OperationNotPermitted", "The snapshot \(snapshot.id) is locked and can't be deleted.")
        }
    }

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
