package import BackupCore

/// Disks, databases and automatic snapshots.
extension LightsailClient {
    package func getDisks(
        _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> GetDisksReply { try await perform(Lightsail.getDisks, request, in: region) }

    package func getDiskSnapshots(
        _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> GetDiskSnapshotsReply {
        try await perform(Lightsail.getDiskSnapshots, request, in: region)
    }

    package func getDiskSnapshot(
        _ request: DiskSnapshotNameRequest, in region: Region
    ) async throws(AWSError) -> GetDiskSnapshotReply {
        try await perform(Lightsail.getDiskSnapshot, request, in: region)
    }

    package func getDatabases(
        _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> GetDatabasesReply { try await perform(Lightsail.getDatabases, request, in: region) }

    package func getDatabaseSnapshots(
        _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> GetDatabaseSnapshotsReply {
        try await perform(Lightsail.getDatabaseSnapshots, request, in: region)
    }

    package func getDatabaseSnapshot(
        _ request: DatabaseSnapshotNameRequest, in region: Region
    ) async throws(AWSError) -> GetDatabaseSnapshotReply {
        try await perform(Lightsail.getDatabaseSnapshot, request, in: region)
    }

    package func getAutoSnapshots(
        _ request: GetAutoSnapshotsRequest, in region: Region
    ) async throws(AWSError) -> GetAutoSnapshotsReply {
        try await perform(Lightsail.getAutoSnapshots, request, in: region)
    }

    package func createDiskSnapshot(
        _ request: CreateDiskSnapshotRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try check(request.fault, Lightsail.createDiskSnapshot, region)
        return try await perform(Lightsail.createDiskSnapshot, request, in: region)
    }

    package func deleteDiskSnapshot(
        _ request: DiskSnapshotNameRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try await perform(Lightsail.deleteDiskSnapshot, request, in: region)
    }

    package func createDatabaseSnapshot(
        _ request: CreateDatabaseSnapshotRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try check(request.fault, Lightsail.createDatabaseSnapshot, region)
        return try await perform(Lightsail.createDatabaseSnapshot, request, in: region)
    }

    package func deleteDatabaseSnapshot(
        _ request: DatabaseSnapshotNameRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try await perform(Lightsail.deleteDatabaseSnapshot, request, in: region)
    }

    package func enableAddOn(
        _ request: EnableAddOnRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try await perform(Lightsail.enableAddOn, request, in: region)
    }

    package func disableAddOn(
        _ request: DisableAddOnRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try await perform(Lightsail.disableAddOn, request, in: region)
    }
}
