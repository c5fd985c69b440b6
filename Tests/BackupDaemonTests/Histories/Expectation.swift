import BackupCore

/// All points of one policy and resource as they truly are, with what the config says about them.
///
/// The second opinion on what may be deleted and what must be there; the product's planning is not asked.
struct Expectation {
    var policy: Policy
    /// As it is now; nil if it does not exist.
    var resource: Resource?
    /// Whether it has been away for so long that it counts as gone.
    var isGone: Bool
    var points: [RecoveryPoint]
    /// What stands beside one of those for the same slot, and must go: a crash or a lost ledger had it made twice.
    var twins: [RecoveryPoint]
    var everUsable: Set<PointID>
    var now: Moment

    var zone: Zone { policy.schedules.first?.zone ?? .utc }
    var home: [RecoveryPoint] { points.filter { !$0.isCopy } }

    func usable(in place: Place) -> [RecoveryPoint] { points.filter { $0.place == place && $0.state == .usable } }

    /// The rules of a place; nil where the policy has none, and nothing is deleted.
    func rules(_ place: Place) -> Retention? {
        if let rule = copyRule(place) { return rule.retention ?? policy.retention }
        return policy.homes.contains(place.site) ? policy.retention : nil
    }

    func copyRule(_ place: Place) -> CopyRule? { policy.copies.first { $0.region == place.region } }

    /// How many usable points must be left in a place, whatever else is said.
    func floor(_ place: Place) -> Int {
        guard let rules = rules(place) else { return .max }
        guard isGone else { return max(1, rules.atLeast) }
        guard case .fade(let span, let count) = policy.whenResourceGone else { return .max }
        let newest = points.filter { $0.state == .usable }.map(\.taken).max() ?? now
        return now < Reckoning.before(newest, CalendarSpan(months: -span.months, days: -span.days), zone) ? .max : count
    }

    /// Of the usable points of a place, those that stay.
    func kept(_ place: Place) -> Set<SetID> {
        let usable = usable(in: place)
        guard let rules = rules(place) else { return Set(usable.map(\.set)) }
        if isGone {
            let newest = usable.sorted { Reckoning.isOlder($1, $0) }
            let count = min(newest.count, floor(place))
            return Set(newest.prefix(count).map(\.set)).union(usable.filter(\.isHeld).map(\.set))
        }
        return Reckoning.kept(usable, rules, zone, now).union(newestCopies(place))
            .union(copyRule(place) == nil ? owing() : [])
    }

    /// The newest copy of each volume that the next copy of that volume will build on.
    private func newestCopies(_ place: Place) -> Set<SetID> {
        guard place.provider == .ec2, let rule = copyRule(place), let resource, policy.selects(resource) else {
            return []
        }
        let copies = usable(in: place).filter { $0.isCopy && ($0.key ?? rule.keyName) == rule.keyName }
        let volumes = resource.volumes.filter { !policy.exclusion.excludes($0) }.map(\.id)
        return Set(
            volumes.compactMap { volume in
                copies.filter { $0.members.contains { $0.volume == volume } }
                    .max(by: Reckoning.isOlder)?.set
            })
    }

    /// The home points that owe a copy to some destination.
    func owing() -> Set<SetID> { policy.copies.reduce(into: []) { $0.formUnion(owing(to: $1)) } }

    /// What a destination's rules keep of its points and those at home, unless it was there already.
    func owing(to rule: CopyRule) -> Set<SetID> {
        let usable = home.filter { $0.state == .usable }
        guard let provider = home.first?.place.provider else { return [] }
        let place = Place(provider, rule.site)
        let there = points.filter { $0.place == place }
        let arrived = Set(usable.map(\.set).filter { everUsable.contains(PointID(place: place, set: $0)) })
        let eligible = eligible(usable, rule, arrived, there)
        let sets = Set(eligible.map(\.set))
        let all = eligible + there.filter { $0.state == .usable && !sets.contains($0.set) }
        // What a person holds at home is held there alone.
        let unheld = all.map { point in
            var point = point
            point.isHeld = false
            return point
        }
        let kept = Reckoning.kept(unheld, rule.retention ?? policy.retention, zone, now)
        return sets.intersection(kept).subtracting(arrived)
    }

    /// Of each part of time the oldest, unless one of that part is there or was.
    private func eligible(
        _ home: [RecoveryPoint], _ rule: CopyRule, _ arrived: Set<SetID>, _ there: [RecoveryPoint]
    ) -> [RecoveryPoint] {
        guard let division = rule.which else { return home }
        let begun = arrived.union(there.map(\.set))
        let servedBy =
            there.filter { $0.kind == .scheduled && $0.state != .failed }
            + home.filter { $0.kind == .scheduled && begun.contains($0.set) }
        var served = Set(servedBy.map { Reckoning.part(division, of: $0.slot, zone) })
        return home.sorted(by: Reckoning.isOlder).filter { point in
            point.kind == .manual || begun.contains(point.set)
                || served.insert(Reckoning.part(division, of: point.slot, zone)).inserted
        }
    }
}
