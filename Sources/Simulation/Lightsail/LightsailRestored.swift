package import AWS
package import BackupCore

/// Disks and databases from snapshots, and the end of them.
extension World {
    package func getDisk(_ request: DiskNameRequest, in region: Region, now: Moment) throws(AWSError) -> GetDiskReply {
        let refuse = try admit(Lightsail.getDisk, in: region)
        let index = try refuse.disk(request.diskName, in: state(of: region, now: now), at: now)
        return GetDiskReply(
            disk: described(state(of: region, now: now).lightsailDisks[index], in: region, at: now))
    }

    package mutating func createDiskFromSnapshot(
        _ request: CreateDiskFromSnapshotRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.createDiskFromSnapshot, in: region)
        if let fault = request.fault { throw refuse.badInput(fault) }
        try refuse.checkName(request.diskName, in: state(of: region, now: now))
        try refuse.check(request.tags)
        try refuse.checkZone(request.availabilityZone, region)
        let snapshot = try origin(
            (request.diskSnapshotName, request.sourceDiskName, request.restoreDate), of: .disk, refuse, in: region,
            now: now)
        guard request.sizeInGb >= snapshot.size else {
            throw refuse.badInput(
                "sizeInGb: the snapshot's disk has \(snapshot.size) GB, more than \(request.sizeInGb).")
        }
        let life = life(seconds: timings.instanceSeconds, now: now)
        var automatic = SimulatedAutomatic()
        if let addOn = request.addOns?.first(where: { $0.addOnType == LightsailAddOn.autoSnapshot }) {
            automatic.setting = SimulatedAutomatic.Setting(hour: addOn.hour, since: now)
        }
        if !isDoomed {
            let disk = SimulatedLightsailDisk(
                name: request.diskName, uuid: generator.uuid(), sequence: nextSequence(), life: life,
                visibleAt: visibleAt(now), zone: request.availabilityZone, size: request.sizeInGb,
                automatic: automatic,
                tags: TagList(request.tags, visibleAt: now))
            regions[region]?.lightsailDisks.append(disk)
        }
        let made = start(
            refuse.operation.name, on: (request.diskName, "Disk"), details: snapshot.name, life: life, in: region,
            now: now)
        return LightsailOperationsReply(operations: [made])
    }

    package mutating func attachDisk(_ request: AttachDiskRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.attachDisk, in: region)
        var state = state(of: region, now: now)
        let index = try refuse.disk(request.diskName, in: state, at: now)
        let disk = state.lightsailDisks[index]
        let instance = try refuse.instance(request.instanceName, in: state, at: now)
        guard disk.attachedTo == nil, disk.life.stage(at: now) == .done else {
            throw refuse.badInput("The disk \(disk.name) is not available.")
        }
        guard instance.life.stage(at: now) == .done else {
            throw refuse.badInput("The instance \(instance.name) is neither running nor stopped.")
        }
        guard disk.zone == instance.zone else {
            throw refuse.badInput("The disk \(disk.name) is in \(disk.zone), \(instance.name) in \(instance.zone).")
        }
        guard !state.disks(of: instance).contains(where: { $0.path == request.diskPath }) else {
            throw refuse.badInput("\(instance.name) has a disk at \(request.diskPath) already.")
        }
        state.lightsailDisks[index].attachedTo = instance.name
        state.lightsailDisks[index].path = request.diskPath
        regions[region] = state
        return done(refuse.operation, on: (disk.name, "Disk"), in: region, now: now)
    }

    package mutating func deleteDisk(_ request: DeleteDiskRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.deleteDisk, in: region)
        let index = try refuse.disk(request.diskName, in: state(of: region, now: now), at: now)
        let disk = state(of: region, now: now).lightsailDisks[index]
        guard disk.attachedTo == nil, disk.life.stage(at: now) == .done else {
            throw refuse.badInput("The disk \(disk.name) is not available: it is being made, or attached.")
        }
        guard request.forceDeleteAddOns == true || disk.automatic.setting == nil else {
            throw refuse.badInput("\(disk.name) has add-ons: switch them off, or give forceDeleteAddOns.")
        }
        regions[region]?.lightsailDisks.removeAll { $0.name == disk.name }
        return done(refuse.operation, on: (disk.name, "Disk"), in: region, now: now)
    }

    package func getDatabase(_ request: DatabaseNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDatabaseReply
    {
        let refuse = try admit(Lightsail.getDatabase, in: region)
        let found = try refuse.database(request.relationalDatabaseName, in: state(of: region, now: now), at: now)
        return GetDatabaseReply(relationalDatabase: described(found, in: region, at: now))
    }

    package mutating func createDatabaseFromSnapshot(
        _ request: CreateDatabaseFromSnapshotRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.createDatabaseFromSnapshot, in: region)
        if let fault = request.fault { throw refuse.badInput(fault) }
        let state = state(of: region, now: now)
        try refuse.checkName(request.relationalDatabaseName, in: state)
        try refuse.check(request.tags)
        let zone = request.availabilityZone ?? "\(region)a"
        try refuse.checkZone(zone, region)
        let life = life(seconds: timings.instanceSeconds, now: now)
        var made = SimulatedLightsailDatabase(
            name: request.relationalDatabaseName, uuid: generator.uuid(), sequence: nextSequence(), life: life,
            visibleAt: visibleAt(now), zone: zone, size: 0, isPublic: request.publiclyAccessible ?? false, bundle: "",
            blueprint: "",
            tags: TagList(request.tags, visibleAt: now))
        if let name = request.sourceRelationalDatabaseName {
            let original = try refuse.database(name, in: state, at: now)
            guard original.state(at: now) == "available" else {
                throw refuse.badInput("The RelationalDatabase \(name) is \(original.state(at: now)), not available.")
            }
            if let time = request.restoreTime, !(original.life.readyAt...now).contains(time.moment) {
                throw refuse.badInput("restoreTime: there is no backup of \(name) of that time.")
            }
            (made.size, made.bundle, made.blueprint) = (original.size, original.bundle, original.blueprint)
        } else {
            let name = request.relationalDatabaseSnapshotName
            let snapshot = try origin((name, nil, nil), of: .database, refuse, in: region, now: now)
            (made.size, made.bundle, made.blueprint) = (snapshot.size, snapshot.bundle, snapshot.blueprint)
        }
        if let bundle = request.relationalDatabaseBundleId {
            guard SimulatedBundles.ofDatabases.contains(where: { $0.bundleId == bundle }) else {
                throw refuse.badInput("There is no database bundle \(bundle).")
            }
            made.bundle = bundle
        }
        if !isDoomed { regions[region]?.lightsailDatabases.append(made) }
        let operation = start(
            refuse.operation.name, on: (made.name, "RelationalDatabase"), details: nil, life: life, in: region, now: now
        )
        return LightsailOperationsReply(operations: [operation])
    }

    package mutating func deleteDatabase(_ request: DeleteDatabaseRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.deleteDatabase, in: region)
        let state = state(of: region, now: now)
        let found = try refuse.database(request.relationalDatabaseName, in: state, at: now)
        switch (request.skipFinalSnapshot == true, request.finalRelationalDatabaseSnapshotName) {
        case (true, _?): throw refuse.badInput("A final snapshot has no name where it is skipped.")
        case (false, nil): throw refuse.badInput("A final snapshot needs a name, or skipFinalSnapshot.")
        case (false, let name?):
            try refuse.checkName(name, in: state)
            var last = fresh(.database, name, of: (found.name, found.uuid), in: region, now: now)
            (last.size, last.bundle, last.blueprint) = (found.size, found.bundle, found.blueprint)
            regions[region]?.lightsailSnapshots.append(last)
        case (true, nil): break
        }
        regions[region]?.lightsailDatabases.removeAll { $0.name == found.name }
        return done(refuse.operation, on: (found.name, "RelationalDatabase"), in: region, now: now)
    }
}

extension SimulatedLightsailDatabase {
    func state(at now: Moment) -> String { state ?? (life.stage(at: now) == .done ? "available" : "creating") }
}

extension Refusal {
    /// Where the disk of that name is; one made a moment ago may not be shown yet.
    fileprivate func disk(_ name: String, in state: RegionState, at now: Moment) throws(AWSError) -> Int {
        guard let index = state.lightsailDisks.firstIndex(where: { $0.name == name && $0.visibleAt <= now }) else {
            throw notFound("Disk", name)
        }
        return index
    }

    fileprivate func database(_ name: String, in state: RegionState, at now: Moment)
        throws(AWSError) -> SimulatedLightsailDatabase
    {
        guard let found = state.lightsailDatabases.first(where: { $0.name == name && $0.visibleAt <= now }) else {
            throw notFound("RelationalDatabase", name)
        }
        return found
    }
}
