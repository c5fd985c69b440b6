package import AWS
package import BackupCore

extension World {
    package func describeInstances(_ request: DescribeInstancesRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeInstancesReply
    {
        let refuse = try admit(EC2.describeInstances, in: region)
        let filters = try refuse.read(request.filters, known: World.instanceFilters)
        let state = state(of: region, now: now)
        var asked = state.instances.filter { $0.visibleAt <= now }
        if let ids = request.instanceIds {
            for id in ids where !asked.contains(where: { $0.id == id }) { throw refuse.noInstance(id) }
            asked.removeAll { !ids.contains($0.id) }
        }
        let page = try refuse.page(
            of: asked, ids: request.instanceIds, idsParameter: "instancesSet", size: request.maxResults,
            token: request.nextToken)
        let kept = page.items.filter { instance in
            filters.keep(tags: instance.tags, at: now) { state.values(of: $0, of: instance, at: now) }
        }
        let reservations = kept.map { instance in
            EC2Reservation(
                reservationId: instance.reservation, ownerId: account,
                instances: [state.described(instance, at: now)])
        }
        return DescribeInstancesReply(reservations: reservations, nextToken: page.token)
    }

    private static let instanceFilters: Set<String> = [
        "block-device-mapping.volume-id", "instance-id", "instance-state-code", "instance-state-name",
        "reservation-id", "root-device-name",
    ]

    /// The codes that EC2 gives the states (InstanceState).
    static func stateCode(_ name: String) -> Int? {
        ["pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80][name]
    }
}

extension RegionState {
    /// The instance's volumes, the root first, then by device.
    func volumes(of instance: String) -> [(volume: SimulatedVolume, attachment: SimulatedVolume.Attachment)] {
        volumes.compactMap { volume in
            guard let attachment = volume.attachment, attachment.instance == instance else { return nil }
            return (volume, attachment)
        }.sorted { a, b in
            (a.attachment.isRoot ? 0 : 1, a.attachment.device) < (b.attachment.isRoot ? 0 : 1, b.attachment.device)
        }
    }

    /// What a filter of that name looks at.
    fileprivate func values(of field: String, of instance: SimulatedInstance, at now: Moment) -> [String] {
        switch field {
        case "block-device-mapping.volume-id": volumes(of: instance.id).map(\.volume.id)
        case "instance-id": [instance.id]
        case "instance-state-name": [instance.state(at: now)]
        case "instance-state-code": World.stateCode(instance.state(at: now)).map { ["\($0)"] } ?? []
        case "reservation-id": [instance.reservation]
        case "root-device-name": [instance.rootDevice]
        default: []
        }
    }

    func described(_ instance: SimulatedInstance, at now: Moment) -> EC2Instance {
        let devices = volumes(of: instance.id).map { volume, attachment in
            var shown = EC2Instance.BlockDevice.Volume(volumeId: volume.id, status: "attached")
            shown.deleteOnTermination = attachment.goesWithIt
            return EC2Instance.BlockDevice(deviceName: attachment.device, ebs: shown)
        }
        let tags = instance.tags.visible(at: now)
        let state = instance.state(at: now)
        var shown = EC2Instance(
            instanceId: instance.id, state: EC2Instance.State(code: World.stateCode(state), name: state),
            rootDeviceName: instance.rootDevice, blockDevices: devices.isEmpty ? nil : devices,
            tags: tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") })
        instance.hardware.describe(in: &shown)
        shown.clientToken = instance.request?.clientToken
        shown.placement = EC2Instance.Placement(availabilityZone: instance.zone)
        return shown
    }
}

extension SimulatedHardware {
    fileprivate func describe(in shown: inout EC2Instance) {
        shown.imageId = image
        shown.instanceType = type
        shown.architecture = architecture
        shown.keyName = keyName
        (shown.subnetId, shown.vpcId, shown.privateIpAddress) = (subnet, vpc, privateAddress)
        shown.ipAddress = publicAddress
        shown.securityGroups = securityGroups.isEmpty ? nil : securityGroups.map { .init(groupId: $0, groupName: $0) }
        shown.iamInstanceProfile = profile.map { .init(arn: $0) }
        shown.virtualizationType = "hvm"
        shown.enaSupport = true
        shown.platformDetails = platform
        shown.bootMode = bootMode
        shown.tpmSupport = tpmSupport
        shown.ebsOptimized = ebsOptimized
    }
}
