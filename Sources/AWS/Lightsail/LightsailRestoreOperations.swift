package import BackupCore

/// The Lightsail operations by which a restore sees what there is, and follows what it began.
package protocol LightsailRestoreReading: LightsailReading {
    func getInstance(_ request: InstanceNameRequest, in region: Region) async throws(AWSError) -> GetInstanceReply
    func getInstancePortStates(_ request: InstanceNameRequest, in region: Region) async throws(AWSError)
        -> GetInstancePortStatesReply
    func getStaticIPs(_ request: LightsailPageRequest, in region: Region) async throws(AWSError) -> GetStaticIPsReply
    func getKeyPairs(_ request: GetKeyPairsRequest, in region: Region) async throws(AWSError) -> GetKeyPairsReply
    func getBundles(_ request: GetBundlesRequest, in region: Region) async throws(AWSError) -> GetBundlesReply
    func getDatabaseBundles(_ request: GetBundlesRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseBundlesReply
    func getRegions(_ request: GetRegionsRequest, in region: Region) async throws(AWSError) -> GetRegionsReply
    func getDisk(_ request: DiskNameRequest, in region: Region) async throws(AWSError) -> GetDiskReply
    func getDatabase(_ request: DatabaseNameRequest, in region: Region) async throws(AWSError) -> GetDatabaseReply
}

/// The Lightsail operations that make resources from snapshots, put back what no snapshot holds, and remove what was made.
package protocol LightsailRestoreWriting: Sendable {
    func createInstancesFromSnapshot(_ request: CreateInstancesFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    func putInstancePublicPorts(_ request: PutInstancePublicPortsRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationReply
    func attachStaticIP(_ request: AttachStaticIPRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func createDiskFromSnapshot(_ request: CreateDiskFromSnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func attachDisk(_ request: AttachDiskRequest, in region: Region) async throws(AWSError) -> LightsailOperationsReply
    func createDatabaseFromSnapshot(_ request: CreateDatabaseFromSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    func deleteInstance(_ request: DeleteInstanceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func deleteDisk(_ request: DeleteDiskRequest, in region: Region) async throws(AWSError) -> LightsailOperationsReply
    func deleteDatabase(_ request: DeleteDatabaseRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
}

/// All of Lightsail that a restore uses.
package typealias LightsailRestoreOperations = LightsailRestoreReading & LightsailRestoreWriting

extension Lightsail {
    package static let getInstance = Operation(.lightsail, "GetInstance", isRepeatable: true)
    package static let getInstancePortStates = Operation(.lightsail, "GetInstancePortStates", isRepeatable: true)
    package static let getStaticIPs = Operation(.lightsail, "GetStaticIps", isRepeatable: true)
    package static let getKeyPairs = Operation(.lightsail, "GetKeyPairs", isRepeatable: true)
    package static let getBundles = Operation(.lightsail, "GetBundles", isRepeatable: true)
    package static let getDatabaseBundles = Operation(
        .lightsail, "GetRelationalDatabaseBundles", isRepeatable: true)
    package static let getRegions = Operation(.lightsail, "GetRegions", isRepeatable: true)
    package static let getDisk = Operation(.lightsail, "GetDisk", isRepeatable: true)
    package static let getDatabase = Operation(.lightsail, "GetRelationalDatabase", isRepeatable: true)
    package static let createInstancesFromSnapshot = Operation(
        .lightsail, "CreateInstancesFromSnapshot", isRepeatable: false)
    /// It says what is to be open in the end, however often.
    package static let putInstancePublicPorts = Operation(.lightsail, "PutInstancePublicPorts", isRepeatable: true)
    package static let attachStaticIP = Operation(.lightsail, "AttachStaticIp", isRepeatable: false)
    package static let createDiskFromSnapshot = Operation(.lightsail, "CreateDiskFromSnapshot", isRepeatable: false)
    package static let attachDisk = Operation(.lightsail, "AttachDisk", isRepeatable: false)
    package static let createDatabaseFromSnapshot = Operation(
        .lightsail, "CreateRelationalDatabaseFromSnapshot", isRepeatable: false)
    package static let deleteInstance = Operation(.lightsail, "DeleteInstance", isRepeatable: true)
    package static let deleteDisk = Operation(.lightsail, "DeleteDisk", isRepeatable: true)
    /// It may make a last snapshot.
    package static let deleteDatabase = Operation(.lightsail, "DeleteRelationalDatabase", isRepeatable: false)
}
