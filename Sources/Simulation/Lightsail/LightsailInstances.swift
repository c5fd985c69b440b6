package import AWS
package import BackupCore

extension World {
    package func getInstances(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstancesReply
    {
        let refuse = try admit(Lightsail.getInstances, in: region)
        let page = try refuse.page(
            of: state(of: region, now: now).lightsailInstances, after: request.pageToken,
            size: timings.lightsailPageSize)
        return GetInstancesReply(
            instances: page.items.map { described($0, in: region, at: now) }, nextPageToken: page.token)
    }

    private func described(_ instance: SimulatedLightsailInstance, in region: Region, at now: Moment)
        -> LightsailInstance
    {
        var shown = LightsailInstance(
            name: instance.name, arn: lightsailARN("Instance", instance.uuid, in: region))
        shown.supportCode = supportCode(instance.uuid)
        shown.createdAt = EpochTime(instance.createdAt)
        shown.location = location(region, zone: "\(region)a")
        shown.resourceType = "Instance"
        shown.tags = described(instance.tags, at: now)
        shown.addOns = described(instance.automatic)
        shown.blueprintId = instance.blueprint
        shown.bundleId = instance.bundle
        shown.state = LightsailInstance.State(code: 16, name: "running")
        shown.hardware = LightsailInstance.Hardware(
            cpuCount: 2, disks: instance.disks.map { described($0, of: instance, in: region) }, ramSizeInGb: 1)
        return shown
    }

    private func described(
        _ disk: SimulatedLightsailInstance.Disk, of instance: SimulatedLightsailInstance, in region: Region
    ) -> LightsailDisk {
        var shown = LightsailDisk(
            name: disk.isSystem ? nil : disk.name, path: disk.path, sizeInGb: disk.size, isSystemDisk: disk.isSystem)
        shown.createdAt = EpochTime(instance.createdAt)
        shown.location = location(region, zone: "\(region)a")
        shown.resourceType = "Disk"
        shown.iops = 100
        shown.state = "in-use"
        shown.attachedTo = instance.name
        shown.isAttached = true
        shown.attachmentState = "attached"
        return shown
    }
}
