package import AWS
package import BackupCore

extension World {
    package func getInstanceSnapshots(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstanceSnapshotsReply
    {
        let refuse = try admit(Lightsail.getInstanceSnapshots, in: region)
        let visible = snapshots(of: .instance, in: region, now: now)
        let page = try refuse.page(of: visible, after: request.pageToken, size: timings.lightsailPageSize)
        return GetInstanceSnapshotsReply(
            instanceSnapshots: page.items.map { described($0, in: region, at: now) }, nextPageToken: page.token)
    }

    package func getInstanceSnapshot(_ request: InstanceSnapshotNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstanceSnapshotReply
    {
        let refuse = try admit(Lightsail.getInstanceSnapshot, in: region)
        let found = try snapshot(.instance, named: request.instanceSnapshotName, refuse, in: region, now: now)
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
        try refuse.checkNoneInProgress(instance.automatic, of: instance.name, timings, now: now)
        var made = fresh(
            .instance, request.instanceSnapshotName, of: (instance.name, instance.uuid), in: region, now: now)
        (made.bundle, made.blueprint) = (instance.bundle, instance.blueprint)
        (made.disks, made.size) = (state.disks(of: instance), instance.systemDiskSize)
        return keep(made, request.tags, by: refuse.operation, in: region, now: now)
    }

    package mutating func deleteInstanceSnapshot(
        _ request: InstanceSnapshotNameRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.deleteInstanceSnapshot, in: region)
        return try remove(.instance, named: request.instanceSnapshotName, refuse, in: region, now: now)
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
        shown.fromInstanceName = snapshot.fromName
        shown.fromInstanceArn = snapshot.fromARN
        shown.fromBlueprintId = snapshot.blueprint
        shown.fromBundleId = snapshot.bundle
        shown.isFromAutoSnapshot = snapshot.isFromAutoSnapshot
        shown.sizeInGb = snapshot.size
        return shown
    }
}
