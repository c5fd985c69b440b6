/// One restorable copy of a resource's data in one region, whatever the provider calls it.
package struct RecoveryPoint: Sendable, Equatable {
    package var policy: PolicyName
    package var resource: ResourceID
    /// The schedule's nominal moment: identity and retention bucket.
    package var slot: Moment
    package var kind: PointKind
    package var set: SetID
    package var place: Place
    /// The region whose resource this is of; for a home point the region it lies in.
    package var home: Region
    /// The moment the data is of: the start of the *home* snapshot, on its copies too.
    package var taken: Moment
    /// How many members the set has when it is whole.
    package var declaredMembers: Int
    package var members: [Member]
    /// The text of `snapwarden:hold`, by which a person wants it kept; nil if nobody does.
    package var hold: String?
    /// The destinations in which a copy of it was once seen usable (`snapwarden:copied-<region>`).
    package var copiedTo: Set<Region>
    /// Of a copy: the key it was made under, as the config then named it (`snapwarden:key`).
    package var key: String?
    /// Which of our tags are missing and can be written again from what is known.
    package var lacksTags: Bool
    /// Lightsail made it by itself: it is copied, but it bears no name or tag of ours, and is never deleted by us.
    package var isAutomatic = false
    /// Why AWS refused to delete it when we last asked; forgotten with the next full reading.
    package var refusal: String?

    package init(
        policy: PolicyName, resource: ResourceID, slot: Moment, kind: PointKind, set: SetID, place: Place,
        home: Region, taken: Moment, declaredMembers: Int, members: [Member], isHeld: Bool = false,
        copiedTo: Set<Region> = [], lacksTags: Bool = false
    ) {
        self.policy = policy
        self.resource = resource
        self.slot = slot
        self.kind = kind
        self.set = set
        self.place = place
        self.home = home
        self.taken = taken
        self.declaredMembers = declaredMembers
        self.members = members
        self.hold = isHeld ? "" : nil
        self.copiedTo = copiedTo
        self.lacksTags = lacksTags
    }

    package var id: PointID { PointID(place: place, set: set) }
    package var region: Region { place.region }
    /// `web-nightly/i-0ab…/2026-11-20T02:00:00Z`: what it is called in the journal and by people.
    package var title: String { "\(policy)/\(resource)/\(slot)" }
    package var isCopy: Bool { place.region != home }
    /// A person wants it kept, with or without a text that says why.
    package var isHeld: Bool {
        get { hold != nil }
        set { hold = newValue ? hold ?? "" : nil }
    }

    /// What the whole amounts to; a set is as good as its worst member.
    package var state: PointState {
        if members.contains(where: { $0.state == .failed }) { return .failed }
        if members.contains(where: { $0.state == .pending }) { return .pending }
        if members.count < declaredMembers || members.contains(where: { $0.state != .completed }) {
            return .incomplete
        }
        return .usable
    }
}

/// Which point it is, in which region: the same set is one point at home and another in each destination.
package struct PointID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let place: Place
    package let set: SetID

    package init(place: Place, set: SetID) {
        self.place = place
        self.set = set
    }

    package var description: String { "\(place)/\(set)" }
    package static func < (a: PointID, b: PointID) -> Bool { (a.place, a.set) < (b.place, b.set) }
}

/// Made by a schedule, or by a person (`backup`).
package enum PointKind: String, Sendable {
    case scheduled
    case manual
}

/// The four words of `list`.
package enum PointState: String, Sendable {
    /// At least one member is still being made, none has failed.
    case pending
    /// Every member is there, completed and in the standard tier.
    case usable
    /// A member is missing, in the recycle bin, archived or in a state we do not know.
    case incomplete
    /// A member ended in `error`.
    case failed
}

/// One snapshot of a set; a Lightsail point has exactly one.
package struct Member: Sendable, Equatable {
    package var snapshot: SnapshotID
    package var volume: VolumeID?
    package var device: String?
    package var state: MemberState
    /// AWS's word for a failure.
    package var stateMessage: String?
    /// 0 … 100, as AWS reports it; nil where it does not.
    package var progress: Int?
    package var gibibytes: Int
    package var started: Moment
    /// Of a copy: the snapshot it was made from.
    package var source: SnapshotID?
    package var isEncrypted: Bool
    /// The lock that keeps it from being deleted, as of the last full reading.
    package var lock: SnapshotLock?
    /// An AMI that uses it, as of the last full reading.
    package var image: ImageID?

    package init(
        snapshot: SnapshotID, volume: VolumeID? = nil, device: String? = nil, state: MemberState,
        stateMessage: String? = nil, progress: Int? = nil, gibibytes: Int = 0, started: Moment,
        source: SnapshotID? = nil, isEncrypted: Bool = false, lock: SnapshotLock? = nil, image: ImageID? = nil
    ) {
        self.snapshot = snapshot
        self.volume = volume
        self.device = device
        self.state = state
        self.stateMessage = stateMessage
        self.progress = progress
        self.gibibytes = gibibytes
        self.started = started
        self.source = source
        self.isEncrypted = isEncrypted
        self.lock = lock
        self.image = image
    }
}

extension Member {
    /// The member with the lock and the image that `point` knows of the same snapshot: only full readings bring them.
    package func protected(as point: RecoveryPoint) -> Member {
        guard let known = point.members.first(where: { $0.snapshot == snapshot }) else { return self }
        var member = self
        member.lock = known.lock
        member.image = known.image
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
