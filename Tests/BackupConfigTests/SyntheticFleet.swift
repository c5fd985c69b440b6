import BackupCore

/// A fleet that never was, on one day: the same resources and histories for every policy.
///
/// A policy has points of all resources that it would have selected before some changed: one lost its tag, one is gone.
/// At home there is a point of each time in ``histories``. Of those older than three days a copy was seen usable in each
/// destination, and is there still if it is not older than a year; one more is being copied, the rest is not.
struct SyntheticFleet {
    static let now = time("2026-11-20T12:00:00Z")

    /// The times of each resource's slots, newest first.
    static let histories: [String: [String]] = [
        // Berlin's clock shows two hours more until 2026-10-25 01:00, then one more.
        "web-1": [
            "2026-11-20T11:00", "2026-11-20T10:00", "2026-11-20T02:00", "2026-11-19T23:30", "2026-11-19T02:00",
            "2026-11-18T02:00", "2026-11-16T02:00", "2026-11-15T02:00", "2026-11-01T02:00", "2026-10-25T01:30",
            "2026-10-25T00:30", "2026-10-01T02:00", "2026-09-01T02:00", "2026-01-01T02:00", "2025-12-31T23:30",
            "2024-12-30T02:00", "2024-01-01T02:00",
        ],
        "out-1": ["2026-11-19T11:00", "2026-11-10T02:00", "2026-11-09T02:00"],
        "west-1": ["2026-11-20T02:00", "2026-11-19T02:00", "2026-11-10T02:00"],
        "gone-1": ["2026-10-01T02:00", "2026-09-30T02:00", "2026-09-01T02:00"],
        "odd-1": [
            "2026-11-20T02:00", "2026-11-19T02:00", "2026-11-18T02:00", "2026-11-17T02:00", "2026-11-16T02:00",
            "2026-11-15T02:00", "2026-11-10T02:00", "2026-10-01T02:00", "2026-09-30T02:00", "2026-09-01T02:00",
        ],
        "busy-1": (0..<30).map { (now - .seconds(3600 * ($0 + 1))).description.replacing(":00Z", by: "") },
        "blog": ["2026-11-20T02:00", "2026-11-19T02:00", "2026-11-10T02:00", "2026-11-09T02:00"],
        "new-1": [],
    ]

    /// The resources as they were; `web-1` has a volume without worth.
    static let before: [Resource] = [
        instance("web-1", [volume("web", 1, isBoot: true), volume("web", 2), volume("web", 3, ["scratch": "yes"])]),
        instance("out-1", [volume("out", 1, isBoot: true)]),
        instance("gone-1", [volume("gone", 1, isBoot: true)], tags: [:]),
        instance("odd-1", [volume("odd", 1, isBoot: true), volume("odd", 2)], tags: [:]),
        instance("busy-1", [volume("busy", 1, isBoot: true)], tags: [:]),
        instance("new-1", [volume("new", 1, isBoot: true)], tags: [:]),
        instance("west-1", [volume("west", 1, isBoot: true)], in: "us-west-2"),
        Resource(
            id: ResourceID("blog-uuid"), kind: .lightsailInstance, site: Site(Region("us-east-1")), name: "blog",
            arn: "arn:aws:lightsail:us-east-1:111122223333:Instance/blog-uuid"),
    ]

    /// The resources as they are.
    static let after: [Resource] = before.filter { $0.name != "gone-1" }.map { resource in
        var resource = resource
        if resource.name == "out-1" { resource.tags = [:] }
        return resource
    }

    private static func instance(
        _ name: String, _ volumes: [AttachedVolume], tags: [String: String] = ["Backup": "nightly"],
        in region: String = "us-east-1"
    ) -> Resource {
        Resource(
            id: ResourceID("i-" + name.dropLast(2)), kind: .ec2Instance, site: Site(Region(region)), name: name,
            tags: tags,
            volumes: volumes)
    }

    private static func volume(
        _ owner: String, _ number: Int, _ tags: [String: String] = [:], isBoot: Bool = false
    ) -> AttachedVolume {
        AttachedVolume(
            id: VolumeID("vol-\(owner)-\(number)"), device: "/dev/sd\(number)", isBoot: isBoot, tags: tags)
    }

    let policy: Policy

