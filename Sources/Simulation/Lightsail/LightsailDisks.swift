package import AWS
package import BackupCore

extension World {
    package func getDisks(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDisksReply
    {
        let refuse = try admit(Lightsail.getDisks, in: region)
        let page = try refuse.page(
            of: state(of: region, now: now).lightsailDisks.filter { $0.visibleAt <= now }, after: request.pageToken,
            size: timings.lightsailPageSize)
        return GetDisksReply(disks: page.items.map { described($0, in: region, at: now) }, nextPageToken: page.token)
    }

    package func getDiskSnapshots(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDiskSnapshotsReply
    {
        let refuse = try admit(Lightsail.getDiskSnapshots, in: region)
        let page = try refuse.page(
            of: snapshots(of: .disk, in: region, now: now), after: request.pageToken, size: timings.lightsailPageSize)
        return GetDiskSnapshotsReply(
            diskSnapshots: page.items.map { describedDisk($0, in: region, at: now) }, nextPageToken: page.token)
    }

    package func getDiskSnapshot(_ request: DiskSnapshotNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDiskSnapshotReply
    {
        let refuse = try admit(Lightsail.getDiskSnapshot, in: region)
        let found = try snapshot(.disk, named: request.diskSnapshotName, refuse, in: region, now: now)
        return GetDiskSnapshotReply(diskSnapshot: describedDisk(found, in: region, at: now))
    }

    package mutating func createDiskSnapshot(_ request: CreateDiskSnapshotRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.createDiskSnapshot, in: region)
        let state = state(of: region, now: now)
        guard let name = request.diskName, request.instanceName == nil else {
            throw refuse.badInput("Give diskName; system disks by instanceName are not known here.")
        }
        guard let disk = state.lightsailDisks.first(where: { $0.name == name }) else {
            throw refuse.notFound("Disk", name)
        }
        try refuse.checkName(request.diskSnapshotName, in: state)
        try refuse.check(request.tags)
        try refuse.checkNoneInProgress(disk.automatic, of: name, timings, now: now)
        var made = fresh(.disk, request.diskSnapshotName, of: (name, disk.uuid), in: region, now: now)
        made.size = disk.size
        return keep(made, request.tags, by: refuse.operation, in: region, now: now)
    }

    package mutating func deleteDiskSnapshot(_ request: DiskSnapshotNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.deleteDiskSnapshot, in: region)
        return try remove(.disk, named: request.diskSnapshotName, refuse, in: region, now: now)
    }
}

extension World {
    func described(_ disk: SimulatedLightsailDisk, in region: Region, at now: Moment) -> LightsailDisk {
        var shown = LightsailDisk(name: disk.name, path: disk.path, sizeInGb: disk.size, isSystemDisk: false)
        shown.arn = lightsailARN("Disk", disk.uuid, in: region)
        shown.supportCode = supportCode(disk.uuid)
        shown.createdAt = EpochTime(disk.life.startedAt)
        shown.location = location(region, zone: disk.zone)
        shown.resourceType = "Disk"
        shown.tags = described(disk.tags, at: now)
        shown.addOns = described(disk.automatic)
        shown.iops = 100
        shown.state =
            disk.life.stage(at: now) == .done ? (disk.attachedTo == nil ? "available" : "in-use") : "pending"
        shown.attachedTo = disk.attachedTo
        shown.isAttached = disk.attachedTo != nil
        return shown
    }

    private func describedDisk(_ snapshot: SimulatedLightsailSnapshot, in region: Region, at now: Moment)
        -> LightsailDiskSnapshot
    {
        var shown = LightsailDiskSnapshot(name: snapshot.name)
        shown.arn = lightsailARN(snapshot.kind.snapshot, snapshot.uuid, in: region)
        shown.supportCode = supportCode(snapshot.uuid)
        shown.createdAt = EpochTime(snapshot.life.startedAt)
        shown.location = location(region)
        shown.resourceType = snapshot.kind.snapshot
        shown.tags = described(snapshot.tags, at: now)
        shown.sizeInGb = snapshot.size
        shown.state = snapshot.state(at: now)
        shown.progress = snapshot.life.progress(at: now)
        shown.fromDiskName = snapshot.fromName
        shown.fromDiskArn = snapshot.fromARN
        shown.isFromAutoSnapshot = snapshot.isFromAutoSnapshot
        return shown
    }
}
