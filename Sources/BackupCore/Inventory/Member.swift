/// One snapshot of a set; a Lightsail point has exactly one.
package struct Member: Sendable, Equatable {
    package var snapshot: SnapshotID
    package var volume: VolumeID?
    package var device: String?
    package var state: MemberState
    /// 0 … 100, as AWS reports it; nil where it does not.
    package var progress: Int? {
        get { percent.map { Int($0) } }
        set { percent = newValue.map { UInt8(clamping: $0) } }
    }
    private var percent: UInt8?
    package var gibibytes: Int
    package var started: Moment
    /// Of a copy: the snapshot it was made from.
    package var source: SnapshotID?
    package var isEncrypted: Bool
    /// What few members have; a listing holds a hundred thousand of them.
    private var rare: Rare?

    package init(
        snapshot: SnapshotID, volume: VolumeID? = nil, device: String? = nil, state: MemberState,
        stateMessage: String? = nil, progress: Int? = nil, gibibytes: Int = 0, started: Moment,
        source: SnapshotID? = nil, isEncrypted: Bool = false, lock: SnapshotLock? = nil, image: ImageID? = nil
    ) {
        self.snapshot = snapshot
        self.volume = volume
        self.device = device
        self.state = state
        percent = progress.map { UInt8(clamping: $0) }
        self.gibibytes = gibibytes
        self.started = started
        self.source = source
        self.isEncrypted = isEncrypted
        change { ($0.stateMessage, $0.lock, $0.image) = (stateMessage, lock, image) }
    }

    private struct RareFields: Equatable {
        var stateMessage: String?
        var lock: SnapshotLock?
        var image: ImageID?
        var sharedWith: Set<AccountID> = []
        var isUnshareable = false
    }

    /// Never changed once it is made.
    private final class Rare: Sendable, Equatable {
        let fields: RareFields
        init(_ fields: RareFields) { self.fields = fields }
        static func == (a: Rare, b: Rare) -> Bool { a.fields == b.fields }
    }

    private mutating func change(_ body: (inout RareFields) -> Void) {
        var fields = rare?.fields ?? RareFields()
        body(&fields)
        rare = fields == RareFields() ? nil : Rare(fields)
    }
}

extension Member {
    /// AWS's word for a failure.
    package var stateMessage: String? {
        get { rare?.fields.stateMessage }
        set { change { $0.stateMessage = newValue } }
    }
    /// The lock that keeps it from being deleted, as of the last full reading.
    package var lock: SnapshotLock? {
        get { rare?.fields.lock }
        set { change { $0.lock = newValue } }
    }
    /// An AMI that uses it, as of the last full reading.
    package var image: ImageID? {
        get { rare?.fields.image }
        set { change { $0.image = newValue } }
    }

    /// The other accounts, of those that its point is copied to, that may read it.
    package var sharedWith: Set<AccountID> {
        get { rare?.fields.sharedWith ?? [] }
        set { change { $0.sharedWith = newValue } }
    }
    /// Whether it is encrypted under a key of AWS's own in its account, under which no snapshot can be shared.
    package var isUnshareable: Bool {
        get { rare?.fields.isUnshareable ?? false }
        set { change { $0.isUnshareable = newValue } }
    }

    /// The member with what `point` knows of the same snapshot and only full readings bring: lock, image, shares, key.
    package func protected(as point: RecoveryPoint) -> Member {
        guard let known = point.members.first(where: { $0.snapshot == snapshot })?.rare else { return self }
        var member = self
        member.change {
            ($0.lock, $0.image) = (known.fields.lock, known.fields.image)
            ($0.sharedWith, $0.isUnshareable) = (known.fields.sharedWith, known.fields.isUnshareable)
        }
        return member
    }
}

/// AWS's lock on a snapshot: while it holds, nobody can delete the snapshot.
package struct SnapshotLock: Sendable, Equatable {
    /// AWS's word: `governance`, `compliance` or `compliance-cooloff`.
    package var state: String
    /// When it expires; nil while AWS does not say, as for a snapshot that was locked while pending.
    package var until: Moment?

    package init(state: String, until: Moment? = nil) {
        self.state = state
        self.until = until
    }

    package func holds(at now: Moment) -> Bool { until.map { now < $0 } ?? true }
}

/// What a snapshot is good for, over the providers' words.
package enum MemberState: Sendable, Equatable {
    case pending
    case completed
    case failed
    /// Neither restorable now nor ours to delete: `recoverable`, `recovering`, archived, or a word we do not know.
    case other(String)

    /// The word that `list` prints.
    package var word: String {
        switch self {
        case .pending: "pending"
        case .completed: "completed"
        case .failed: "failed"
        case .other(let word): word
        }
    }
}
