package import AWS
package import BackupCore

/// What a restore in Lightsail uses.
extension SimulatedAWS: LightsailRestoreReading, LightsailRestoreWriting {
    package func getInstance(_ request: InstanceNameRequest, in region: Region) async throws(AWSError)
        -> GetInstanceReply
    {
        try call(Lightsail.getInstance, request, in: region) { world, now throws(AWSError) in
            try world.getInstance(request, in: region, now: now)
        }
    }

    package func getInstancePortStates(_ request: InstanceNameRequest, in region: Region) async throws(AWSError)
        -> GetInstancePortStatesReply
    {
        try call(Lightsail.getInstancePortStates, request, in: region) { world, now throws(AWSError) in
            try world.getInstancePortStates(request, in: region, now: now)
        }
    }

    package func getStaticIPs(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetStaticIPsReply
    {
        try call(Lightsail.getStaticIPs, request, in: region) { world, now throws(AWSError) in
            try world.getStaticIPs(request, in: region, now: now)
        }
    }

    package func getKeyPairs(_ request: GetKeyPairsRequest, in region: Region) async throws(AWSError)
        -> GetKeyPairsReply
    {
        try call(Lightsail.getKeyPairs, request, in: region) { world, now throws(AWSError) in
            try world.getKeyPairs(request, in: region, now: now)
        }
    }

    package func getBundles(_ request: GetBundlesRequest, in region: Region) async throws(AWSError) -> GetBundlesReply {
        try call(Lightsail.getBundles, request, in: region) { world, now throws(AWSError) in
            try world.getBundles(request, in: region, now: now)
        }
    }

    package func getDatabaseBundles(_ request: GetBundlesRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseBundlesReply
    {
        try call(Lightsail.getDatabaseBundles, request, in: region) { world, now throws(AWSError) in
            try world.getDatabaseBundles(request, in: region, now: now)
        }
    }

    package func getRegions(_ request: GetRegionsRequest, in region: Region) async throws(AWSError) -> GetRegionsReply {
        try call(Lightsail.getRegions, request, in: region) { world, now throws(AWSError) in
            try world.getRegions(request, in: region, now: now)
        }
    }

    package func getDisk(_ request: DiskNameRequest, in region: Region) async throws(AWSError) -> GetDiskReply {
        try call(Lightsail.getDisk, request, in: region) { world, now throws(AWSError) in
            try world.getDisk(request, in: region, now: now)
        }
    }

    package func getDatabase(_ request: DatabaseNameRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseReply
    {
        try call(Lightsail.getDatabase, request, in: region) { world, now throws(AWSError) in
            try world.getDatabase(request, in: region, now: now)
        }
    }

    package func createInstancesFromSnapshot(_ request: CreateInstancesFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try call(Lightsail.createInstancesFromSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createInstancesFromSnapshot(request, in: region, now: now)
        }
    }

    package func putInstancePublicPorts(_ request: PutInstancePublicPortsRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationReply
    {
        try call(Lightsail.putInstancePublicPorts, request, in: region) { world, now throws(AWSError) in
            try world.putInstancePublicPorts(request, in: region, now: now)
        }
    }

    package func attachStaticIP(_ request: AttachStaticIPRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.attachStaticIP, request, in: region) { world, now throws(AWSError) in
            try world.attachStaticIP(request, in: region, now: now)
        }
    }

    package func createDiskFromSnapshot(_ request: CreateDiskFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try call(Lightsail.createDiskFromSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createDiskFromSnapshot(request, in: region, now: now)
        }
    }

    package func attachDisk(_ request: AttachDiskRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.attachDisk, request, in: region) { world, now throws(AWSError) in
            try world.attachDisk(request, in: region, now: now)
        }
    }

    package func createDatabaseFromSnapshot(_ request: CreateDatabaseFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try call(Lightsail.createDatabaseFromSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createDatabaseFromSnapshot(request, in: region, now: now)
        }
    }

    package func deleteInstance(_ request: DeleteInstanceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.deleteInstance, request, in: region) { world, now throws(AWSError) in
            try world.deleteInstance(request, in: region, now: now)
        }
    }

    package func deleteDisk(_ request: DeleteDiskRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.deleteDisk, request, in: region) { world, now throws(AWSError) in
            try world.deleteDisk(request, in: region, now: now)
        }
    }

