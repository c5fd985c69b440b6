/// How a policy proves that its points can be restored.
package struct DrillRule: Sendable, Equatable {
    package enum Pick: String, Sendable, CaseIterable {
        /// The newest point of the resource whose turn it is: the one whose last drill is the longest ago.
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
    /// How many points are drilled with each slot, one after the other.
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

    /// What the marks of all drills of a fleet begin with.
    package static func marks(of fleet: FleetName) -> String { "drill \(fleet)/" }

    /// What whatever it makes is marked with.
    package var mark: String { Drill.marks(of: fleet) + "\(policy)/\(number)/\(slot)/\(began)" }

    /// When the drill that left such a mark was begun; nil if it is no drill's.
    package static func began(_ mark: String) -> Moment? {
        mark.split(separator: "/").last.flatMap { Moment(rfc3339: String($0)) }
    }

    /// What the instance is called.
    package var name: String { Drill.names(of: fleet) + "\(policy)-\(number)-\(began.compact)" }

    /// What the names of all instances of a fleet's drills begin with.
    package static func names(of fleet: FleetName) -> String { "drill-\(fleet)-" }

    /// A short name for the point.
    private var number: String { String(stableHash("\(point.set) \(point.site)".utf8) % 1_000_000, radix: 36) }
}

extension Configuration {
    /// Where a policy's drills restore.
    package func drillPlaces(of policy: Policy) -> Set<Place> {
        guard let rule = policy.drill else { return [] }
        let sites = rule.isOfCopies ? policy.copies.map(\.site) : policy.homes
        return Set(policy.selection.kinds.flatMap { kind in sites.map { Place(kind.provider, $0) } })
    }

    /// Whether a policy asks for drills.
    package func drills(_ policy: PolicyName) -> Bool { policies.contains { $0.name == policy && $0.drill != nil } }

    /// Where any policy's do.
    package var drillPlaces: Set<Place> { Set(policies.flatMap(drillPlaces)) }
}
