extension DrillRule {
    /// The points that a slot's drills have still to restore: first those that were cut off.
    package func points(
        of policy: Policy, in inventory: Inventory, _ history: DrillHistory, slot: Moment
    ) -> [RecoveryPoint] {
        let sites = isOfCopies ? policy.copies.map(\.site) : policy.homes
        let candidates = inventory.points.filter { point in
            ([policy.name] + policy.adopts).contains(point.policy) && point.isCopy == isOfCopies
                && sites.contains(point.site) && point.state == .usable
        }
        let begun = history.drills(of: policy.name, at: slot)
        let ended = begun.filter { $0.ended != nil }
        let cutOff = begun.filter { $0.ended == nil }.compactMap(\.subject)
        let left = max(0, limit - ended.count)
        switch pick {
        case .random:
            let done = Set(ended.compactMap(\.subject?.point))
            let first = Set(cutOff.map(\.point))
            let lots = candidates.filter { !done.contains($0.id) }.map { point in
                (first.contains(point.id) ? 0 : 1, point.lot(slot), point)
            }
            return lots.sorted { ($0.0, $0.1, $0.2.id) < ($1.0, $1.1, $1.2.id) }.prefix(left).map(\.2)
        case .latest:
            let done = Set(ended.compactMap(\.subject?.resource))
            let first = Set(cutOff.map(\.resource))
            let turns = history.turns(of: policy.name, before: slot)
            let points = Set(cutOff.map(\.point))
            let newest = Dictionary(grouping: candidates, by: \.resource).compactMapValues { all in
                all.first { points.contains($0.id) }
                    ?? all.max { ($0.taken, $0.site, $0.set) < ($1.taken, $1.site, $1.set) }
            }
            let order = newest.keys.filter { !done.contains($0) }.map { resource in
                (first.contains(resource) ? 0 : 1, turns[resource] ?? .longAgo, resource)
            }
            return order.sorted(by: <).prefix(left).compactMap { newest[$0.2] }
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

extension RecoveryPoint {
    /// Drawn for a slot.
    fileprivate func lot(_ slot: Moment) -> UInt64 { stableHash("\(slot) \(set) \(site)".utf8) }
}
