import BackupCore

/// A snapshot as it truly is, with when and as what it ends and when listings show it.
struct TrueMember {
    var member: Member
    var ends: Moment
    var end: MemberState
    /// AWS shows what it made a little later.
    var shownFrom: Moment
    /// And what it deleted a little longer.
    var shownUntil = Moment.never
    var isDeleted = false
}

/// A set as it truly is, whatever listings show of it.
struct TrueSet {
    /// Whose it is; the members are those of ``members``.
    private(set) var identity: RecoveryPoint
    var members: [TrueMember] = []
    /// Of Lightsail's copies: CopySnapshot takes no tags, so that only the name tells whose it is.
    var isUntagged = false

    init(_ identity: RecoveryPoint) {
        self.identity = identity
        self.identity.members = []
    }

    var id: PointID { identity.id }
    var isHeld: Bool {
        get { identity.isHeld }
        set { identity.isHeld = newValue }
    }
    var lacksTags: Bool {
        get { identity.lacksTags }
        set { identity.lacksTags = newValue }
    }
    var copiedTo: Set<Site> {
        get { identity.copiedTo }
        set { identity.copiedTo = newValue }
    }

    /// The set with all the members that it truly has.
    var truth: RecoveryPoint { point(members.filter { !$0.isDeleted }) }

    /// The set as a listing at that time shows it; nil if it shows nothing of it.
    func shown(at time: Moment) -> RecoveryPoint? {
        let shown = members.filter { $0.shownFrom <= time && time < $0.shownUntil }
        return shown.isEmpty ? nil : point(shown)
    }

    private func point(_ members: [TrueMember]) -> RecoveryPoint {
        var point = identity
        point.members = members.map(\.member)
        if !point.isCopy, let first = point.members.map(\.started).min() { point.taken = first }
        return point
    }

    mutating func advance(to time: Moment) {
        members.removeAll { $0.isDeleted && $0.shownUntil <= time }
        for index in members.indices where members[index].member.state == .pending && members[index].ends <= time {
            members[index].member.state = members[index].end
            if members[index].end == .failed { members[index].member.stateMessage = "Given key ID is not accessible" }
        }
    }

    mutating func delete(_ snapshot: SnapshotID, shownUntil: Moment) {
        for index in members.indices where members[index].member.snapshot == snapshot {
            members[index].isDeleted = true
            members[index].shownUntil = shownUntil
        }
    }
}
