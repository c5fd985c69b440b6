package import BackupCore

/// The EC2 operations by which a restore sees what there is, and follows what it began.
package protocol EC2RestoreReading: EC2Reading {
    func describeAvailabilityZones(_ request: DescribeAvailabilityZonesRequest, in region: Region)
        async throws(AWSError) -> DescribeAvailabilityZonesReply
    func describeSubnets(_ request: DescribeSubnetsRequest, in region: Region) async throws(AWSError)
        -> DescribeSubnetsReply
    func describeReplaceRootVolumeTasks(_ request: DescribeReplaceRootVolumeTasksRequest, in region: Region)
        async throws(AWSError) -> DescribeReplaceRootVolumeTasksReply
    func getInstanceUEFIData(_ request: GetInstanceUEFIDataRequest, in region: Region) async throws(AWSError)
        -> GetInstanceUEFIDataReply
}

/// The EC2 operations that make volumes and instances from snapshots, and remove what was made.
package protocol EC2RestoreWriting: Sendable {
    func createVolume(_ request: CreateVolumeRequest, in region: Region) async throws(AWSError) -> EC2Volume
    func attachVolume(_ request: AttachVolumeRequest, in region: Region) async throws(AWSError) -> EC2VolumeAttachment
    func detachVolume(_ request: DetachVolumeRequest, in region: Region) async throws(AWSError) -> EC2VolumeAttachment
    func deleteVolume(_ request: DeleteVolumeRequest, in region: Region) async throws(AWSError) -> EC2Done
    func registerImage(_ request: RegisterImageRequest, in region: Region) async throws(AWSError) -> RegisterImageReply
    func deregisterImage(_ request: DeregisterImageRequest, in region: Region) async throws(AWSError) -> EC2Done
    func runInstances(_ request: RunInstancesRequest, in region: Region) async throws(AWSError) -> EC2Reservation
    func terminateInstances(_ request: TerminateInstancesRequest, in region: Region) async throws(AWSError)
        -> TerminateInstancesReply
    func createReplaceRootVolumeTask(_ request: CreateReplaceRootVolumeTaskRequest, in region: Region)
        async throws(AWSError) -> CreateReplaceRootVolumeTaskReply
}

/// All of EC2 that a restore uses.
package typealias EC2RestoreOperations = EC2RestoreReading & EC2RestoreWriting

extension EC2 {
    package static let describeAvailabilityZones = Operation(.ec2, "DescribeAvailabilityZones", isRepeatable: true)
    package static let describeSubnets = Operation(.ec2, "DescribeSubnets", isRepeatable: true)
    package static let describeReplaceRootVolumeTasks = Operation(
        .ec2, "DescribeReplaceRootVolumeTasks", isRepeatable: true)
    package static let getInstanceUEFIData = Operation(.ec2, "GetInstanceUefiData", isRepeatable: true)
    /// These three by their client token.
    package static let createVolume = Operation(.ec2, "CreateVolume", isRepeatable: true)
    package static let runInstances = Operation(.ec2, "RunInstances", isRepeatable: true)
    package static let createReplaceRootVolumeTask = Operation(.ec2, "CreateReplaceRootVolumeTask", isRepeatable: true)
    package static let attachVolume = Operation(.ec2, "AttachVolume", isRepeatable: false)
    package static let detachVolume = Operation(.ec2, "DetachVolume", isRepeatable: false)
    package static let deleteVolume = Operation(.ec2, "DeleteVolume", isRepeatable: true)
    package static let registerImage = Operation(.ec2, "RegisterImage", isRepeatable: false)
    package static let deregisterImage = Operation(.ec2, "DeregisterImage", isRepeatable: true)
    package static let terminateInstances = Operation(.ec2, "TerminateInstances", isRepeatable: true)
}