    /// What AWS holds of the policy's.
    var inventory: Inventory {
        var listings: [Place: Listing] = [:]
        let points = points
        let regions = Set(policy.regions + policy.copies.map(\.region))
        for place in regions.flatMap({ region in Provider.allCases.map { Place($0, region) } }) {
            listings[place] = Listing(
                resources: SyntheticFleet.after.filter { $0.place == place },
                points: points.filter { $0.place == place },
                read: SyntheticFleet.now)
        }
        return Inventory(listings)
    }

    private var points: [RecoveryPoint] {
        SyntheticFleet.before.filter(policy.selects).flatMap { resource in
            let home = (SyntheticFleet.histories[resource.name ?? ""] ?? []).map { point(of: resource, $0) }
            return home + home.flatMap(copies) + foreign(home)
        }
    }
}

// MARK: Points

extension SyntheticFleet {
    private func point(of resource: Resource, _ text: String) -> RecoveryPoint {
        let slot = SyntheticFleet.time(text + ":00Z")
        let volumes = resource.volumes.filter { !policy.exclusion.excludes($0) }.map { Optional($0.id) }
        let members = (volumes.isEmpty ? [nil] : volumes).enumerated().map { index, volume in
            Member(
                snapshot: SnapshotID("snap-\(text)-\(index)"), volume: volume, state: .completed, gibibytes: 8,
                started: slot + .seconds(60))
        }
        var point = RecoveryPoint(
            policy: policy.name, resource: resource.id, slot: slot, kind: .scheduled, set: SetID("set-\(text)"),
            place: resource.place, home: resource.site, taken: slot + .seconds(60), declaredMembers: members.count,
            members: members)
        // One was caught up on in the afternoon.
        if text == "2026-11-18T02:00" { point.taken = SyntheticFleet.time("2026-11-18T14:00:00Z") }
        if resource.name == "odd-1" { SyntheticFleet.makeOdd(&point, text) }
        if point.state == .usable, age(of: point) > 3 * 86_400 { point.copiedTo = Set(policy.copies.map(\.site)) }
        return point
    }

    private func age(of point: RecoveryPoint) -> Int64 { (SyntheticFleet.now - point.taken).inSeconds }

    /// Each of the things that may be out of the ordinary with a point.
    private static func makeOdd(_ point: inout RecoveryPoint, _ text: String) {
        switch text.prefix(10) {
        case "2026-11-20": point.members[0].state = .pending
        case "2026-11-18":
            point.members[1].state = .failed
            point.members[1].stateMessage = "the volume is of a kind that AWS cannot snapshot"
        case "2026-11-17": point.members.removeLast()
        case "2026-11-16": point.members[0].state = .other("recoverable")
        case "2026-11-10", "2026-10-01": point.kind = .manual
        case "2026-09-30": point.isHeld = true
        default: break
        }
    }

    /// The copies of a home point that there are.
    private func copies(of point: RecoveryPoint) -> [RecoveryPoint] {
        let isInFlight = point.slot == SyntheticFleet.time("2026-11-18T02:00:00Z")
        guard point.state == .usable, age(of: point) < 365 * 86_400, !point.copiedTo.isEmpty || isInFlight else {
            return []
        }
        return policy.copies.map { rule in
            var copy = point
            copy.place = Place(point.place.provider, rule.site)
            copy.copiedTo = []
            copy.isHeld = false
            copy.key = point.slot < SyntheticFleet.time("2026-11-16T00:00:00Z") ? "default" : rule.keyName
            for index in copy.members.indices {
                copy.members[index].source = point.members[index].snapshot
                copy.members[index].snapshot = SnapshotID("copy-of-\(point.members[index].snapshot)")
                if isInFlight { copy.members[index].state = .pending }
            }
            return copy
        }
    }

    /// Where the policy adopts others: points of theirs, and of one that nobody adopts.
    private func foreign(_ home: [RecoveryPoint]) -> [RecoveryPoint] {
        guard !policy.adopts.isEmpty else { return [] }
        return zip(
            home.prefix(5), policy.adopts + [PolicyName("forgotten"), policy.adopts[0], PolicyName("forgotten")]
        )
        .map { point, owner in
            var old = point
            old.policy = owner
            old.set = SetID("\(owner)-\(point.set)")
            old.slot = point.slot - .seconds(1800)
            old.taken = point.taken - .seconds(1800)
            return old
        }
    }

    static func time(_ text: String) -> Moment { Moment(rfc3339: text) ?? Moment(seconds: 0) }
}

extension String {
    fileprivate func replacing(_ end: String, by other: String) -> String {
        hasSuffix(end) ? dropLast(end.count) + other : self
    }
}
