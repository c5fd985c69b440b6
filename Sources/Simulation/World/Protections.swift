import AWS
import BackupCore

/// A lock on an EBS snapshot.
struct SimulatedLock: Sendable {
    enum Mode: String, Sendable {
        case governance
        case compliance
    }

    var mode: Mode
    var createdAt: Moment
    /// Nil where AWS does not say, as while the snapshot is pending.
    var expiresAt: Moment?
    /// Of compliance mode.
    var coolOffHours: Int?

    var coolOffEnd: Moment? { coolOffHours.map { createdAt + .seconds(Int64($0) * 3600) } }

    /// The state as EC2 words it.
    func state(at now: Moment) -> String {
        if let expiresAt, expiresAt <= now { return "expired" }
        if let coolOffEnd, now < coolOffEnd { return "compliance-cooloff" }
        return mode.rawValue
    }

    func holds(at now: Moment) -> Bool { state(at: now) != "expired" }
}

extension SimulatedSnapshot {
    /// Its lock; a snapshot that fails loses it (EBS user guide, "Considerations for Amazon EBS snapshot lock").
    func lock(at now: Moment) -> SimulatedLock? {
        if case .failed = life.stage(at: now) { return nil }
        return lock
    }
}

/// A registered AMI.
struct SimulatedImage: Sendable {
    var id: String
    var sequence: Int
    var name: String
    var owner: String
    /// `available` or `disabled`.
    var state: String
    var createdAt: Moment
    var snapshots: [String]
    /// What it was registered with; nil if it was there already.
    var registration: RegisterImageRequest?
    /// Since when DescribeImages shows it.
    var visibleAt = Moment.longAgo
    var tags = TagList()
}

extension RegionState {
    /// The first of the images that use a snapshot, whoever owns it and whether or not it is disabled.
    func image(using snapshot: String) -> SimulatedImage? { images.first { $0.snapshots.contains(snapshot) } }
}
