package import AWS
package import BackupCore

extension World {
    package func getDatabases(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDatabasesReply
    {
        let refuse = try admit(Lightsail.getDatabases, in: region)
        let page = try refuse.page(
            of: state(of: region, now: now).lightsailDatabases.filter { $0.visibleAt <= now }, after: request.pageToken,
            size: timings.lightsailPageSize)
        return GetDatabasesReply(
            relationalDatabases: page.items.map { described($0, in: region, at: now) }, nextPageToken: page.token)
    }

    package func getDatabaseSnapshots(_ request: LightsailPageRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDatabaseSnapshotsReply
    {
        let refuse = try admit(Lightsail.getDatabaseSnapshots, in: region)
        let page = try refuse.page(
            of: snapshots(of: .database, in: region, now: now), after: request.pageToken,
            size: timings.lightsailPageSize)
        return GetDatabaseSnapshotsReply(
            relationalDatabaseSnapshots: page.items.map { describedDatabase($0, in: region, at: now) },
            nextPageToken: page.token)
    }

    package func getDatabaseSnapshot(_ request: DatabaseSnapshotNameRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetDatabaseSnapshotReply
    {
        let refuse = try admit(Lightsail.getDatabaseSnapshot, in: region)
        let found = try snapshot(
            .database, named: request.relationalDatabaseSnapshotName, refuse, in: region, now: now)
        return GetDatabaseSnapshotReply(
            relationalDatabaseSnapshot: describedDatabase(found, in: region, at: now))
    }

    package mutating func createDatabaseSnapshot(
        _ request: CreateDatabaseSnapshotRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.createDatabaseSnapshot, in: region)
        let state = state(of: region, now: now)
        let name = request.relationalDatabaseName
        guard let database = state.lightsailDatabases.first(where: { $0.name == name }) else {
            throw refuse.notFound("RelationalDatabase", name)
        }
        try refuse.checkName(request.relationalDatabaseSnapshotName, in: state)
        try refuse.check(request.tags)
        guard database.state(at: now) == "available" else {
            throw refuse.badInput("The RelationalDatabase \(name) is \(database.state(at: now)), not available.")
        }
        var made = fresh(
            .database, request.relationalDatabaseSnapshotName, of: (name, database.uuid), in: region, now: now)
        (made.size, made.bundle, made.blueprint) = (database.size, database.bundle, database.blueprint)
        return keep(made, request.tags, by: refuse.operation, in: region, now: now)
    }

    package mutating func deleteDatabaseSnapshot(
        _ request: DatabaseSnapshotNameRequest, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let refuse = try admit(Lightsail.deleteDatabaseSnapshot, in: region)
        return try remove(.database, named: request.relationalDatabaseSnapshotName, refuse, in: region, now: now)
    }
}

extension World {
    func described(_ database: SimulatedLightsailDatabase, in region: Region, at now: Moment)
        -> LightsailDatabase
    {
        var shown = LightsailDatabase(
            name: database.name, arn: lightsailARN("RelationalDatabase", database.uuid, in: region))
        shown.supportCode = supportCode(database.uuid)
        shown.createdAt = EpochTime(database.life.startedAt)
        shown.location = location(region, zone: database.zone)
        shown.resourceType = "RelationalDatabase"
        shown.tags = described(database.tags, at: now)
        shown.relationalDatabaseBlueprintId = database.blueprint
        shown.relationalDatabaseBundleId = database.bundle
        shown.state = database.state(at: now)
        shown.engine = "mysql"
        shown.engineVersion = "8.0.40"
        shown.publiclyAccessible = database.isPublic
        shown.latestRestorableTime = EpochTime(now - .seconds(300))
        return shown
    }

    private func describedDatabase(_ snapshot: SimulatedLightsailSnapshot, in region: Region, at now: Moment)
        -> LightsailDatabaseSnapshot
    {
        var shown = LightsailDatabaseSnapshot(name: snapshot.name)
        shown.arn = lightsailARN(snapshot.kind.snapshot, snapshot.uuid, in: region)
        shown.supportCode = supportCode(snapshot.uuid)
        shown.createdAt = EpochTime(snapshot.life.startedAt)
        shown.location = location(region)
        shown.resourceType = snapshot.kind.snapshot
        shown.tags = described(snapshot.tags, at: now)
        shown.engine = "mysql"
        shown.engineVersion = "8.0.40"
        shown.sizeInGb = snapshot.size
        shown.state = snapshot.state(at: now)
        shown.fromRelationalDatabaseName = snapshot.fromName
        shown.fromRelationalDatabaseArn = snapshot.fromARN
        shown.fromRelationalDatabaseBundleId = snapshot.bundle
        shown.fromRelationalDatabaseBlueprintId = snapshot.blueprint
        return shown
    }
}
