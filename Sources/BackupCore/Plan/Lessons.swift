extension Memory {
    /// What a reading teaches: rules and schedules in force, pairs first seen, resources away, stops, copies seen.
    ///
    /// What ``corrections(seeing:now:)`` gives must have been applied before. `longestInterval` answers what
    /// ``Policy/longestInterval`` does, which takes a while to reckon.
    package func lessons(
        of inventory: Inventory, under configuration: Configuration, now: Moment,
        longestInterval: (Policy) -> Duration? = \.longestInterval
    ) -> [Change] {
        var changes: [Change] = []
        if let rules = newRetention(configuration, now: now) { changes.append(.retained(rules)) }
        let index = InventoryIndex(inventory, configuration)
        for policy in configuration.policies {
            if let change = newSchedules(of: policy, now: now) { changes.append(change) }
            changes += firstSights(of: policy, index, now: now)
            changes += absences(of: policy, index, inventory, configuration.scopes, now: now)
        }
        if let lastPass, now - lastPass > configuration.timing.inventoryInterval {
            // Policies that went without a pass for longer than ever lies between two of their slots.
            for policy in configuration.policies {
                guard let longest = longestInterval(policy), now - lastPass > longest else { continue }
                changes.append(.resumed(policy.name, at: now))
            }
        }
        for point in inventory.points where point.isCopy && point.isWhole {
            if copiesSeen[point.id] == nil { changes.append(.copySeen(point.id, at: now)) }
        }
        return changes + recoveries(seeing: inventory)
    }

    private func newSchedules(of policy: Policy, now: Moment) -> Change? {
        let inForce = schedules[policy.name]
        guard Set(policy.schedules.map(\.text)) != inForce.map({ Set($0.keys) }) else { return nil }
        // A policy never seen before binds its slots to its resources' own first sight.
        let since = policy.schedules.map { schedule in
            (schedule.text, inForce.map { $0[schedule.text] ?? now } ?? Moment(seconds: 0))
        }
        return .scheduled(policy.name, Dictionary(since) { first, _ in first })
    }

    private func firstSights(of policy: Policy, _ index: InventoryIndex, now: Moment) -> [Change] {
        let points = index.points(of: policy.name)
        return index.resources(selectedBy: policy).compactMap { resource in
            let pair = Pair(policy: policy.name, resource: resource.id)
            guard firstSeen[pair] == nil else { return nil }
            // With a lost ledger, a moment before the pair's oldest point, whose slots were ours already.
            let oldest = points[resource.id]?.map(\.slot).min()
            return .saw(pair, at: oldest.map { min(now, $0 - .seconds(1)) } ?? now)
        }
    }

    /// Resources of our points that complete inventories do not show any more, or show again.
    private func absences(
        of policy: Policy, _ index: InventoryIndex, _ inventory: Inventory, _ scopes: [Place: Scope], now: Moment
    ) -> [Change] {
        index.points(of: policy.name).compactMap { resource, points -> Change? in
            guard let point = points.first else { return nil }
            let home = Place(point.place.provider, point.home)
            guard inventory.isComplete(home), scopes[home]?.kinds.contains(point.resourceKind) == true else {
                return nil
            }
            let pair = Pair(policy: policy.name, resource: resource)
            let isAbsent = !index.shows(resource, in: point.home)
            guard isAbsent != (absent[pair] != nil) else { return nil }
            return .absent(pair, since: isAbsent ? now : nil)
        }
    }
}
