/// How a policy proves that its points can be restored.
package struct DrillRule: Sendable, Equatable {
    package enum Pick: String, Sendable, CaseIterable {
        /// The newest point of the resource whose turn it is: of which the last drill is the longest ago.
        case latest
        /// Any usable point, the same for the same slot whenever it is asked.
        case random
    }

    package var schedule: Schedule
    /// Whether copies are restored, where they lie; else the points at home.
    package var isOfCopies: Bool
    package var pick: Pick
    package var check: DrillCheck
    /// How long what passed stays for a person to look at.
    package var keep: Duration
    /// How many resources are drilled with each slot, one after the other.
    package var limit: Int
    /// Where EC2 instances are started, apart from all that is real.
    package var subnet: String?
    package var securityGroup: String?

    package init(
        schedule: Schedule, isOfCopies: Bool, pick: Pick = .latest, check: DrillCheck = DrillCheck(.running),
        keep: Duration = .zero, limit: Int = 1
    ) {
        (self.schedule, self.isOfCopies, self.pick) = (schedule, isOfCopies, pick)
        (self.check, self.keep, self.limit) = (check, keep, limit)
    }
}

/// What shows that a restored instance is well.
package struct DrillCheck: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// That it runs is all that is asked.
        case running
        /// A connection to that port.
        case tcp(Int)
        /// An answer of 200 to 399.
        case http(String, port: Int)
        /// A program that exits with 0; it finds the address in `SNAPWARDEN_DRILL_ADDRESS`.
        case command([String])
    }

    package var kind: Kind
    /// How long after it runs that may take.
    package var within: Duration

    package init(_ kind: Kind, within: Duration = .seconds(600)) { (self.kind, self.within) = (kind, within) }
}

extension DrillCheck.Kind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .running: "running"
        case .tcp(let port): "a connection to port \(port)"
        case .http(let path, let port): "http \(path) on port \(port)"
        case .command(let words): words.first ?? "command"
        }
    }
}

/// One drill: a point that is restored to see that it can be.
package struct Drill: Sendable, Equatable {
    package var fleet: FleetName
    package var policy: PolicyName
    package var rule: DrillRule
    /// The drill schedule's moment, or that of a person's command.
    package var slot: Moment
    package var point: RecoveryPoint
    /// When it was begun: one that is begun again is another one to AWS.
    package var began: Moment

    package init(
        fleet: FleetName, policy: PolicyName, rule: DrillRule, slot: Moment, point: RecoveryPoint, began: Moment
    ) {
        (self.fleet, self.policy, self.rule, self.slot, self.point) = (fleet, policy, rule, slot, point)
        self.began = began
    }

    package var pair: Pair { Pair(policy: policy, resource: point.resource) }

    /// What the marks of all drills of a fleet begin with.
    package static func marks(of fleet: FleetName) -> String { "drill \(fleet)/" }

    /// What whatever it makes is marked with.
    package var mark: String { Drill.marks(of: fleet) + "\(policy)/\(number)/\(slot)/\(began)" }

    /// What the instance is called.
    package var name: String { Drill.names(of: fleet) + "\(policy)-\(number)-\(began.compact)" }

    /// What the names of all instances of a fleet's drills begin with.
    package static func names(of fleet: FleetName) -> String { "drill-\(fleet)-" }

    /// A short name for the resource.
    private var number: String { String(stableHash(point.resource.rawValue.utf8) % 1_000_000, radix: 36) }
}

