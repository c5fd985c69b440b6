/// CreateInstanceSnapshot: system disk and attached disks in one snapshot.
///
/// No idempotency token: a second call under the same name is refused, so that the name is the key.
package struct CreateInstanceSnapshotRequest: Codable, Sendable, Equatable {
    package var instanceSnapshotName: String
    package var instanceName: String
    package var tags: [LightsailTag]?

    package init(instanceSnapshotName: String, instanceName: String, tags: [LightsailTag]? = nil) {
        self.instanceSnapshotName = instanceSnapshotName
        self.instanceName = instanceName
        self.tags = tags
    }

    /// What the API would refuse in this request; nil if nothing.
    package var fault: String? { LightsailResourceName.fault("instanceSnapshotName", instanceSnapshotName) }
}

/// Lightsail's CopySnapshot: a manual snapshot of any region, or an automatic one of a resource, into this region.
///
/// It takes no tags. Source: Lightsail API reference, CopySnapshot.
package struct LightsailCopySnapshotRequest: Codable, Sendable, Equatable {
    /// A manual snapshot's name; excludes the three fields below it.
    package var sourceSnapshotName: String?
    /// The resource whose automatic snapshot is meant; needs exactly one of the next two.
    package var sourceResourceName: String?
    /// `YYYY-MM-DD`.
    package var restoreDate: String?
    package var useLatestRestorableAutoSnapshot: Bool?
    package var targetSnapshotName: String
    package var sourceRegion: String

    package init(targetSnapshotName: String, sourceRegion: String) {
        self.targetSnapshotName = targetSnapshotName
        self.sourceRegion = sourceRegion
    }

    /// What the API would refuse in this request, in the API's own words for the parameters; nil if nothing.
    package var fault: String? {
        let source = LightsailSource(
            snapshot: ("sourceSnapshotName", sourceSnapshotName), resource: ("sourceResourceName", sourceResourceName),
            restoreDate: restoreDate, useLatestRestorableAutoSnapshot: useLatestRestorableAutoSnapshot)
        return source.fault ?? LightsailResourceName.fault("targetSnapshotName", targetSnapshotName)
    }
}

/// A request that names one instance snapshot: GetInstanceSnapshot, DeleteInstanceSnapshot.
package struct InstanceSnapshotNameRequest: Codable, Sendable, Equatable {
    package var instanceSnapshotName: String
    package init(instanceSnapshotName: String) { self.instanceSnapshotName = instanceSnapshotName }
}

/// GetInstanceSnapshot's answer.
package struct GetInstanceSnapshotReply: Codable, Sendable, Equatable {
    package var instanceSnapshot: LightsailInstanceSnapshot?
    package init(instanceSnapshot: LightsailInstanceSnapshot?) { self.instanceSnapshot = instanceSnapshot }
}

/// One page of GetInstanceSnapshots, which knows no filter.
package struct GetInstanceSnapshotsReply: Codable, Sendable, Equatable {
    package var instanceSnapshots: [LightsailInstanceSnapshot]?
    package var nextPageToken: String?

    package init(instanceSnapshots: [LightsailInstanceSnapshot]?, nextPageToken: String? = nil) {
        self.instanceSnapshots = instanceSnapshots
        self.nextPageToken = nextPageToken
    }
}

/// An instance snapshot.
///
/// A copy's record does not say what it was copied from.
package struct LightsailInstanceSnapshot: Codable, Sendable, Equatable {
    package var name: String
    package var arn: String?
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var tags: [LightsailTag]?
    /// `pending`, `available` or `error`.
    package var state: String?
    package var progress: String?
    package var fromAttachedDisks: [LightsailDisk]?
    package var fromInstanceName: String?
    package var fromInstanceArn: String?
    package var fromBlueprintId: String?
    package var fromBundleId: String?
    package var isFromAutoSnapshot: Bool?
    package var sizeInGb: Int?

    package init(name: String) { self.name = name }
}

/// TagResource: adds tags or overwrites their values.
package struct LightsailTagResourceRequest: Codable, Sendable, Equatable {
    package var resourceName: String
    package var resourceArn: String?
    package var tags: [LightsailTag]

    package init(resourceName: String, resourceArn: String? = nil, tags: [LightsailTag]) {
        self.resourceName = resourceName
        self.resourceArn = resourceArn
        self.tags = tags
    }

    /// What the API would refuse in this request; nil if nothing.
    package var fault: String? { LightsailTag.fault(in: tags) }
}

/// UntagResource: deletes tags by their keys; one that is not there is no error.
package struct LightsailUntagResourceRequest: Codable, Sendable, Equatable {
    package var resourceName: String
    package var resourceArn: String?
    package var tagKeys: [String]

    package init(resourceName: String, resourceArn: String? = nil, tagKeys: [String]) {
        self.resourceName = resourceName
        self.resourceArn = resourceArn
        self.tagKeys = tagKeys
    }
}
