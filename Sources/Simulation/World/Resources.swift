import AWS
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
    /// `us-east-1a`.
    var zone: String
    /// Until then it is pending.
    var runsAt: Moment
    var visibleAt: Moment
    /// By which it was made.
    var request: RunInstancesRequest?
    /// The root volumes that it was started with or got in place of another.
    var roots: Set<String> = []
    var hardware = SimulatedHardware()
    var tags: TagList

    func state(at now: Moment) -> String { state == "running" && now < runsAt ? "pending" : state }
}

/// What an instance is, and what no snapshot of its volumes holds.
struct SimulatedHardware: Sendable {
    var image: String?
    var type = "m7i.large"
    var architecture = "x86_64"
    var keyName: String?
    var subnet: String?
    var vpc: String?
    var privateAddress: String?
    var publicAddress: String?
    var securityGroups: [String] = []
    var profile: String?
    var platform = "Linux/UNIX"
    var bootMode: String?
    var tpmSupport: String?
    var uefiData: String?
    var ebsOptimized: Bool?
}

/// An EBS volume.
struct SimulatedVolume: Sendable {
    struct Attachment: Sendable {
        var instance: String
        var device: String
        var isRoot: Bool
        /// Whether it goes when the instance does.
        var goesWithIt: Bool
    }

    struct Speed: Sendable {
        var iops: Int?
        /// MiB a second.
        var throughput: Int?

        /// What is given, else what a type has for nothing (EBS user guide, "General Purpose SSD volumes").
        init(of type: String, size: Int, _ iops: Int? = nil, _ throughput: Int? = nil) {
            switch type {
            case "gp3": (self.iops, self.throughput) = (iops ?? 3000, throughput ?? 125)
            case "gp2": (self.iops, self.throughput) = (min(16_000, max(100, 3 * size)), nil)
            default: (self.iops, self.throughput) = (iops, nil)
            }
        }
    }

    var id: String
    var sequence: Int
    var size: Int
    var type: String
    var kmsKey: String?
    var isEncrypted: Bool
    var zone: String
    var speed: Speed
    var isMultiAttach = false
    /// MiB a second.
    var initializationRate: Int?
    /// What it was made from.
    var snapshot: String?
    /// Until then it is being created.
    var usableAt: Moment
    var visibleAt: Moment
    /// By which it was made.
    var request: CreateVolumeRequest?
    var attachment: Attachment?
    /// It goes then, being replaced.
    var goneAt: Moment?
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
