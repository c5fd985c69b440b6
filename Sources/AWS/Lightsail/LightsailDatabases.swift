/// CreateRelationalDatabaseSnapshot.
///
/// No idempotency token: the name is the key. No call copies such a snapshot to another region. Source: Lightsail API
/// reference, CreateRelationalDatabaseSnapshot.
package struct CreateDatabaseSnapshotRequest: Codable, Sendable, Equatable {
    package var relationalDatabaseName: String
    package var relationalDatabaseSnapshotName: String
    package var tags: [LightsailTag]?

    package init(
        relationalDatabaseName: String, relationalDatabaseSnapshotName: String, tags: [LightsailTag]? = nil
    ) {
        self.relationalDatabaseName = relationalDatabaseName
        self.relationalDatabaseSnapshotName = relationalDatabaseSnapshotName
        self.tags = tags
    }

    /// What the API would refuse in this request; nil if nothing.
    package var fault: String? {
        LightsailResourceName.fault("relationalDatabaseSnapshotName", relationalDatabaseSnapshotName)
    }
}

/// One page of GetRelationalDatabases.
package struct GetDatabasesReply: Codable, Sendable, Equatable {
    package var relationalDatabases: [LightsailDatabase]?
    package var nextPageToken: String?

    package init(relationalDatabases: [LightsailDatabase]?, nextPageToken: String? = nil) {
        self.relationalDatabases = relationalDatabases
        self.nextPageToken = nextPageToken
    }
}

/// A managed database; its identity is the UUID at the end of its ARN.
package struct LightsailDatabase: Codable, Sendable, Equatable {
    package var name: String
    package var arn: String
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var tags: [LightsailTag]?
    package var relationalDatabaseBlueprintId: String?
    package var relationalDatabaseBundleId: String?
    /// `available`, `creating`, `backing-up`, `stopped` and more; the model gives no list.
    package var state: String?
    package var engine: String?
    package var engineVersion: String?
    package var publiclyAccessible: Bool?
    /// The newest second to which Lightsail's own seven days of backups can restore it.
    package var latestRestorableTime: EpochTime?

    package init(name: String, arn: String) {
        self.name = name
        self.arn = arn
    }
}

/// A request that names one: GetRelationalDatabaseSnapshot, DeleteRelationalDatabaseSnapshot.
package struct DatabaseSnapshotNameRequest: Codable, Sendable, Equatable {
    package var relationalDatabaseSnapshotName: String
    package init(relationalDatabaseSnapshotName: String) {
        self.relationalDatabaseSnapshotName = relationalDatabaseSnapshotName
    }
}

/// GetRelationalDatabaseSnapshot's answer.
package struct GetDatabaseSnapshotReply: Codable, Sendable, Equatable {
    package var relationalDatabaseSnapshot: LightsailDatabaseSnapshot?
    package init(relationalDatabaseSnapshot: LightsailDatabaseSnapshot?) {
        self.relationalDatabaseSnapshot = relationalDatabaseSnapshot
    }
}

/// One page of GetRelationalDatabaseSnapshots, which knows no filter.
package struct GetDatabaseSnapshotsReply: Codable, Sendable, Equatable {
    package var relationalDatabaseSnapshots: [LightsailDatabaseSnapshot]?
    package var nextPageToken: String?

    package init(relationalDatabaseSnapshots: [LightsailDatabaseSnapshot]?, nextPageToken: String? = nil) {
        self.relationalDatabaseSnapshots = relationalDatabaseSnapshots
        self.nextPageToken = nextPageToken
    }
}

/// A database's snapshot.
package struct LightsailDatabaseSnapshot: Codable, Sendable, Equatable {
    package var name: String
    package var arn: String?
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var tags: [LightsailTag]?
    package var engine: String?
    package var engineVersion: String?
    package var sizeInGb: Int?
    /// `creating`, `available` and more; the model gives no list.
    package var state: String?
    package var fromRelationalDatabaseName: String?
    package var fromRelationalDatabaseArn: String?
    package var fromRelationalDatabaseBundleId: String?
    package var fromRelationalDatabaseBlueprintId: String?

    package init(name: String) { self.name = name }
}
