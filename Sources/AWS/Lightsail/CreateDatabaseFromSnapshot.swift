/// CreateRelationalDatabaseFromSnapshot: a database from a manual snapshot, or from the backups that Lightsail keeps for seven
/// days of one that is there still.
///
/// No idempotency token: the name is the key. Source: Lightsail API reference, CreateRelationalDatabaseFromSnapshot.
package struct CreateDatabaseFromSnapshotRequest: Codable, Sendable, Equatable {
    package var relationalDatabaseName: String
    package var availabilityZone: String?
    package var publiclyAccessible: Bool?
    /// A manual snapshot; excludes the three fields below `relationalDatabaseBundleId`.
    package var relationalDatabaseSnapshotName: String?
    /// The original's bundle, or a larger one.
    package var relationalDatabaseBundleId: String?
    /// The database whose backups are meant; needs exactly one of the next two.
    package var sourceRelationalDatabaseName: String?
    package var restoreTime: EpochTime?
    package var useLatestRestorableTime: Bool?
    package var tags: [LightsailTag]?

    package init(relationalDatabaseName: String) { self.relationalDatabaseName = relationalDatabaseName }

    /// What the API would refuse in this request, in the API's own words for the parameters; nil if nothing.
    package var fault: String? {
        sourceFault ?? LightsailResourceName.fault("relationalDatabaseName", relationalDatabaseName)
            ?? LightsailTag.fault(in: tags ?? [])
    }

    private var sourceFault: String? {
        let isTimed = restoreTime != nil || useLatestRestorableTime == true
        switch (relationalDatabaseSnapshotName, sourceRelationalDatabaseName) {
        case (_?, _?):
            return "relationalDatabaseSnapshotName and sourceRelationalDatabaseName exclude each other"
        case (_?, nil) where isTimed:
            return "restoreTime and useLatestRestorableTime belong to sourceRelationalDatabaseName"
        case (nil, nil):
            return "one of relationalDatabaseSnapshotName and sourceRelationalDatabaseName is needed"
        case (nil, _?) where !isTimed:
            return "sourceRelationalDatabaseName needs restoreTime or useLatestRestorableTime"
        case (nil, _?) where restoreTime != nil && useLatestRestorableTime == true:
            return "restoreTime and useLatestRestorableTime exclude each other"
        default:
            return nil
        }
    }
}

/// A request that names one database: GetRelationalDatabase.
package struct DatabaseNameRequest: Codable, Sendable, Equatable {
    package var relationalDatabaseName: String
    package init(relationalDatabaseName: String) { self.relationalDatabaseName = relationalDatabaseName }
}

/// GetRelationalDatabase's answer.
package struct GetDatabaseReply: Codable, Sendable, Equatable {
    package var relationalDatabase: LightsailDatabase?
    package init(relationalDatabase: LightsailDatabase?) { self.relationalDatabase = relationalDatabase }
}

/// DeleteRelationalDatabase, with a last snapshot unless that is skipped.
package struct DeleteDatabaseRequest: Codable, Sendable, Equatable {
    package var relationalDatabaseName: String
    /// False, the API's default, needs the name below.
    package var skipFinalSnapshot: Bool?
    package var finalRelationalDatabaseSnapshotName: String?

    package init(
        relationalDatabaseName: String, skipFinalSnapshot: Bool? = nil,
        finalRelationalDatabaseSnapshotName: String? = nil
    ) {
        self.relationalDatabaseName = relationalDatabaseName
        self.skipFinalSnapshot = skipFinalSnapshot
        self.finalRelationalDatabaseSnapshotName = finalRelationalDatabaseSnapshotName
    }
}
