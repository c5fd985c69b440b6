import BackupCore
import Testing

@testable import AWS

/// Each request of a restore in EC2 with every field set, as it goes over the wire and back.
@Suite struct QueryRestoreRequestTests {
    static let devices: [EC2BlockDeviceRequest] = {
        var root = EC2BlockDeviceRequest.Volume(snapshotId: "snap-1")
        (root.volumeSize, root.volumeType, root.iops, root.throughput) = (8, "io2", 900, 125)
        (root.encrypted, root.kmsKeyId, root.deleteOnTermination) = (true, "alias/dr", true)
        return [
            EC2BlockDeviceRequest(deviceName: "/dev/xvda", ebs: root),
            EC2BlockDeviceRequest(deviceName: "/dev/sdf", ebs: .init(snapshotId: "snap-2")),
        ]
    }()

    private func specification(_ type: String) -> TagSpecification {
        TagSpecification(resourceType: type, tags: QueryRequestTests.tags)
    }

    @Test func volumes() throws {
        var create = CreateVolumeRequest(availabilityZone: "us-east-1b", snapshotId: "snap-1", clientToken: "t-1")
        (create.size, create.volumeType, create.iops, create.throughput) = (50, "gp3", 4000, 250)
        (create.encrypted, create.kmsKeyId, create.multiAttachEnabled) = (true, "alias/dr", false)
        (create.outpostArn, create.volumeInitializationRate) = ("arn:o", 100)
        (create.tagSpecifications, create.dryRun) = ([specification("volume")], true)
        try BotocoreQuery.check(EC2.createVolume, create)
        var attach = AttachVolumeRequest(volumeId: "vol-1", instanceId: "i-1", device: "/dev/sdf")
        attach.dryRun = true
        try BotocoreQuery.check(EC2.attachVolume, attach)
        var detach = DetachVolumeRequest(volumeId: "vol-1", instanceId: "i-1")
        detach.dryRun = true
        try BotocoreQuery.check(EC2.detachVolume, detach)
        var delete = DeleteVolumeRequest(volumeId: "vol-1")
        delete.dryRun = true
        try BotocoreQuery.check(EC2.deleteVolume, delete)
    }

    @Test func images() throws {
        var register = RegisterImageRequest(name: "snapwarden restore")
        (register.description, register.architecture, register.rootDeviceName) = ("d", "x86_64", "/dev/xvda")
        (register.blockDevices, register.virtualizationType) = (Self.devices, "hvm")
        (register.enaSupport, register.sriovNetSupport, register.bootMode) = (true, "simple", "uefi")
        (register.tpmSupport, register.uefiData, register.imdsSupport) = ("v2.0", "QU1a/+==", "v2.0")
        (register.tagSpecifications, register.dryRun) = ([specification("image")], true)
        try BotocoreQuery.check(EC2.registerImage, register)
        var deregister = DeregisterImageRequest(imageId: "ami-1")
        deregister.dryRun = true
        try BotocoreQuery.check(EC2.deregisterImage, deregister)
        try BotocoreQuery.check(EC2.getInstanceUEFIData, GetInstanceUEFIDataRequest(instanceId: "i-1"))
    }

    @Test func instances() throws {
        var run = RunInstancesRequest(clientToken: "t-1")
        (run.imageId, run.instanceType, run.keyName, run.subnetId) = ("ami-1", "m7i.large", "k", "subnet-1")
        (run.securityGroupIds, run.placement) = (["sg-1", "sg-2"], .init(availabilityZone: "us-east-1b"))
        run.iamInstanceProfile = .init(arn: "arn:p", name: "p")
        run.launchTemplate = .init(launchTemplateId: "lt-1", launchTemplateName: "n", version: "$Latest")
        (run.blockDevices, run.userData, run.ebsOptimized) = (Self.devices, "IyE=", true)
        (run.privateIpAddress, run.dryRun) = ("10.0.0.5", true)
        let name = [TagSpecification(resourceType: "volume", tags: [QueryRequestTests.tags[0]])]
        run.tagSpecifications = [specification("instance")] + name
        try BotocoreQuery.check(EC2.runInstances, run)
        var terminate = TerminateInstancesRequest(instanceIds: ["i-1", "i-2"])
        terminate.dryRun = true
        try BotocoreQuery.check(EC2.terminateInstances, terminate)
    }

    @Test func rootVolumesAndPlaces() throws {
        var replace = CreateReplaceRootVolumeTaskRequest(instanceId: "i-1", snapshotId: "snap-1", clientToken: "t-1")
        (replace.deleteReplacedRootVolume, replace.volumeInitializationRate) = (false, 200)
        (replace.tagSpecifications, replace.dryRun) = ([specification("replace-root-volume-task")], true)
        try BotocoreQuery.check(EC2.createReplaceRootVolumeTask, replace)
        let filters = QueryRequestTests.filters
        var tasks = DescribeReplaceRootVolumeTasksRequest(taskIds: ["replacevol-1"], filters: filters, nextToken: "t")
        tasks.maxResults = 5
        try BotocoreQuery.check(EC2.describeReplaceRootVolumeTasks, tasks)
        try BotocoreQuery.check(
            EC2.describeAvailabilityZones, DescribeAvailabilityZonesRequest(filters: filters))
        var subnets = DescribeSubnetsRequest(subnetIds: ["subnet-1"], filters: filters, nextToken: "t")
        subnets.maxResults = 5
        try BotocoreQuery.check(EC2.describeSubnets, subnets)
    }
}
