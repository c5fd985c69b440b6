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
