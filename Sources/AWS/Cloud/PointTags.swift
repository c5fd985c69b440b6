package import BackupCore

/// The tags that say whose a snapshot is and what it stands for.
///
/// The same on both providers; EC2's go into the create call itself. `snapwarden:slot` may carry a fraction when read.
package struct PointTags: Sendable, Equatable {
    package var fleet: FleetName
    package var policy: PolicyName
    package var resource: ResourceID
    package var slot: Moment
    package var kind: PointKind
    package var set: SetID
    package var members: Int
    /// Of a copy: where what it was made from is, and its id.
    package var source: SnapshotSource?
    /// Of a copy: when the data was taken at home.
    package var taken: Moment?
    package var volume: VolumeID?
    package var device: String?
    /// Of a copy: the key it was made under, as the config then named it.
    package var key: String?
    /// Which run of the program asked for it.
    package var run: RunID?
    /// What a person wrote who wants it kept; the tag alone says that they do.
    package var hold: String?
    /// What the snapshots do not hold of the resource.
    package var sidecar: Sidecar?
    /// Of a home point: where a usable copy of it was seen.
    package var copiedTo: Set<Site> = []

    static let prefix = "snapwarden:"
    static let fleetKey = prefix + "fleet"
    static let setKey = prefix + "set"
    static let slotKey = prefix + "slot"
    static let sourceKey = prefix + "source"
    static let holdKey = prefix + "hold"
    static let copiedPrefix = prefix + "copied-"

    init(
        fleet: FleetName, policy: PolicyName, resource: ResourceID, slot: Moment, kind: PointKind, set: SetID,
        members: Int
    ) {
        self.fleet = fleet
        self.policy = policy
        self.resource = resource
        self.slot = slot
        self.kind = kind
        self.set = set
        self.members = members
    }

    init(of point: RecoveryPoint, fleet: FleetName, members: Int? = nil) {
        self.fleet = fleet
        policy = point.policy
        resource = point.resource
        slot = point.slot
        kind = point.kind
        set = point.set
        sidecar = point.sidecar
        self.members = members ?? point.declaredMembers
    }

    /// The names of the tags behind the prefix.
    enum Key: UInt8, CaseIterable {
        case fleet, policy, resource, slot, kind, set, members, volume, device, source, taken, key, hold, run
        case about, about2, about3, about4

        /// In the order of the sidecar's texts.
        static let sidecar: [Key] = [.about, .about2, .about3, .about4]
    }

    /// The number of the tag `Name` in ``keys``, whose others are the raw values of ``Key``.
    static let name: UInt8 = 100
    static let keys = NameTable(Key.allCases.map { (prefix + "\($0)", $0.rawValue) } + [("Name", name)])

    /// Reads those of a snapshot in an account; nil if one that makes the identity is missing or unreadable, or if AWS's
    /// own policies own it.
    init?(_ tags: some Sequence<(key: String, value: String)>, in account: AccountID) {
        var values = [String?](repeating: nil, count: Key.allCases.count)
        var destinations: Set<Site> = []
        for (key, value) in tags {
            switch PointTags.keys.number(of: key.utf8) {
            case PointTags.name: continue
            case NameTable.unknown:
                if key.hasPrefix("aws:dlm:") || key.hasPrefix("aws:backup:") { return nil }
                guard key.hasPrefix(PointTags.copiedPrefix) else { continue }
                destinations.insert(Site(key.dropFirst(PointTags.copiedPrefix.count), near: account))
            case let number: values[Int(number)] = value
            }
        }
        func tag(_ key: Key) -> String? { values[Int(key.rawValue)] }
        guard let fleet = tag(.fleet), let policy = tag(.policy), let resource = tag(.resource),
            let slot = tag(.slot).flatMap({ Moment(rfc3339: $0) }), let set = tag(.set),
            let members = tag(.members).flatMap({ Int($0) }), members > 0
        else { return nil }
        self.fleet = FleetName(fleet)
        self.policy = PolicyName(policy)
        self.resource = ResourceID(resource)
        self.slot = slot
        self.set = SetID(set)
        self.members = members
        kind = tag(.kind).flatMap(PointKind.init(rawValue:)) ?? .scheduled
        source = tag(.source).flatMap { SnapshotSource($0, near: account) }
        taken = tag(.taken).flatMap { Moment(rfc3339: $0) }
        volume = tag(.volume).map { VolumeID($0) }
        device = tag(.device)
        key = tag(.key)
        hold = tag(.hold)
        run = tag(.run).flatMap { RunID($0) }
        sidecar = PointTags.sidecar(Key.sidecar.map(tag))
        copiedTo = destinations
    }

    /// What the texts of its tags say together; nil if there are none.
    static func sidecar(_ texts: [String?]) -> Sidecar? {
        let texts = texts.compactMap { $0 }
        return texts.isEmpty ? nil : Sidecar(text: texts.joined(separator: " "))
    }

    /// Key and value of each, in a fixed order; what is not known is left out.
    ///
    /// `sourceText` says how the account that they are for names a source.
    func pairs(sourceText: (SnapshotSource) -> String) -> [(key: String, value: String)] {
        let all: [(String, String?)] = [
            ("fleet", fleet.rawValue), ("policy", policy.rawValue), ("resource", resource.rawValue),
            ("slot", slot.description), ("kind", kind.rawValue), ("set", set.rawValue), ("members", String(members)),
            ("volume", volume?.rawValue), ("device", device), ("source", source.map(sourceText)),
            ("taken", taken?.description), ("key", key), ("run", run?.description),
        ]
        let about = zip(Key.sidecar, sidecar?.tagTexts ?? []).map { ("\($0)", Optional($1)) }
        return (all + about).compactMap { name, value in value.map { (PointTags.prefix + name, $0) } }
    }

    /// EC2's description of every snapshot of ours: half of the proof that one is.
    var description: String { "snapwarden \(fleet)/\(policy)/\(resource)/\(slot)" }

    /// Whether these bytes are that description; `slot` is how the tag writes the slot, mostly the same text.
    func isDescribed<Bytes: BidirectionalCollection<UInt8>>(by text: Bytes, slot slotText: Bytes) -> Bool {
        var rest = text[...]
        for part in ["snapwarden ", fleet.rawValue, "/", policy.rawValue, "/", resource.rawValue, "/"] {
            guard rest.starts(with: part.utf8) else { return false }
            rest = rest.dropFirst(part.utf8.count)
        }
        let isOurForm = slotText.count == PointTags.slotLength && slotText.last == UInt8(ascii: "Z")
        return isOurForm ? rest.elementsEqual(slotText) : rest.elementsEqual(slot.description.utf8)
    }

    /// Of `2026-11-20T02:00:00Z`, the one form of that length that ends in Z.
    private static let slotLength = 20
}

/// Where a copy came from: `us-east-1/snap-0ab…`, or from another account than its own `111122223333/us-east-1/snap-0ab…`.
package struct SnapshotSource: Sendable, Equatable {
    package var site: Site
    package var snapshot: SnapshotID

    package init(site: Site, snapshot: SnapshotID) {
        self.site = site
        self.snapshot = snapshot
    }

    init?(_ text: String, near account: AccountID) {
        guard let slash = text.lastIndex(of: "/") else { return nil }
        self.init(site: Site(text[..<slash], near: account), snapshot: SnapshotID(text[text.index(after: slash)...]))
    }

    /// Its text for readers in an account.
    package func text(near account: AccountID) -> String { "\(site.text(near: account))/\(snapshot)" }
}
