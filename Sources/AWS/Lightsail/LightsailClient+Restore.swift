package import BackupCore

/// What a restore uses.
extension LightsailClient: LightsailRestoreReading, LightsailRestoreWriting {
    package func getInstance(_ request: InstanceNameRequest, in region: Region) async throws(AWSError)
        -> GetInstanceReply
    {
        try await perform(Lightsail.getInstance, request, in: region)
    }

    package func getInstancePortStates(_ request: InstanceNameRequest, in region: Region) async throws(AWSError)
        -> GetInstancePortStatesReply
    {
        try await perform(Lightsail.getInstancePortStates, request, in: region)
    }

    package func getStaticIPs(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetStaticIPsReply
    {
        try await perform(Lightsail.getStaticIPs, request, in: region)
    }

    package func getKeyPairs(_ request: GetKeyPairsRequest, in region: Region) async throws(AWSError)
        -> GetKeyPairsReply
    {
        try await perform(Lightsail.getKeyPairs, request, in: region)
    }

    package func getBundles(_ request: GetBundlesRequest, in region: Region) async throws(AWSError) -> GetBundlesReply {
        try await perform(Lightsail.getBundles, request, in: region)
    }

    package func getDatabaseBundles(_ request: GetBundlesRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseBundlesReply
    {
        try await perform(Lightsail.getDatabaseBundles, request, in: region)
    }

    package func getRegions(_ request: GetRegionsRequest, in region: Region) async throws(AWSError) -> GetRegionsReply {
        try await perform(Lightsail.getRegions, request, in: region)
    }

    package func getDisk(_ request: DiskNameRequest, in region: Region) async throws(AWSError) -> GetDiskReply {
        try await perform(Lightsail.getDisk, request, in: region)
    }

    package func getDatabase(_ request: DatabaseNameRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseReply
    {
        try await perform(Lightsail.getDatabase, request, in: region)
    }

    package func createInstancesFromSnapshot(_ request: CreateInstancesFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try check(request.fault, Lightsail.createInstancesFromSnapshot, region)
        return try await perform(Lightsail.createInstancesFromSnapshot, request, in: region)
    }

    package func putInstancePublicPorts(_ request: PutInstancePublicPortsRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationReply
    {
        try await perform(Lightsail.putInstancePublicPorts, request, in: region)
    }

    package func attachStaticIP(_ request: AttachStaticIPRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try await perform(Lightsail.attachStaticIP, request, in: region)
    }

    package func createDiskFromSnapshot(_ request: CreateDiskFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try check(request.fault, Lightsail.createDiskFromSnapshot, region)
        return try await perform(Lightsail.createDiskFromSnapshot, request, in: region)
    }

    package func attachDisk(_ request: AttachDiskRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try await perform(Lightsail.attachDisk, request, in: region)
    }

    package func createDatabaseFromSnapshot(_ request: CreateDatabaseFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try check(request.fault, Lightsail.createDatabaseFromSnapshot, region)
        return try await perform(Lightsail.createDatabaseFromSnapshot, request, in: region)
    }

    package func deleteInstance(_ request: DeleteInstanceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try await perform(Lightsail.deleteInstance, request, in: region)
    }

    package func deleteDisk(_ request: DeleteDiskRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try await perform(Lightsail.deleteDisk, request, in: region)
    }

    package func deleteDatabase(_ request: DeleteDatabaseRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try await perform(Lightsail.deleteDatabase, request, in: region)
    }
}
