package import AWS
package import BackupCore

extension World {
    package mutating func createInstancesFromSnapshot(
        _ request: CreateInstancesFromSnapshotRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.createInstancesFromSnapshot, in: region)
        if let fault = request.fault { throw refuse.badInput(fault) }
        let state = state(of: region, now: now)
        for name in request.instanceNames + request.newDiskNames { try refuse.checkName(name, in: state) }
        try refuse.check(request.tags)
        try refuse.checkZone(request.availabilityZone, region)
        if let name = request.keyPairName { try refuse.checkKeyPair(name, in: state) }
        let snapshot = try origin(
            (request.instanceSnapshotName, request.sourceInstanceName, request.restoreDate), of: .instance, refuse,
            in: region, now: now)
        let bundle = try refuse.bundle(request.bundleId, for: snapshot, request.ipAddressType)
        for name in request.instanceNames {
            try refuse.check(request.attachedDiskMapping?[name] ?? [], for: name, of: snapshot)
        }
        let operations = request.instanceNames.map { name in
            make(name, request, of: snapshot, bundle, in: region, now: now)
        }
        return LightsailOperationsReply(operations: operations)
    }

    /// Makes one of the instances with its disks, and gives the operation that makes it; one that is to fail is never there.
    private mutating func make(
        _ name: String, _ request: CreateInstancesFromSnapshotRequest, of snapshot: SimulatedLightsailSnapshot,
        _ bundle: LightsailBundle, in region: Region, now: Moment
    ) -> LightsailOperation {
        let life = life(seconds: timings.instanceSeconds, now: now)
        if !isDoomed {
            var instance = SimulatedLightsailInstance(
                name: name, uuid: generator.uuid(), sequence: nextSequence(), life: life, visibleAt: visibleAt(now),
                zone: request.availabilityZone, bundle: bundle.bundleId, blueprint: snapshot.blueprint,
                systemDiskSize: bundle.diskSizeInGb ?? snapshot.size, automatic: SimulatedAutomatic(),
                tags: TagList(request.tags, visibleAt: now))
            instance.keyPair = request.keyPairName ?? instance.keyPair
            instance.addressType = request.ipAddressType ?? instance.addressType
            for addOn in request.addOns ?? [] { instance.switchOn(addOn, at: now) }
            regions[region]?.lightsailInstances.append(instance)
            for map in request.attachedDiskMapping?[name] ?? [] {
                make(map, of: snapshot, for: instance, in: region, now: now)
            }
        }
        return start(
            "CreateInstancesFromSnapshot", on: (name, "Instance"), details: snapshot.name, life: life, in: region,
            now: now)
    }

    private mutating func make(
        _ map: CreateInstancesFromSnapshotRequest.DiskMap, of snapshot: SimulatedLightsailSnapshot,
        for instance: SimulatedLightsailInstance, in region: Region, now: Moment
    ) {
        let original = snapshot.disks.first { !$0.isSystem && $0.path == map.originalDiskPath }
        let disk = SimulatedLightsailDisk(
            name: map.newDiskName ?? "", uuid: generator.uuid(), sequence: nextSequence(), life: instance.life,
            visibleAt: instance.visibleAt, zone: instance.zone, size: original?.size ?? 0, path: original?.path,
            attachedTo: instance.name, automatic: SimulatedAutomatic(), tags: TagList())
        regions[region]?.lightsailDisks.append(disk)
    }

    /// What something is made from: the manual snapshot of that name, or the automatic one of a resource.
    func origin(
        _ source: (snapshot: String?, resource: String?, date: String?), of kind: LightsailKind, _ refuse: Refusal,
        in region: Region, now: Moment
    ) throws(AWSError) -> SimulatedLightsailSnapshot {
        guard let name = source.snapshot else {
            let name = source.resource ?? ""
            let found = try automatic(of: (name, source.date), in: region, refuse: refuse, now: now)
            guard found.kind == kind else { throw refuse.notFound(kind.rawValue, name) }
            return found
        }
        let found = try snapshot(kind, named: name, refuse, in: region, now: now)
        guard found.life.stage(at: now) == .done else {
            throw refuse.badInput("The \(kind.snapshot) \(name) is \(found.state(at: now)), not available.")
        }
        return found
    }
}

extension CreateInstancesFromSnapshotRequest {
    fileprivate var newDiskNames: [String] {
        (attachedDiskMapping ?? [:]).values.flatMap { $0 }.compactMap(\.newDiskName).sorted()
    }
}

extension SimulatedLightsailInstance {
    fileprivate mutating func switchOn(_ addOn: LightsailAddOnRequest, at now: Moment) {
        switch addOn.addOnType {
        case LightsailAddOn.autoSnapshot: automatic.setting = SimulatedAutomatic.Setting(hour: addOn.hour, since: now)
        default: idle = addOn.stopInstanceOnIdleRequest
        }
    }
}

extension Refusal {
    func checkZone(_ zone: String, _ region: Region) throws(AWSError) {
        guard SimulatedZones.of(region).contains(zone) else {
            throw badInput("The availability zone \(zone) is none of \(region).")
        }
    }

    fileprivate func checkKeyPair(_ name: String, in state: RegionState) throws(AWSError) {
        guard name == SimulatedLightsailInstance.defaultKeyPair || state.keyPairs.contains(name) else {
            throw notFound("KeyPair", name)
        }
    }

    /// The bundle of that name, if a snapshot fits into it: one with the same or more of everything (developer guide, "Create
    /// an instance from a snapshot").
    fileprivate func bundle(
        _ id: String, for snapshot: SimulatedLightsailSnapshot, _ addressType: String?
    ) throws(AWSError) -> LightsailBundle {
        guard let bundle = SimulatedBundles.all.first(where: { $0.bundleId == id }), bundle.isActive == true else {
            throw badInput("There is no active bundle \(id).")
        }
        let original = SimulatedBundles.all.first { $0.bundleId == snapshot.bundle }
        let isLarger =
            bundle.diskSizeInGb ?? 0 >= snapshot.size
            && (bundle.ramSizeInGb ?? 0) >= (original?.ramSizeInGb ?? 0)
            && bundle.supportedPlatforms == (original ?? bundle).supportedPlatforms
        guard isLarger else {
            throw badInput(
                "The bundle \(id) is smaller than the snapshot's, or of another platform: \(snapshot.bundle).")
        }
        guard (bundle.publicIpv4AddressCount == 0) == (addressType == "ipv6") else {
            throw badInput("The bundle \(id) does not go with ipAddressType \(addressType ?? "dualstack").")
        }
        return bundle
    }

    /// Each attached disk of the snapshot needs a name.
    ///
    /// Not verified: what AWS does with one that is given none.
    fileprivate func check(
        _ maps: [CreateInstancesFromSnapshotRequest.DiskMap], for name: String, of snapshot: SimulatedLightsailSnapshot
    ) throws(AWSError) {
        let given = Set(maps.compactMap(\.originalDiskPath))
        let attached = Set(snapshot.disks.filter { !$0.isSystem }.map(\.path))
        if let stray = given.subtracting(attached).min() {
            throw badInput("\(snapshot.name) holds no disk that was attached at \(stray).")
        }
        if let missing = attached.subtracting(given).min() {
            throw badInput("attachedDiskMapping: the disk at \(missing) needs a name for \(name).")
        }
    }
}
