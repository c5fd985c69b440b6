package import AWS
package import BackupCore

/// Lightsail's disks, databases and automatic snapshots.
extension SimulatedAWS {
    package func getDisks(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetDisksReply
    {
        try call(Lightsail.getDisks, request, in: region) { world, now throws(AWSError) in
            try world.getDisks(request, in: region, now: now)
        }
    }

    package func getDiskSnapshots(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetDiskSnapshotsReply
    {
        try call(Lightsail.getDiskSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.getDiskSnapshots(request, in: region, now: now)
        }
    }

    package func getDiskSnapshot(_ request: DiskSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> GetDiskSnapshotReply
    {
        try call(Lightsail.getDiskSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.getDiskSnapshot(request, in: region, now: now)
        }
    }

    package func getDatabases(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetDatabasesReply
    {
        try call(Lightsail.getDatabases, request, in: region) { world, now throws(AWSError) in
            try world.getDatabases(request, in: region, now: now)
        }
    }

    package func getDatabaseSnapshots(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseSnapshotsReply
    {
        try call(Lightsail.getDatabaseSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.getDatabaseSnapshots(request, in: region, now: now)
        }
    }

    package func getDatabaseSnapshot(_ request: DatabaseSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> GetDatabaseSnapshotReply
    {
        try call(Lightsail.getDatabaseSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.getDatabaseSnapshot(request, in: region, now: now)
        }
    }

    package func getAutoSnapshots(_ request: GetAutoSnapshotsRequest, in region: Region) async throws(AWSError)
        -> GetAutoSnapshotsReply
    {
        try call(Lightsail.getAutoSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.getAutoSnapshots(request, in: region, now: now)
        }
    }

    package func createDiskSnapshot(_ request: CreateDiskSnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.createDiskSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createDiskSnapshot(request, in: region, now: now)
        }
    }

    package func deleteDiskSnapshot(_ request: DiskSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.deleteDiskSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.deleteDiskSnapshot(request, in: region, now: now)
        }
    }

    package func createDatabaseSnapshot(_ request: CreateDatabaseSnapshotRequest, in region: Region)
        async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.createDatabaseSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createDatabaseSnapshot(request, in: region, now: now)
        }
    }

    package func deleteDatabaseSnapshot(_ request: DatabaseSnapshotNameRequest, in region: Region)
        async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.deleteDatabaseSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.deleteDatabaseSnapshot(request, in: region, now: now)
        }
    }

    package func enableAddOn(_ request: EnableAddOnRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.enableAddOn, request, in: region) { world, now throws(AWSError) in
            try world.enableAddOn(request, in: region, now: now)
        }
    }

    package func disableAddOn(_ request: DisableAddOnRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.disableAddOn, request, in: region) { world, now throws(AWSError) in
            try world.disableAddOn(request, in: region, now: now)
        }
    }
}
