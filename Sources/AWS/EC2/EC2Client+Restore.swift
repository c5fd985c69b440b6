package import BackupCore

/// What a restore uses.
extension EC2Client: EC2RestoreReading, EC2RestoreWriting {
    package func describeAvailabilityZones(_ request: DescribeAvailabilityZonesRequest, in region: Region)
        async throws(AWSError) -> DescribeAvailabilityZonesReply
    {
        try await perform(EC2.describeAvailabilityZones, request, in: region)
    }

    package func describeSubnets(_ request: DescribeSubnetsRequest, in region: Region) async throws(AWSError)
        -> DescribeSubnetsReply
    {
        try await perform(EC2.describeSubnets, request, in: region)
    }

    package func describeReplaceRootVolumeTasks(_ request: DescribeReplaceRootVolumeTasksRequest, in region: Region)
        async throws(AWSError) -> DescribeReplaceRootVolumeTasksReply
    {
        try await perform(EC2.describeReplaceRootVolumeTasks, request, in: region)
    }

    package func getInstanceUEFIData(_ request: GetInstanceUEFIDataRequest, in region: Region) async throws(AWSError)
        -> GetInstanceUEFIDataReply
    {
        try await perform(EC2.getInstanceUEFIData, request, in: region)
    }

    package func createVolume(_ request: CreateVolumeRequest, in region: Region) async throws(AWSError) -> EC2Volume {
        try await perform(EC2.createVolume, request, in: region)
    }

    package func attachVolume(_ request: AttachVolumeRequest, in region: Region) async throws(AWSError)
        -> EC2VolumeAttachment
    {
        try await perform(EC2.attachVolume, request, in: region)
    }

    package func detachVolume(_ request: DetachVolumeRequest, in region: Region) async throws(AWSError)
        -> EC2VolumeAttachment
    {
        try await perform(EC2.detachVolume, request, in: region)
    }

    package func deleteVolume(_ request: DeleteVolumeRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try await perform(EC2.deleteVolume, request, in: region)
    }

    package func registerImage(_ request: RegisterImageRequest, in region: Region) async throws(AWSError)
        -> RegisterImageReply
    {
        try await perform(EC2.registerImage, request, in: region)
    }

    package func deregisterImage(_ request: DeregisterImageRequest, in region: Region) async throws(AWSError) -> EC2Done
    {
        try await perform(EC2.deregisterImage, request, in: region)
    }

    package func runInstances(_ request: RunInstancesRequest, in region: Region) async throws(AWSError)
        -> EC2Reservation
    {
        try await perform(EC2.runInstances, request, in: region)
    }

    package func terminateInstances(_ request: TerminateInstancesRequest, in region: Region) async throws(AWSError)
        -> TerminateInstancesReply
    {
        try await perform(EC2.terminateInstances, request, in: region)
    }

    package func createReplaceRootVolumeTask(_ request: CreateReplaceRootVolumeTaskRequest, in region: Region)
        async throws(AWSError) -> CreateReplaceRootVolumeTaskReply
    {
        try await perform(EC2.createReplaceRootVolumeTask, request, in: region)
    }
}
