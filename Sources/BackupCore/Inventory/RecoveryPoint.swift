/// One restorable copy of a resource's data in one place, whatever the provider calls it.
///
/// A value that is copied often: planning sorts and filters points by the million, so that a copy shares its fields with
/// the original until one of them changes.
package struct RecoveryPoint: Sendable, Equatable {
    private var storage: Storage

    package init(
        policy: PolicyName, resource: ResourceID, slot: Moment, kind: PointKind, set: SetID, place: Place,
        home: Site, taken: Moment, declaredMembers: Int, members: [Member], sidecar: Sidecar? = nil,
        isHeld: Bool = false, copiedTo: Set<Site> = [], lacksTags: Bool = false
    ) {
        var fields = Fields(
            set: set, provider: place.provider, kind: kind, lacksTags: lacksTags,
            declaredMembers: UInt16(clamping: declaredMembers), policy: policy, resource: resource, slot: slot,
            site: place.site, home: home, taken: taken, members: members, copiedTo: copiedTo)
        if isHeld { fields.seldom.fields.hold = "" }
        fields.sidecar = sidecar
        storage = Storage(fields)
    }

    package var policy: PolicyName {
        get { storage.fields.policy }
        set { own().fields.policy = newValue }
    }
    package var resource: ResourceID {
        get { storage.fields.resource }
        set { own().fields.resource = newValue }
    }
    /// The schedule's nominal moment: identity and retention bucket.
    package var slot: Moment {
        get { storage.fields.slot }
        set { own().fields.slot = newValue }
    }
    package var kind: PointKind {
        get { storage.fields.kind }
        set { own().fields.kind = newValue }
    }
    package var set: SetID {
        get { storage.fields.set }
        set { own().fields.set = newValue }
    }
    package var place: Place {
        get { Place(storage.fields.provider, storage.fields.site) }
        set {
            let storage = own()
            (storage.fields.provider, storage.fields.site) = (newValue.provider, newValue.site)
        }
    }
    /// Where the resource is that this is of; for a home point where it lies itself.
    package var home: Site {
        get { storage.fields.home }
        set { own().fields.home = newValue }
    }
    /// The moment the data is of: the start of the *home* snapshot, on its copies too.
    package var taken: Moment {
        get { storage.fields.taken }
        set { own().fields.taken = newValue }
    }
    /// How many members the set has when it is whole.
    package var declaredMembers: Int {
        get { Int(storage.fields.declaredMembers) }
        set { own().fields.declaredMembers = UInt16(clamping: newValue) }
    }
    package var members: [Member] {
        get { storage.fields.members }
        // In place: a set read from AWS grows member by member.
        _modify {
            let storage = own()
            yield &storage.fields.members
        }
    }
    /// The text of `snapwarden:hold`, by which a person wants it kept; nil if nobody does.
    package var hold: String? {
        get { storage.fields.seldom.fields.hold }
        set { own().fields.seldom.fields.hold = newValue }
    }
    /// The destinations in which a copy of it was once seen usable (`snapwarden:copied-<site>`).
    package var copiedTo: Set<Site> {
        get { storage.fields.copiedTo }
        set { own().fields.copiedTo = newValue }
    }
    /// Of a copy: the key it was made under, as the config then named it (`snapwarden:key`).
    package var key: String? {
        get { storage.fields.seldom.fields.key }
        set { own().fields.seldom.fields.key = newValue }
    }
    /// What its snapshots do not hold of the resource (`snapwarden:about`).
    package var sidecar: Sidecar? {
        get { storage.fields.sidecar }
        set { own().fields.sidecar = newValue }
    }
    /// Which of our tags are missing and can be written again from what is known.
    package var lacksTags: Bool {
        get { storage.fields.lacksTags }
        set { own().fields.lacksTags = newValue }
    }
    /// Lightsail made it by itself: it is copied, but it bears no name or tag of ours, and is never deleted by us.
    package var isAutomatic: Bool {
        get { storage.fields.isAutomatic }
        set { own().fields.isAutomatic = newValue }
    }
    /// Why AWS refused to delete it when we last asked; forgotten with the next full reading.
    package var refusal: String? {
        get { storage.fields.seldom.fields.refusal }
        set { own().fields.seldom.fields.refusal = newValue }
    }

    package static func == (a: RecoveryPoint, b: RecoveryPoint) -> Bool {
        a.storage === b.storage || a.storage.fields == b.storage.fields
    }

    /// The storage, which from here on nobody shares.
    private mutating func own() -> Storage {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
        return storage
    }

    /// The small fields lie side by side, behind what leaves room for them.
    private struct Fields: Equatable {
        var set: SetID
        var provider: Provider
        var kind: PointKind
        var lacksTags: Bool
        var isAutomatic = false
        var declaredMembers: UInt16
        var policy: PolicyName
        var resource: ResourceID
        var slot: Moment
        var site: Site
        var home: Site
        var taken: Moment
        var members: [Member]
        var copiedTo: Set<Site>
        var sidecar: Sidecar?
        var seldom = Seldom<SeldomOfPoint>()
    }

    private struct SeldomOfPoint: SeldomFields {
        var hold: String?
        var key: String?
        var refusal: String?
    }

    /// `@unchecked Sendable`: it is changed only by a point that is its one owner, and never once it is shared.
    ///
    /// For the same reason no two accesses overlap that those to the point itself do not tell.
    private final class Storage: @unchecked Sendable {
        @exclusivity(unchecked) var fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }
}

extension RecoveryPoint {
    package var id: PointID { PointID(place: place, set: set) }
    package var site: Site { storage.fields.site }
    /// `web-nightly/i-0ab…/2026-11-20T02:00:00Z`: what it is called in the journal and by people.
    package var title: String { "\(policy)/\(resource)/\(slot)" }
    package var isCopy: Bool { place.site != home }
    /// A person wants it kept, with or without a text that says why.
    package var isHeld: Bool {
        get { hold != nil }
        set { hold = newValue ? hold ?? "" : nil }
    }

    /// Whether any member is still being made, though another may have failed.
    package var isBeingMade: Bool { members.contains { $0.state == .pending } }

    /// Whether all of it was made: usable, or put into the archive since.
    package var isWhole: Bool {
        members.count >= declaredMembers && members.allSatisfy { $0.state == .completed || $0.state == .archived }
    }

    /// What the whole amounts to; a set is as good as its worst member.
    package var state: PointState {
        let members = members
        if members.allSatisfy({ $0.state == .completed }) {
            return members.count < declaredMembers ? .incomplete : .usable
        }
        if members.contains(where: { $0.state == .failed }) { return .failed }
        return members.contains(where: { $0.state == .pending }) ? .pending : .incomplete
    }
}

/// Which point it is, and where: the same set is one point at home and another in each destination.
package struct PointID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let place: Place
    package let set: SetID

    package init(place: Place, set: SetID) {
        self.place = place
        self.set = set
    }

    /// By the set, whose few copies alone share it.
    package func hash(into hasher: inout Hasher) { hasher.combine(set) }

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
