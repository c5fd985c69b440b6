package import AWS
package import BackupCore

extension World {
    package mutating func createVolume(_ request: CreateVolumeRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2Volume
    {
        let refuse = try admit(EC2.createVolume, in: region)
        let state = state(of: region, now: now)
        if let made = state.volumes.first(where: { $0.request?.clientToken == request.clientToken }) {
            guard made.request == request else { throw refuse.otherParameters }
            return made.described(at: now)
        }
        guard SimulatedZones.of(region).contains(request.availabilityZone) else {
            throw refuse("InvalidZone.NotFound", "The zone '\(request.availabilityZone)' does not exist.")
        }
        let snapshot = try refuse.readable(request.snapshotId, in: state, now)
        let tags = try refuse.tags(of: "volume", in: request.tagSpecifications, ["volume"])
        let wanted = EC2BlockDeviceRequest.Volume(request)
        try refuse.check(wanted, of: snapshot, tooSmall: "InvalidParameterValue")
        try refuse.check(request)
        if request.dryRun == true { throw refuse.dryRun }
        var made = volume(
            wanted, of: snapshot, in: region, zone: request.availabilityZone,
            usable: now + .seconds(timings.instanceSeconds))
        made.visibleAt = visibleAt(now)
        made.request = request
        made.isMultiAttach = request.multiAttachEnabled ?? false
        made.initializationRate = request.volumeInitializationRate
        made.tags = TagList(tags, visibleAt: now)
        regions[region]?.volumes.append(made)
        return made.described(at: now)
    }

    package mutating func attachVolume(_ request: AttachVolumeRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2VolumeAttachment
    {
        let refuse = try admit(EC2.attachVolume, in: region)
        var state = state(of: region, now: now)
        let index = try refuse.volume(request.volumeId, in: state, now)
        guard let instance = state.instances.first(where: { $0.id == request.instanceId && $0.visibleAt <= now })
        else { throw refuse.noInstance(request.instanceId) }
        guard ["running", "stopped"].contains(instance.state(at: now)) else {
            throw refuse(
                "IncorrectState", "Instance '\(instance.id)' is not 'running': it is \(instance.state(at: now)).")
        }
        guard state.volumes[index].status(at: now) == "available" else {
            throw refuse(
                state.volumes[index].attachment == nil ? "IncorrectState" : "VolumeInUse",
                "\(request.volumeId) is \(state.volumes[index].status(at: now))")
        }
        guard state.volumes[index].zone == instance.zone else {
            throw refuse(
                "InvalidVolume.ZoneMismatch",
                "The volume '\(request.volumeId)' is not in the same availability zone as instance '\(instance.id)'")
        }
        guard !state.volumes(of: instance.id).contains(where: { $0.attachment.device == request.device }) else {
            throw refuse.invalid(
                "Invalid value '\(request.device)' for unixDevice. Attachment point \(request.device) is already in use"
            )
        }
        if request.dryRun == true { throw refuse.dryRun }
        state.volumes[index].attachment = .init(
            instance: instance.id, device: request.device, isRoot: request.device == instance.rootDevice,
            goesWithIt: false)
        regions[region] = state
        return EC2VolumeAttachment(
            volumeId: request.volumeId, instanceId: instance.id, device: request.device, status: "attaching")
    }

    package mutating func detachVolume(_ request: DetachVolumeRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2VolumeAttachment
    {
        let refuse = try admit(EC2.detachVolume, in: region)
        var state = state(of: region, now: now)
        let index = try refuse.volume(request.volumeId, in: state, now)
        guard let attachment = state.volumes[index].attachment else {
            throw refuse("IncorrectState", "Volume '\(request.volumeId)' is in the 'available' state.")
        }
        guard request.instanceId.map({ $0 == attachment.instance }) ?? true else {
            throw refuse(
                "InvalidAttachment.NotFound",
                "The volume '\(request.volumeId)' is not attached to instance '\(request.instanceId ?? "")'.")
        }
        let instance = state.instances.first { $0.id == attachment.instance }
        guard !attachment.isRoot || instance?.state(at: now) == "stopped" else {
            throw refuse(
                "IncorrectState", "Unable to detach root volume '\(request.volumeId)' from a running instance.")
        }
        if request.dryRun == true { throw refuse.dryRun }
        state.volumes[index].attachment = nil
        regions[region] = state
        return EC2VolumeAttachment(
            volumeId: request.volumeId, instanceId: attachment.instance, device: attachment.device,
            status: "detaching")
    }

    package mutating func deleteVolume(_ request: DeleteVolumeRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2Done
    {
        let refuse = try admit(EC2.deleteVolume, in: region)
        settle(region, now: now)
        let index = try refuse.volume(request.volumeId, in: state(of: region, now: now), now)
        if let attachment = regions[region]?.volumes[index].attachment {
            throw refuse("VolumeInUse", "Volume \(request.volumeId) is currently attached to \(attachment.instance)")
        }
        guard state(of: region, now: now).volumes[index].status(at: now) == "available" else {
            throw refuse("IncorrectState", "The volume '\(request.volumeId)' is still being created.")
        }
        if request.dryRun == true { throw refuse.dryRun }
        regions[region]?.volumes.removeAll { $0.id == request.volumeId }
        return EC2Done()
    }
}

extension EC2BlockDeviceRequest.Volume {
    fileprivate init(_ request: CreateVolumeRequest) {
        self.init(snapshotId: request.snapshotId)
        (volumeSize, volumeType, iops) = (request.size, request.volumeType, request.iops)
        (throughput, encrypted, kmsKeyId) = (request.throughput, request.encrypted, request.kmsKeyId)
    }
}

extension Refusal {
    /// EC2's answer where a client token comes again with another request.
    var otherParameters: AWSError {
        self(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
    }

    fileprivate func volume(_ id: String, in state: RegionState, _ now: Moment) throws(AWSError) -> Int {
        guard let index = state.volumes.firstIndex(where: { $0.id == id && $0.visibleAt <= now }) else {
            throw noVolume(id)
        }
        return index
    }
}
