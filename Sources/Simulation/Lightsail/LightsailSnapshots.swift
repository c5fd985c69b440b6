package import AWS
package import BackupCore

extension World {
    package func getInstanceSnapshots(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstanceSnapshotsReply
    {
        let refuse = try admit(Lightsail.getInstanceSnapshots, in: region)
        let visible = state(of: region, now: now).lightsailSnapshots.filter { $0.visibleAt <= now }
        let page = try refuse.page(of: visible, after: request.pageToken, size: timings.lightsailPageSize)
        return GetInstanceSnapshotsReply(
            instanceSnapshots: page.items.map { described($0, in: region, at: now) }, nextPageToken: page.token)
    }

    package func getInstanceSnapshot(_ request: InstanceSnapshotNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstanceSnapshotReply
    {
        let refuse = try admit(Lightsail.getInstanceSnapshot, in: region)
        let found = state(of: region, now: now).lightsailSnapshots.first {
            $0.name == request.instanceSnapshotName && $0.visibleAt <= now
        }
        guard let found else { throw refuse.notFound("InstanceSnapshot", request.instanceSnapshotName) }
        return GetInstanceSnapshotReply(instanceSnapshot: described(found, in: region, at: now))
    }

    package mutating func createInstanceSnapshot(
        _ request: CreateInstanceSnapshotRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.createInstanceSnapshot, in: region)
        let state = state(of: region, now: now)
        guard let instance = state.lightsailInstances.first(where: { $0.name == request.instanceName }) else {
            throw refuse.notFound("Instance", request.instanceName)
        }
        try refuse.checkName(request.instanceSnapshotName, in: state)
        try refuse.check(request.tags)
        guard !instance.autoSnapshots.contains(where: { $0.status == "InProgress" }) else {
            throw refuse.badInput(
                "An automatic snapshot of \(instance.name) is in progress. Try again when it is complete.")
        }
        let tags = (request.tags ?? []).map { (key: $0.key, value: $0.value) }
        let life = life(seconds: timings.snapshotSeconds, now: now)
        let made = SimulatedLightsailSnapshot(
            name: request.instanceSnapshotName, uuid: generator.uuid(), sequence: nextSequence(), life: life,
            visibleAt: visibleAt(now), fromInstanceName: instance.name,
            fromInstanceArn: lightsailARN("Instance", instance.uuid, in: region), bundle: instance.bundle,
            blueprint: instance.blueprint, disks: instance.disks, isFromAutoSnapshot: false,
            tags: TagList(tags, visibleAt: now))
        regions[region]?.lightsailSnapshots.append(made)
        let ofSnapshot = start(
            "CreateInstanceSnapshot", on: (request.instanceSnapshotName, "InstanceSnapshot"), details: instance.name,
            life: life, in: region, now: now)
        let ofInstance = start(
            "CreateInstanceSnapshot", on: (instance.name, "Instance"), details: request.instanceSnapshotName,
            life: life, in: region, now: now)
        return LightsailOperationsReply(operations: [ofSnapshot, ofInstance])
    }

    package mutating func deleteInstanceSnapshot(
        _ request: InstanceSnapshotNameRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.deleteInstanceSnapshot, in: region)
        let name = request.instanceSnapshotName
        guard let index = regions[region]?.lightsailSnapshots.firstIndex(where: { $0.name == name }) else {
            throw refuse.notFound("InstanceSnapshot", name)
        }
        regions[region]?.lightsailSnapshots.remove(at: index)
        let done = start(
            "DeleteInstanceSnapshot", on: (name, "InstanceSnapshot"), details: nil,
            life: Life(startedAt: now, readyAt: now), in: region, now: now)
        return LightsailOperationsReply(operations: [done])
    }

    func life(seconds: Int64, now: Moment) -> Life {
        Life(
            startedAt: now, readyAt: now + .seconds(seconds),
            failure: isDoomed ? World.internalFailure : nil)
    }
}

extension World {
    /// The snapshot as Lightsail shows it; `progress` stays empty for instance snapshots.
    private func described(_ snapshot: SimulatedLightsailSnapshot, in region: Region, at now: Moment)
        -> LightsailInstanceSnapshot
    {
        var shown = LightsailInstanceSnapshot(name: snapshot.name)
        shown.arn = lightsailARN("InstanceSnapshot", snapshot.uuid, in: region)
        shown.supportCode = supportCode(snapshot.uuid)
        shown.createdAt = EpochTime(snapshot.life.startedAt)
        shown.location = location(region)
        shown.resourceType = "InstanceSnapshot"
        shown.tags = described(snapshot.tags, at: now)
        shown.state = snapshot.state(at: now)
        shown.fromAttachedDisks = snapshot.disks.filter { !$0.isSystem }.map {
            LightsailDisk(name: $0.name, path: $0.path, sizeInGb: $0.size, isSystemDisk: false)
        }
        shown.fromInstanceName = snapshot.fromInstanceName
        shown.fromInstanceArn = snapshot.fromInstanceArn
        shown.fromBlueprintId = snapshot.blueprint
        shown.fromBundleId = snapshot.bundle
        shown.isFromAutoSnapshot = snapshot.isFromAutoSnapshot
        shown.sizeInGb = snapshot.disks.filter(\.isSystem).map(\.size).reduce(0, +)
        return shown
    }
}
