package import BackupCore

/// The Lightsail operations that change nothing.
///
/// Source of all names and shapes here: the Lightsail API reference, version 2016-11-28 (JSON 1.1).
package protocol LightsailReading: Sendable {
    func getInstances(_ request: LightsailPageRequest, in region: Region) async throws(AWSError) -> GetInstancesReply
    func getInstanceSnapshots(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetInstanceSnapshotsReply
    func getInstanceSnapshot(_ request: InstanceSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> GetInstanceSnapshotReply
    func getOperation(_ request: GetOperationRequest, in region: Region) async throws(AWSError) -> GetOperationReply
    func getDisks(_ request: LightsailPageRequest, in region: Region) async throws(AWSError) -> GetDisksReply
    func getDiskSnapshots(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetDiskSnapshotsReply
    func getDiskSnapshot(_ request: DiskSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> GetDiskSnapshotReply
    func getDatabases(_ request: LightsailPageRequest, in region: Region) async throws(AWSError) -> GetDatabasesReply
    func getDatabaseSnapshots(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseSnapshotsReply
    func getDatabaseSnapshot(_ request: DatabaseSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseSnapshotReply
    func getAutoSnapshots(_ request: GetAutoSnapshotsRequest, in region: Region) async throws(AWSError)
        -> GetAutoSnapshotsReply
}

/// The Lightsail operations that change something.
package protocol LightsailWriting: Sendable {
    func createInstanceSnapshot(_ request: CreateInstanceSnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    /// Sent to the destination region.
    func copySnapshot(_ request: LightsailCopySnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func deleteInstanceSnapshot(_ request: InstanceSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func tagResource(_ request: LightsailTagResourceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func untagResource(_ request: LightsailUntagResourceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func createDiskSnapshot(_ request: CreateDiskSnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func deleteDiskSnapshot(_ request: DiskSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func createDatabaseSnapshot(_ request: CreateDatabaseSnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func deleteDatabaseSnapshot(_ request: DatabaseSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func enableAddOn(_ request: EnableAddOnRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    func disableAddOn(_ request: DisableAddOnRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
}

/// All of Lightsail that we use.
package typealias LightsailOperations = LightsailReading & LightsailWriting

/// The operations' names, and which of them may be repeated.
package enum Lightsail {
    package static let getInstances = Operation(.lightsail, "GetInstances", isRepeatable: true)
    package static let getInstanceSnapshots = Operation(.lightsail, "GetInstanceSnapshots", isRepeatable: true)
    package static let getInstanceSnapshot = Operation(.lightsail, "GetInstanceSnapshot", isRepeatable: true)
    package static let getOperation = Operation(.lightsail, "GetOperation", isRepeatable: true)
    package static let createInstanceSnapshot = Operation(.lightsail, "CreateInstanceSnapshot", isRepeatable: false)
    package static let copySnapshot = Operation(.lightsail, "CopySnapshot", isRepeatable: false)
    package static let deleteInstanceSnapshot = Operation(.lightsail, "DeleteInstanceSnapshot", isRepeatable: true)
    package static let tagResource = Operation(.lightsail, "TagResource", isRepeatable: true)
    package static let untagResource = Operation(.lightsail, "UntagResource", isRepeatable: true)
    package static let getDisks = Operation(.lightsail, "GetDisks", isRepeatable: true)
    package static let getDiskSnapshots = Operation(.lightsail, "GetDiskSnapshots", isRepeatable: true)
    package static let getDiskSnapshot = Operation(.lightsail, "GetDiskSnapshot", isRepeatable: true)
    package static let getDatabases = Operation(.lightsail, "GetRelationalDatabases", isRepeatable: true)
    package static let getDatabaseSnapshots = Operation(
        .lightsail, "GetRelationalDatabaseSnapshots", isRepeatable: true)
    package static let getDatabaseSnapshot = Operation(.lightsail, "GetRelationalDatabaseSnapshot", isRepeatable: true)
    package static let getAutoSnapshots = Operation(.lightsail, "GetAutoSnapshots", isRepeatable: true)
    package static let createDiskSnapshot = Operation(.lightsail, "CreateDiskSnapshot", isRepeatable: false)
    package static let deleteDiskSnapshot = Operation(.lightsail, "DeleteDiskSnapshot", isRepeatable: true)
    package static let createDatabaseSnapshot = Operation(
        .lightsail, "CreateRelationalDatabaseSnapshot", isRepeatable: false)
    package static let deleteDatabaseSnapshot = Operation(
        .lightsail, "DeleteRelationalDatabaseSnapshot", isRepeatable: true)
    package static let enableAddOn = Operation(.lightsail, "EnableAddOn", isRepeatable: true)
    package static let disableAddOn = Operation(.lightsail, "DisableAddOn", isRepeatable: true)
}

/// A request that asks for nothing but a page.
package struct LightsailPageRequest: Codable, Sendable, Equatable {
    package var pageToken: String?
    package init(pageToken: String? = nil) { self.pageToken = pageToken }
}

/// A tag as Lightsail writes it; a tag without a value is a key-only tag.
package struct LightsailTag: Codable, Sendable, Equatable {
    package var key: String
    package var value: String?

    package init(key: String, value: String?) {
        self.key = key
        self.value = value
    }

    /// What the API would refuse in a tag's value; nil if nothing.
    ///
    /// Source: Lightsail API reference, Tag.
    static func fault(in tags: [LightsailTag]) -> String? {
        for tag in tags {
            guard let value = tag.value, value.unicodeScalars.count > 256 || !value.allSatisfy(isAllowed) else {
                continue
            }
            return
                "the value of \(tag.key): 256 letters, digits, spaces and + - = . _ : / @ at the most; got \"\(value)\""
        }
        return nil
    }

    private static func isAllowed(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || " +-=._:/@".contains(character)
    }
}

/// Where something lies.
package struct LightsailLocation: Codable, Sendable, Equatable {
    package var availabilityZone: String?
    package var regionName: String?

    package init(availabilityZone: String?, regionName: String?) {
        self.availabilityZone = availabilityZone
        self.regionName = regionName
    }
}

/// What Lightsail does in answer to a call; its success does not mean that a snapshot is ready.
package struct LightsailOperation: Codable, Sendable, Equatable {
    package var id: String
    package var resourceName: String?
    package var resourceType: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var isTerminal: Bool?
    package var operationDetails: String?
    package var operationType: String?
    /// `NotStarted`, `Started`, `Failed`, `Completed` or `Succeeded`; the last two are both good ends.
    package var status: String?
    package var statusChangedAt: EpochTime?
    package var errorCode: String?
    package var errorDetails: String?

    package init(id: String) { self.id = id }
}

/// What most calls that change something answer.
package struct LightsailOperationsReply: Codable, Sendable, Equatable {
    package var operations: [LightsailOperation]?
    package init(operations: [LightsailOperation]?) { self.operations = operations }
}

/// GetOperation.
package struct GetOperationRequest: Codable, Sendable, Equatable {
    package var operationId: String
    package init(operationId: String) { self.operationId = operationId }
}

/// GetOperation's answer.
package struct GetOperationReply: Codable, Sendable, Equatable {
    package var operation: LightsailOperation?
    package init(operation: LightsailOperation?) { self.operation = operation }
}
