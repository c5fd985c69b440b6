package import AWS
package import BackupCore

extension World {
    package mutating func runInstances(_ request: RunInstancesRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2Reservation
    {
        let refuse = try admit(EC2.runInstances, in: region)
        var state = state(of: region, now: now)
        if let made = state.instances.first(where: { $0.request?.clientToken == request.clientToken }) {
            guard made.request == request else { throw refuse.otherParameters }
            guard made.state != "terminated" else {
                throw refuse("IdempotentInstanceTerminated", "The instance of this token is terminated: \(made.id)")
            }
            return EC2Reservation(
                reservationId: made.reservation, ownerId: account, instances: [state.described(made, at: now)])
        }
        guard request.minCount == 1, request.maxCount == 1 else {
            throw refuse.invalid("One instance at a time is started here.")
        }
        guard let id = request.imageId else { throw refuse.missing("ImageId") }
        guard let image = state.images.first(where: { $0.id == id && $0.state == "available" }) else {
            throw refuse.noImage(id)
        }
        let taggable: Set = ["instance", "volume", "network-interface"]
        let tags = try refuse.tags(of: "instance", in: request.tagSpecifications, taggable)
        let volumeTags = try refuse.tags(of: "volume", in: request.tagSpecifications, taggable)
        let zone = try refuse.zone(of: request, in: region)
        var devices: [(name: String, wanted: EC2BlockDeviceRequest.Volume, snapshot: SimulatedSnapshot)] = []
        for device in image.devices(changedBy: request.blockDevices ?? []) {
            guard let wanted = device.ebs else { continue }
            let snapshot = try refuse.readable(wanted.snapshotId ?? "", in: state, now)
            try refuse.check(wanted, of: snapshot, tooSmall: "InvalidBlockDeviceMapping")
            devices.append((device.deviceName, wanted, snapshot))
        }
        if request.dryRun == true { throw refuse.dryRun }
        var instance = SimulatedInstance(
            id: generator.identifier("i"), sequence: nextSequence(), reservation: generator.identifier("r"),
            state: "running", rootDevice: image.rootDevice, zone: zone,
            runsAt: now + .seconds(timings.instanceSeconds), visibleAt: visibleAt(now), request: request,
            hardware: hardware(request, of: image, zone: zone, in: region), tags: TagList(tags, visibleAt: now))
        for (name, wanted, snapshot) in devices {
            var volume = volume(wanted, of: snapshot, in: region, zone: zone, usable: now)
            let isRoot = name == image.rootDevice
            volume.attachment = .init(
                instance: instance.id, device: name, isRoot: isRoot,
                goesWithIt: wanted.deleteOnTermination ?? true)
            volume.tags = TagList(volumeTags, visibleAt: now)
            if isRoot { instance.roots.insert(volume.id) }
            state.volumes.append(volume)
        }
        state.instances.append(instance)
        regions[region] = state
        return EC2Reservation(
            reservationId: instance.reservation, ownerId: account, instances: [state.described(instance, at: now)])
    }

    package mutating func terminateInstances(_ request: TerminateInstancesRequest, in region: Region, now: Moment)
        throws(AWSError) -> TerminateInstancesReply
    {
        let refuse = try admit(EC2.terminateInstances, in: region)
        var state = state(of: region, now: now)
        for id in request.instanceIds where !state.instances.contains(where: { $0.id == id && $0.visibleAt <= now }) {
            throw refuse.noInstance(id)
        }
        if request.dryRun == true { throw refuse.dryRun }
        let changes = request.instanceIds.map { id in
            let index = state.instances.firstIndex { $0.id == id } ?? 0
            let before = state.instances[index].state(at: now)
            if before != "terminated" { state.terminate(index, at: now) }
            return TerminateInstancesReply.Change(
                instanceId: id,
                currentState: .init(code: World.stateCode("terminated"), name: "terminated"),
                previousState: .init(code: World.stateCode(before), name: before))
        }
        regions[region] = state
        return TerminateInstancesReply(instances: changes)
    }
}

extension World {
    private func hardware(
        _ request: RunInstancesRequest, of image: SimulatedImage, zone: String, in region: Region
    ) -> SimulatedHardware {
        var made = SimulatedHardware()
        made.image = image.id
        made.type = request.instanceType ?? made.type
        made.architecture = image.registration?.architecture ?? made.architecture
        made.bootMode = image.registration?.bootMode
        made.tpmSupport = image.registration?.tpmSupport
        made.uefiData = image.registration?.uefiData
        made.keyName = request.keyName
        made.subnet = request.subnetId ?? SimulatedZones.subnet(of: zone)
        made.vpc = SimulatedZones.vpc(of: region)
        made.privateAddress = request.privateIpAddress
        made.publicAddress = instanceAddress
        made.securityGroups = request.securityGroupIds ?? []
        let name = request.iamInstanceProfile?.name.map {
            "arn:\(region.partition):iam::\(account):instance-profile/\($0)"
        }
        made.profile = request.iamInstanceProfile?.arn ?? name
        made.ebsOptimized = request.ebsOptimized
        return made
    }
}

extension Refusal {
    /// The zone that a launch names, or that its subnet is in.
    fileprivate func zone(of request: RunInstancesRequest, in region: Region) throws(AWSError) -> String {
        let zones = SimulatedZones.of(region)
        let asked = request.placement?.availabilityZone
        if let asked, !zones.contains(asked) { throw invalid("Invalid availability zone: [\(asked)]") }
        guard let subnet = request.subnetId else { return asked ?? zones[0] }
        guard let zone = zones.first(where: { SimulatedZones.subnet(of: $0) == subnet }) else {
            throw self("InvalidSubnetID.NotFound", "The subnet ID '\(subnet)' does not exist")
        }
        guard asked ?? zone == zone else {
            throw invalid("The subnet '\(subnet)' is in the availability zone \(zone), not in \(asked ?? "").")
        }
        return zone
    }
}

extension SimulatedImage {
    /// Its volumes, with what a launch wants otherwise.
    fileprivate func devices(changedBy changes: [EC2BlockDeviceRequest]) -> [EC2BlockDeviceRequest] {
        let own = devices
        let changed = own.map { device in
            guard let change = changes.first(where: { $0.deviceName == device.deviceName })?.ebs else { return device }
            var (device, volume) = (device, device.ebs ?? change)
            volume.volumeSize = change.volumeSize ?? volume.volumeSize
            volume.volumeType = change.volumeType ?? volume.volumeType
            volume.iops = change.iops ?? volume.iops
            volume.throughput = change.throughput ?? volume.throughput
            volume.encrypted = change.encrypted ?? volume.encrypted
            volume.kmsKeyId = change.kmsKeyId ?? volume.kmsKeyId
            volume.deleteOnTermination = change.deleteOnTermination ?? volume.deleteOnTermination
            device.ebs = volume
            return device
        }
        return changed + changes.filter { change in !own.contains { $0.deviceName == change.deviceName } }
    }
}

extension RegionState {
    /// Ends an instance; its volumes go or stay as they were to.
    mutating func terminate(_ index: Int, at now: Moment) {
        let id = instances[index].id
        instances[index].state = "terminated"
        instances[index].terminatedAt = now
        volumes.removeAll { $0.attachment?.instance == id && $0.attachment?.goesWithIt == true }
        for volume in volumes.indices where volumes[volume].attachment?.instance == id {
            volumes[volume].attachment = nil
        }
    }
}
