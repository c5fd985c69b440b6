/// One snapshot of a set; a Lightsail point has exactly one.
///
/// A listing holds up to a hundred thousand of them: the small fields lie side by side, behind what leaves room for them.
package struct Member: Sendable, Equatable {
    package var snapshot: SnapshotID
    private var stage: Stage
    private var percent: UInt8?
    package var isEncrypted: Bool
    /// Of a copy: the snapshot it was made from.
    package var source: SnapshotID?
    private var size: Int32
    package var volume: VolumeID?
    package var device: String?
    package var started: Moment
    /// Which run of the program asked for it; nil where that is not known.
    package var run: RunID?
    private var seldom = Seldom<SeldomOfMember>()

    package init(
        snapshot: SnapshotID, volume: VolumeID? = nil, device: String? = nil, state: MemberState,
        stateMessage: String? = nil, progress: Int? = nil, gibibytes: Int = 0, started: Moment,
        source: SnapshotID? = nil, isEncrypted: Bool = false, lock: SnapshotLock? = nil, image: ImageID? = nil,
        run: RunID? = nil
    ) {
        self.snapshot = snapshot
        self.volume = volume
        self.device = device
        stage = .other
        percent = progress.map { UInt8(clamping: $0) }
        size = Int32(clamping: gibibytes)
        self.started = started
        self.source = source
        self.isEncrypted = isEncrypted
        self.run = run
        self.state = state
        if stateMessage != nil { self.stateMessage = stateMessage }
        if lock != nil { self.lock = lock }
        if image != nil { self.image = image }
    }

    /// ``MemberState`` without the word.
    private enum Stage { case pending, completed, failed, other }

    private struct SeldomOfMember: SeldomFields {
        var word = ""
        var stateMessage: String?
        var lock: SnapshotLock?
        var image: ImageID?
        var sharedWith: Set<AccountID> = []
        var isUnshareable = false
    }

    package var state: MemberState {
        get {
            switch stage {
            case .pending: .pending
            case .completed: .completed
            case .failed: .failed
            case .other: .other(seldom.fields.word)
            }
        }
        set {
            if stage == .other, !seldom.fields.word.isEmpty { seldom.fields.word = "" }
            switch newValue {
            case .pending: stage = .pending
            case .completed: stage = .completed
            case .failed: stage = .failed
            case .other(let word): (stage, seldom.fields.word) = (.other, word)
            }
        }
    }
    /// 0 … 100, as AWS reports it; nil where it does not.
    package var progress: Int? {
        get { percent.map { Int($0) } }
        set { percent = newValue.map { UInt8(clamping: $0) } }
    }
    package var gibibytes: Int {
        get { Int(size) }
        set { size = Int32(clamping: newValue) }
    }
}

extension Member {
    /// AWS's word for a failure.
    package var stateMessage: String? {
        get { seldom.fields.stateMessage }
        set { seldom.fields.stateMessage = newValue }
    }
    /// The lock that keeps it from being deleted, as of the last full reading.
    package var lock: SnapshotLock? {
        get { seldom.fields.lock }
        set { seldom.fields.lock = newValue }
    }
    /// An AMI that uses it, as of the last full reading.
    package var image: ImageID? {
        get { seldom.fields.image }
        set { seldom.fields.image = newValue }
    }

    /// The other accounts, of those that its point is copied to, that may read it.
    package var sharedWith: Set<AccountID> {
        get { seldom.fields.sharedWith }
        set { seldom.fields.sharedWith = newValue }
    }
    /// Whether it is encrypted under a key of AWS's own in its account, under which no snapshot can be shared.
    package var isUnshareable: Bool {
        get { seldom.fields.isUnshareable }
        set { seldom.fields.isUnshareable = newValue }
    }

    /// The member with what `point` knows of the same snapshot and only full readings bring: lock, image, shares, key.
    package func protected(as point: RecoveryPoint) -> Member {
        guard let known = point.members.first(where: { $0.snapshot == snapshot })?.seldom else { return self }
        var member = self
        var fields = seldom.fields
        (fields.lock, fields.image) = (known.fields.lock, known.fields.image)
        (fields.sharedWith, fields.isUnshareable) = (known.fields.sharedWith, known.fields.isUnshareable)
        member.seldom.fields = fields
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

    /// In EC2's archive tier, which takes completed snapshots alone.
    ///
    /// Source: EC2 User Guide, "Archive Amazon EBS snapshots", considerations.
    package static let archived = MemberState.other("archived")

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