/// How a drill went.
package struct DrillRecord: Sendable, Equatable {
    package var slot: Moment
    package var set: SetID
    package var place: Place
    /// What whatever it made is marked with.
    package var mark: String
    package var began: Moment
    /// Nil while it goes on, or if it was cut off.
    package var ended: Moment?
    /// From the beginning until it ran.
    package var restored: Duration?
    /// From the beginning until the check was passed: the recovery time that was reached.
    package var answered: Duration?
    /// Why it failed; nil if it passed.
    package var failure: String?
    /// Until when what it made stays.
    package var keptUntil: Moment?

    package init(_ drill: Drill) {
        self.init(
            slot: drill.slot, set: drill.point.set, place: drill.point.place, mark: drill.mark, began: drill.began)
    }

    package init(slot: Moment, set: SetID, place: Place, mark: String, began: Moment) {
        (self.slot, self.set, self.place, self.mark, self.began) = (slot, set, place, mark, began)
    }

    package var hasPassed: Bool { ended != nil && failure == nil }
    package var hasFailed: Bool { failure != nil }

    /// The recovery time that was reached; nil if it was not.
    package var recoveryTime: Duration? { hasPassed ? answered ?? restored : nil }

    /// `restored in 3min, passed its check after 3min`, or why it failed.
    package var summary: String {
        let restored = restored.map { "restored in \($0.short)" }
        guard let failure else {
            let answered = answered.map { "passed its check after \($0.short)" } ?? "nothing to check"
            return ended == nil ? "under way" : [restored, answered].compactMap { $0 }.joined(separator: ", ")
        }
        return "failed: " + [restored, failure].compactMap { $0 }.joined(separator: ", but ")
    }
}

extension DrillRule {
    /// The points that a slot's drills restore.
    package func points(of policy: Policy, in inventory: Inventory, _ memory: Memory, slot: Moment) -> [RecoveryPoint] {
        let sites = isOfCopies ? policy.copies.map(\.site) : policy.homes
        let candidates = inventory.points.filter { point in
            ([policy.name] + policy.adopts).contains(point.policy) && point.isCopy == isOfCopies
                && sites.contains(point.site) && point.state == .usable
        }
        switch pick {
        case .random:
            let ranked = candidates.sorted { ($0.lot(slot), $0.set) < ($1.lot(slot), $1.set) }
            return Array(ranked.prefix(limit))
        case .latest:
            let newest = Dictionary(grouping: candidates, by: \.resource).compactMapValues { points in
                points.max { ($0.taken, $0.site, $0.set) < ($1.taken, $1.site, $1.set) }
            }
            let turns = newest.keys.sorted { a, b in
                let last = [a, b].map { memory.drills[Pair(policy: policy.name, resource: $0)]?.slot ?? .longAgo }
                return (last[0], a) < (last[1], b)
            }
            return turns.prefix(limit).compactMap { newest[$0] }
        }
    }

    /// The slot that is to be drilled now; nil if none is.
    ///
    /// One that came while nobody was there, since `since`, is still good for as long as a backup's would be.
    package func dueSlot(since: Moment, window: Duration, now: Moment) -> Moment? {
        var cursor = max(since, now - window)
        var due: Moment?
        while let slot = schedule.next(after: cursor), slot <= now {
            due = slot
            cursor = slot
        }
        return due
    }
}

extension Configuration {
    /// Where a policy's drills restore.
    package func drillPlaces(of policy: Policy) -> Set<Place> {
        guard let rule = policy.drill else { return [] }
        let sites = rule.isOfCopies ? policy.copies.map(\.site) : policy.homes
        return Set(policy.selection.kinds.flatMap { kind in sites.map { Place(kind.provider, $0) } })
    }

    /// Where any policy's do.
    package var drillPlaces: Set<Place> { Set(policies.flatMap(drillPlaces)) }
}

extension RecoveryPoint {
    /// Drawn for a slot.
    fileprivate func lot(_ slot: Moment) -> UInt64 { stableHash("\(slot) \(set) \(site)".utf8) }
}

extension Memory {
    /// The newest drill of each policy, and all of resources of which the last one failed.
    package func lastDrills(under configuration: Configuration) -> [(pair: Pair, record: DrillRecord)] {
        let policies = Set(configuration.policies.map(\.name))
        let newest = Dictionary(
            grouping: drills.filter { policies.contains($0.key.policy) }, by: \.key.policy
        ).mapValues { $0.map(\.value.slot).max() }
        return drills.filter { pair, record in
            policies.contains(pair.policy) && (record.hasFailed || newest[pair.policy] == record.slot)
        }.map { (pair: $0.key, record: $0.value) }.sorted { $0.pair < $1.pair }
    }

    /// The newest drill of a policy, with the resource that it was of.
    package func lastDrill(of policy: PolicyName) -> (resource: ResourceID, record: DrillRecord)? {
        drills.filter { $0.key.policy == policy }.map { ($0.key.resource, $0.value) }
            .max { ($0.1.slot, $0.0) < ($1.1.slot, $1.0) }
    }
}
