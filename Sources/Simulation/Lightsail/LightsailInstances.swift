package import AWS
package import BackupCore

extension World {
    package func getInstances(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstancesReply
    {
        let refuse = try admit(Lightsail.getInstances, in: region)
        let state = state(of: region, now: now)
        let page = try refuse.page(
            of: state.lightsailInstances.filter { $0.visibleAt <= now }, after: request.pageToken,
            size: timings.lightsailPageSize)
        return GetInstancesReply(
            instances: page.items.map { described($0, of: state, in: region, at: now) }, nextPageToken: page.token)
    }

    package func getInstance(_ request: InstanceNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstanceReply
    {
        let refuse = try admit(Lightsail.getInstance, in: region)
        let state = state(of: region, now: now)
        let found = try refuse.instance(request.instanceName, in: state, at: now)
        return GetInstanceReply(instance: described(found, of: state, in: region, at: now))
    }

    package mutating func deleteInstance(_ request: DeleteInstanceRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.deleteInstance, in: region)
        var state = state(of: region, now: now)
        let found = try refuse.instance(request.instanceName, in: state, at: now)
        let hasAddOns = found.idle != nil || found.automatic.setting != nil
        guard request.forceDeleteAddOns == true || !hasAddOns else {
            throw refuse.badInput("\(found.name) has add-ons: switch them off, or give forceDeleteAddOns.")
        }
        state.removeLightsailInstance(found.name)
        regions[region] = state
        return done(refuse.operation, on: (found.name, "Instance"), in: region, now: now)
    }

    private func described(
        _ instance: SimulatedLightsailInstance, of state: RegionState, in region: Region, at now: Moment
    ) -> LightsailInstance {
        var shown = LightsailInstance(
            name: instance.name, arn: lightsailARN("Instance", instance.uuid, in: region))
        let bundle = SimulatedBundles.all.first { $0.bundleId == instance.bundle }
        shown.supportCode = supportCode(instance.uuid)
        shown.createdAt = EpochTime(instance.life.startedAt)
        shown.location = location(region, zone: instance.zone)
        shown.resourceType = "Instance"
        shown.tags = described(instance.tags, at: now)
        shown.addOns = described(instance.automatic, instance.idle)
        shown.blueprintId = instance.blueprint
        shown.bundleId = instance.bundle
        shown.state =
            instance.life.stage(at: now) == .done
            ? LightsailInstance.State(code: 16, name: "running") : LightsailInstance.State(code: 0, name: "pending")
        shown.hardware = LightsailInstance.Hardware(
            cpuCount: bundle?.cpuCount ?? 2,
            disks: state.disks(of: instance).map { described($0, of: instance, in: region) },
            ramSizeInGb: bundle?.ramSizeInGb ?? 1)
        shown.networking = LightsailInstance.Networking(ports: instance.ports)
        let address = state.staticIPs.first { $0.attachedTo == instance.name }?.address
        let number = instance.sequence
        shown.isStaticIp = address != nil
        shown.privateIpAddress = "172.26.\(number / 250 % 250).\(number % 250 + 1)"
        shown.ipAddressType = instance.addressType
        if instance.addressType != "ipv6" {
            shown.publicIpAddress = address ?? instanceAddress ?? "203.0.113.\(number % 250 + 1)"
        }
        if instance.addressType != "ipv4" {
            shown.ipv6Addresses = ["2001:DB8:0:0:0:0:0:\(String(number % 65536, radix: 16, uppercase: true))"]
        }
        shown.username = "admin"
        shown.sshKeyName = instance.keyPair
        return shown
    }

    private func described(
        _ disk: SimulatedLightsailInstance.Disk, of instance: SimulatedLightsailInstance, in region: Region
    ) -> LightsailDisk {
        var shown = LightsailDisk(
            name: disk.isSystem ? nil : disk.name, path: disk.path, sizeInGb: disk.size, isSystemDisk: disk.isSystem)
        shown.createdAt = EpochTime(instance.life.startedAt)
        shown.location = location(region, zone: instance.zone)
        shown.resourceType = "Disk"
        shown.iops = 100
        shown.state = "in-use"
        shown.attachedTo = instance.name
        shown.isAttached = true
        shown.attachmentState = "attached"
        return shown
    }
}

extension Refusal {
    /// The instance of that name; one made a moment ago may not be shown yet.
    func instance(_ name: String, in state: RegionState, at now: Moment) throws(AWSError) -> SimulatedLightsailInstance
    {
        guard let found = state.lightsailInstances.first(where: { $0.name == name && $0.visibleAt <= now }) else {
            throw notFound("Instance", name)
        }
        return found
    }
}

extension RegionState {
    /// Takes an instance away; its disks and its address stay, and are nobody's.
    mutating func removeLightsailInstance(_ name: String) {
        lightsailInstances.removeAll { $0.name == name }
        for index in lightsailDisks.indices where lightsailDisks[index].attachedTo == name {
            lightsailDisks[index].attachedTo = nil
            lightsailDisks[index].path = nil
        }
        for index in staticIPs.indices where staticIPs[index].attachedTo == name { staticIPs[index].attachedTo = nil }
    }
}
