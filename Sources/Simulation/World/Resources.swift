import BackupCore

/// An EC2 instance.
struct SimulatedInstance: Sendable {
    var id: String
    var sequence: Int
    var reservation: String
    var state: String
    var terminatedAt: Moment?
    var rootDevice: String
    /// Set for an instance on an Outpost.
    var outpostArn: String?
    /// Set for an instance in a Local Zone.
    var localZone: String?
    var tags: TagList
}

/// An EBS volume.
struct SimulatedVolume: Sendable {
    struct Attachment: Sendable {
        var instance: String
        var device: String
        var isRoot: Bool
    }

    var id: String
    var sequence: Int
    var size: Int
    var type: String
    var kmsKey: String?
    var isEncrypted: Bool
    var attachment: Attachment?
    var lastSnapshotAt: Moment?
    var tags: TagList

    /// Volumes of these types take one snapshot at a time, all others five (EBS quotas).
    var pendingLimit: Int { type == "st1" || type == "sc1" ? 1 : 5 }
}

/// An EBS snapshot.
struct SimulatedSnapshot: Sendable {
    /// Where a copy comes from.
    struct Lineage: Sendable {
        var region: Region
        var snapshot: String
    }

    var id: String
    var sequence: Int
    var owner: String
    /// `vol-ffffffff` for a copy.
    var volume: String
    /// The volume whose data it really holds, which a copy does not tell.
    var dataOf: String
    var description: String
    var size: Int
    var isEncrypted: Bool
    var kmsKey: String?
    var life: Life
    var visibleAt: Moment
    /// Deleted while pending: goes when it is complete, and counts until then.
    var isDeleted = false
    var lock: SimulatedLock?
    var outpostArn: String?
    var availabilityZone: String?
    var copiedFrom: Lineage?
    /// The accounts that may make volumes and copies from it.
    var sharedWith: Set<String> = []
    var completionDurationMinutes: Int?
    var tags: TagList

    /// A copy's volume id, which means nothing (EC2 user guide, "Copy an Amazon EBS snapshot").
    static let volumeOfCopies = "vol-ffffffff"

    /// The state as EC2 words it.
    func status(at now: Moment) -> String {
        switch life.stage(at: now) {
        case .pending: "pending"
        case .done: "completed"
        case .failed: "error"
        }
    }

    func holdsQuota(at now: Moment) -> Bool { life.stage(at: now) != .done }
}
