/// GetAutoSnapshots: the automatic snapshots, at most seven, of an instance or a disk.
///
/// They bear no names and no tags, and are gone with their resource. Source: Lightsail API reference, GetAutoSnapshots.
package struct GetAutoSnapshotsRequest: Codable, Sendable, Equatable {
    package var resourceName: String
    package init(resourceName: String) { self.resourceName = resourceName }
}

/// GetAutoSnapshots' answer, which is not paged.
package struct GetAutoSnapshotsReply: Codable, Sendable, Equatable {
    package var resourceName: String?
    /// `Instance` or `Disk`.
    package var resourceType: String?
    package var autoSnapshots: [LightsailAutoSnapshot]?

    package init(resourceName: String?, resourceType: String?, autoSnapshots: [LightsailAutoSnapshot]?) {
        self.resourceName = resourceName
        self.resourceType = resourceType
        self.autoSnapshots = autoSnapshots
    }
}

/// The automatic snapshot of a day.
package struct LightsailAutoSnapshot: Codable, Sendable, Equatable {
    package struct Disk: Codable, Sendable, Equatable {
        package var path: String?
        package var sizeInGb: Int?
        package init(path: String?, sizeInGb: Int?) {
            self.path = path
            self.sizeInGb = sizeInGb
        }
    }

    /// `2026-11-20`; it names the snapshot.
    package var date: String?
    package var createdAt: EpochTime?
    /// `Success`, `Failed`, `InProgress` or `NotFound`.
    package var status: String?
    /// The disks that were attached to an instance.
    package var fromAttachedDisks: [Disk]?

    package init(date: String?, createdAt: EpochTime?, status: String?, fromAttachedDisks: [Disk]? = nil) {
        self.date = date
        self.createdAt = createdAt
        self.status = status
        self.fromAttachedDisks = fromAttachedDisks
    }
}

/// What is switched on for an instance or a disk.
package struct LightsailAddOn: Codable, Sendable, Equatable {
    /// `AutoSnapshot`; other add-ons are none of ours.
    package var name: String?
    package var status: String?
    /// `06:00`, UTC; the snapshot is made within the 45 minutes after it.
    package var snapshotTimeOfDay: String?
    package var nextSnapshotTimeOfDay: String?
    package var threshold: String?
    package var duration: String?

    package init(
        name: String?, status: String?, snapshotTimeOfDay: String? = nil, nextSnapshotTimeOfDay: String? = nil
    ) {
        self.name = name
        self.status = status
        self.snapshotTimeOfDay = snapshotTimeOfDay
        self.nextSnapshotTimeOfDay = nextSnapshotTimeOfDay
    }

    package static let autoSnapshot = "AutoSnapshot"
}

/// EnableAddOn: switches automatic snapshots on, or changes their time.
package struct EnableAddOnRequest: Codable, Sendable, Equatable {
    package struct AddOn: Codable, Sendable, Equatable {
        package struct AutoSnapshot: Codable, Sendable, Equatable {
            /// `06:00`: whole hours, UTC.
            package var snapshotTimeOfDay: String?
            package init(snapshotTimeOfDay: String?) { self.snapshotTimeOfDay = snapshotTimeOfDay }
        }

        package struct StopOnIdle: Codable, Sendable, Equatable {
            package var threshold: String?
            package var duration: String?
        }

        package var addOnType: String
        package var autoSnapshotAddOnRequest: AutoSnapshot?
        package var stopInstanceOnIdleRequest: StopOnIdle?
    }

    package var resourceName: String
    package var addOnRequest: AddOn

    /// Automatic snapshots at that hour.
    package init(resourceName: String, snapshotTimeOfDay: String?) {
        self.resourceName = resourceName
        addOnRequest = AddOn(
            addOnType: LightsailAddOn.autoSnapshot,
            autoSnapshotAddOnRequest: AddOn.AutoSnapshot(snapshotTimeOfDay: snapshotTimeOfDay))
    }
}

/// DisableAddOn: switches automatic snapshots off; those that are there stay.
package struct DisableAddOnRequest: Codable, Sendable, Equatable {
    package var addOnType: String
    package var resourceName: String

    package init(resourceName: String, addOnType: String = LightsailAddOn.autoSnapshot) {
        self.resourceName = resourceName
        self.addOnType = addOnType
    }
}
