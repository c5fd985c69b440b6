/// CreateDiskFromSnapshot: a disk of its own from a manual or an automatic snapshot.
///
/// No idempotency token: the name is the key. Source: Lightsail API reference, CreateDiskFromSnapshot.
package struct CreateDiskFromSnapshotRequest: Codable, Sendable, Equatable {
    package var diskName: String
    /// A manual snapshot; excludes the three fields below it.
    package var diskSnapshotName: String?
    /// The disk whose automatic snapshot is meant; needs exactly one of the next two.
    package var sourceDiskName: String?
    /// `YYYY-MM-DD`.
    package var restoreDate: String?
    package var useLatestRestorableAutoSnapshot: Bool?
    /// The zone of the instance that it is for.
    package var availabilityZone: String
    /// At least the snapshot's.
    package var sizeInGb: Int
    package var tags: [LightsailTag]?
    package var addOns: [LightsailAddOnRequest]?

    package init(diskName: String, availabilityZone: String, sizeInGb: Int) {
        self.diskName = diskName
        self.availabilityZone = availabilityZone
        self.sizeInGb = sizeInGb
    }

    /// What the API would refuse in this request, in the API's own words for the parameters; nil if nothing.
    package var fault: String? {
        let source = LightsailSource(
            snapshot: ("diskSnapshotName", diskSnapshotName), resource: ("sourceDiskName", sourceDiskName),
            restoreDate: restoreDate, useLatestRestorableAutoSnapshot: useLatestRestorableAutoSnapshot)
        return source.fault ?? LightsailResourceName.fault("diskName", diskName)
            ?? (sizeInGb > 0 ? nil : "sizeInGb: a size of at least 1 is needed, not \(sizeInGb)")
            ?? (availabilityZone.isEmpty ? "availabilityZone: a zone is needed, such as us-east-2a" : nil)
            ?? addOnFault ?? LightsailTag.fault(in: tags ?? [])
    }

    private var addOnFault: String? {
        if let fault = addOns?.lazy.compactMap(\.fault).first { return fault }
        let isOfDisks = addOns?.allSatisfy { $0.addOnType == LightsailAddOn.autoSnapshot } ?? true
        return isOfDisks ? nil : "addOns: a disk can have AutoSnapshot alone"
    }
}

/// AttachDisk: gives a disk to an instance of its zone.
package struct AttachDiskRequest: Codable, Sendable, Equatable {
    package var diskName: String
    package var instanceName: String
    /// `/dev/xvdf`.
    package var diskPath: String

    package init(diskName: String, instanceName: String, diskPath: String) {
        self.diskName = diskName
        self.instanceName = instanceName
        self.diskPath = diskPath
    }
}

/// A request that names one disk: GetDisk.
package struct DiskNameRequest: Codable, Sendable, Equatable {
    package var diskName: String
    package init(diskName: String) { self.diskName = diskName }
}

/// GetDisk's answer.
package struct GetDiskReply: Codable, Sendable, Equatable {
    package var disk: LightsailDisk?
    package init(disk: LightsailDisk?) { self.disk = disk }
}

/// DeleteDisk: of one that no instance has.
package struct DeleteDiskRequest: Codable, Sendable, Equatable {
    package var diskName: String
    /// Without it, a disk with add-ons is refused.
    package var forceDeleteAddOns: Bool?

    package init(diskName: String, forceDeleteAddOns: Bool? = nil) {
        self.diskName = diskName
        self.forceDeleteAddOns = forceDeleteAddOns
    }
}

/// DeleteInstance, which takes no disk but the system disk with it.
package struct DeleteInstanceRequest: Codable, Sendable, Equatable {
    package var instanceName: String
    /// Without it, an instance with add-ons is refused.
    package var forceDeleteAddOns: Bool?

    package init(instanceName: String, forceDeleteAddOns: Bool? = nil) {
        self.instanceName = instanceName
        self.forceDeleteAddOns = forceDeleteAddOns
    }
}

/// GetInstance's answer.
package struct GetInstanceReply: Codable, Sendable, Equatable {
    package var instance: LightsailInstance?
    package init(instance: LightsailInstance?) { self.instance = instance }
}
