/// How one protected resource stands in one region.
package struct Standing: Sendable, Equatable {
    package var pair: Pair
    package var title: String
    package var site: Site
    package var isDestination: Bool
    /// When the data of the newest usable point was taken.
    package var newestUsable: Moment?
    /// The age of that data.
    package var achieved: Duration?
    package var objective: Duration?
    /// Whether the age is within the objective; nil without one.
    package var isMet: Bool?
    package var nextSlot: Moment?
    /// What it missed last, if it ever did.
    package var missed: MissedSlots?
    /// The pause that holds now.
    package var pause: Pause?
    package var pending: Int
    package var usable: Int
    /// What fails of it there, and since when.
    package var failing: Failing?
}

extension Inventory {
    /// How every resource that a policy selects stands, in its home region and in each destination.
    package func standings(under configuration: Configuration, _ memory: Memory, now: Moment) -> [Standing] {
        let index = InventoryIndex(claimingLookalikes(), configuration)
        return configuration.policies.sorted { $0.name < $1.name }.flatMap { policy in
            let points = index.points(of: policy.name)
            return index.resources(selectedBy: policy).sorted { $0.id < $1.id }.flatMap { resource in
                let own = points[resource.id] ?? []
                return ([resource.site] + policy.copies.map(\.site)).map { site in
                    standing(of: resource, policy, site, own.filter { $0.site == site }, memory, now: now)
                }
            }
        }
    }

    private func standing(
        of resource: Resource, _ policy: Policy, _ site: Site, _ points: [RecoveryPoint], _ memory: Memory,
        now: Moment
    ) -> Standing {
        let pair = Pair(policy: policy.name, resource: resource.id)
        let pause = memory.pauses[policy.name].flatMap { $0.holds(at: now) ? $0 : nil }
        let isDestination = site != resource.site
        let usable = points.filter { $0.state == .usable && $0.taken <= now + .seconds(300) }
        let newest = usable.map(\.taken).max()
        let objective = isDestination ? policy.objective.dr : policy.objective.local
        let achieved = newest.map { max(.zero, now - $0) }
        return Standing(
            pair: pair, title: resource.title, site: site,
            isDestination: isDestination, newestUsable: newest, achieved: achieved, objective: objective,
            isMet: objective.map { limit in achieved.map { $0 <= limit } ?? false },
            nextSlot: isDestination ? nil : policy.nextSlot(pause, now: now),
            missed: isDestination ? nil : memory.missed[pair], pause: pause,
            pending: points.filter { $0.state == .pending }.count, usable: usable.count,
            failing: memory.failing(pair, in: site))
    }
}

extension Configuration {
    /// One line for `systemctl status`: what is protected, what is late, what runs, what is next.
    package func statusLine(_ inventory: Inventory, _ memory: Memory, now: Moment) -> String {
        let trouble =
            isStandIn
            ? "the config has problems: the one last applied is in force, nothing is deleted"
            : isOutdated ? "the config has problems: the one before stays in force" : nil
        guard !policies.isEmpty else { return trouble ?? "no policies configured: nothing is protected" }
        let standings = inventory.standings(under: self, memory, now: now)
        let resources = Set(standings.map(\.pair.resource)).count
        let late = standings.filter { $0.isMet == false }.count
        let pending = standings.map(\.pending).reduce(0, +)
        var parts = ["\(policies.count) policies, \(resources) resources protected, \(late) late"]
        if let trouble { parts.append(trouble) }
        let failing = standings.filter { ($0.failing?.count ?? 0) >= Failing.calling }.count
        if failing > 0 { parts.append("\(failing) failing on and on") }
        if pending > 0 { parts.append("\(pending) points being made") }
        if !memory.isLedgerUsable { parts.append("the ledger cannot be used, nothing is deleted") }
        if memory.steppedBack != nil { parts.append("another snapwarden on this fleet goes first") }
        let paused = policies.filter { memory.pauses[$0.name]?.holds(at: now) == true }
        if !paused.isEmpty { parts.append("paused: \(paused.map(\.name.rawValue).sorted().joined(separator: ", "))") }
        let next = policies.compactMap { policy in
            policy.nextSlot(memory.pauses[policy.name], now: now).map { (slot: $0, policy: policy) }
        }.min { $0.slot < $1.slot }
        if let next {
            let local = next.policy.zone.local(next.slot)
            parts.append("next \(next.policy.name) \(local.date) \(local.clock.dropLast(3)) \(next.policy.zone.name)")
        }
        return parts.joined(separator: "; ")
    }
}