    package func deleteDatabase(_ request: DeleteDatabaseRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.deleteDatabase, request, in: region) { world, now throws(AWSError) in
            try world.deleteDatabase(request, in: region, now: now)
        }
    }
}

/// What a restore in EC2 uses.
extension SimulatedAWS: EC2RestoreReading, EC2RestoreWriting {
    package func describeAvailabilityZones(_ request: DescribeAvailabilityZonesRequest, in region: Region)
        async throws(AWSError) -> DescribeAvailabilityZonesReply
    {
        try call(EC2.describeAvailabilityZones, request, in: region) { world, now throws(AWSError) in
            try world.describeAvailabilityZones(request, in: region, now: now)
        }
    }

    package func describeSubnets(_ request: DescribeSubnetsRequest, in region: Region) async throws(AWSError)
        -> DescribeSubnetsReply
    {
        try call(EC2.describeSubnets, request, in: region) { world, now throws(AWSError) in
            try world.describeSubnets(request, in: region, now: now)
        }
    }

    package func describeReplaceRootVolumeTasks(_ request: DescribeReplaceRootVolumeTasksRequest, in region: Region)
        async throws(AWSError) -> DescribeReplaceRootVolumeTasksReply
    {
        try call(EC2.describeReplaceRootVolumeTasks, request, in: region) { world, now throws(AWSError) in
            try world.describeReplaceRootVolumeTasks(request, in: region, now: now)
        }
    }

    package func getInstanceUEFIData(_ request: GetInstanceUEFIDataRequest, in region: Region) async throws(AWSError)
        -> GetInstanceUEFIDataReply
    {
        try call(EC2.getInstanceUEFIData, request, in: region) { world, now throws(AWSError) in
            try world.getInstanceUEFIData(request, in: region, now: now)
        }
    }

    package func createVolume(_ request: CreateVolumeRequest, in region: Region) async throws(AWSError) -> EC2Volume {
        try call(EC2.createVolume, request, in: region) { world, now throws(AWSError) in
            try world.createVolume(request, in: region, now: now)
        }
    }

    package func attachVolume(_ request: AttachVolumeRequest, in region: Region) async throws(AWSError)
        -> EC2VolumeAttachment
    {
        try call(EC2.attachVolume, request, in: region) { world, now throws(AWSError) in
            try world.attachVolume(request, in: region, now: now)
        }
    }

    package func detachVolume(_ request: DetachVolumeRequest, in region: Region) async throws(AWSError)
        -> EC2VolumeAttachment
    {
        try call(EC2.detachVolume, request, in: region) { world, now throws(AWSError) in
            try world.detachVolume(request, in: region, now: now)
        }
    }

    package func deleteVolume(_ request: DeleteVolumeRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try call(EC2.deleteVolume, request, in: region) { world, now throws(AWSError) in
            try world.deleteVolume(request, in: region, now: now)
        }
    }

    package func registerImage(_ request: RegisterImageRequest, in region: Region) async throws(AWSError)
        -> RegisterImageReply
    {
        try call(EC2.registerImage, request, in: region) { world, now throws(AWSError) in
            try world.registerImage(request, in: region, now: now)
        }
    }

    package func deregisterImage(_ request: DeregisterImageRequest, in region: Region) async throws(AWSError) -> EC2Done
    {
        try call(EC2.deregisterImage, request, in: region) { world, now throws(AWSError) in
            try world.deregisterImage(request, in: region, now: now)
        }
    }

    package func runInstances(_ request: RunInstancesRequest, in region: Region) async throws(AWSError)
        -> EC2Reservation
    {
        try call(EC2.runInstances, request, in: region) { world, now throws(AWSError) in
            try world.runInstances(request, in: region, now: now)
        }
    }

    package func terminateInstances(_ request: TerminateInstancesRequest, in region: Region) async throws(AWSError)
        -> TerminateInstancesReply
    {
        try call(EC2.terminateInstances, request, in: region) { world, now throws(AWSError) in
            try world.terminateInstances(request, in: region, now: now)
        }
    }

    package func createReplaceRootVolumeTask(_ request: CreateReplaceRootVolumeTaskRequest, in region: Region)
        async throws(AWSError) -> CreateReplaceRootVolumeTaskReply
    {
        try call(EC2.createReplaceRootVolumeTask, request, in: region) { world, now throws(AWSError) in
            try world.createReplaceRootVolumeTask(request, in: region, now: now)
        }
    }
}
