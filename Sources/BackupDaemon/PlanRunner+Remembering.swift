import BackupCore

extension PlanRunner {
    /// Writes down what this reading teaches: pairs, rules in force, copies seen, outcomes found.
    func note(_ configuration: Configuration) async throws(HistoryError) {
        let now = clock.now
        try await record(memory.corrections(seeing: inventory, now: now))
        var changes: [Change] = []
        if let rules = memory.newRetention(configuration, now: now) { changes.append(.retained(rules)) }
        let index = InventoryIndex(inventory, configuration)
        for policy in configuration.policies {
            let inForce = memory.schedules[policy.name]
            if Set(policy.schedules.map(\.text)) != inForce.map({ Set($0.keys) }) {
                // A policy never seen before binds its slots to its resources' own first sight.
                let since = policy.schedules.map { schedule in
                    (schedule.text, inForce.map { $0[schedule.text] ?? now } ?? Moment(seconds: 0))
                }
                changes.append(.scheduled(policy.name, Dictionary(since) { first, _ in first }))
            }
            let points = index.points(of: policy.name)
            for resource in index.resources(selectedBy: policy) {
                let pair = Pair(policy: policy.name, resource: resource.id)
                guard memory.firstSeen[pair] == nil else { continue }
                // With a lost ledger, a moment before the pair's oldest point, whose slots were ours already.
                let oldest = points[resource.id]?.map(\.slot).min()
                changes.append(.saw(pair, at: oldest.map { min(now, $0 - .seconds(1)) } ?? now))
            }
        }
        changes += absences(index, configuration) + resumptions(configuration)
        for point in inventory.points where point.isCopy && point.state == .usable {
            if !memory.copiesSeen.contains(point.id) { changes.append(.copySeen(point.id)) }
        }
        changes += endings(configuration)
        try await record(changes)
    }

    /// Resources of our points that complete inventories do not show any more, or show again.
    private func absences(_ index: InventoryIndex, _ configuration: Configuration) -> [Change] {
        let scopes = configuration.scopes
        return configuration.policies.flatMap { policy in
            index.points(of: policy.name).compactMap { resource, points -> Change? in
                guard let point = points.first else { return nil }
                let home = Place(point.place.provider, point.home)
                guard inventory.isComplete(home), scopes[home]?.resources == true else { return nil }
                let pair = Pair(policy: policy.name, resource: resource)
                let isAbsent = !index.shows(resource, in: point.home)
                guard isAbsent != (memory.absent[pair] != nil) else { return nil }
                return .absent(pair, since: isAbsent ? clock.now : nil)
            }
        }
    }

    /// Policies that went without a pass for longer than ever lies between two of their slots.
    private func resumptions(_ configuration: Configuration) -> [Change] {
        guard let last = memory.lastPass, clock.now - last > configuration.timing.inventoryInterval else { return [] }
        return configuration.policies.compactMap { policy in
            guard let longest = longestInterval(of: policy), clock.now - last > longest else { return nil }
            return .resumed(policy.name, at: clock.now)
        }
    }

    private func longestInterval(of policy: Policy) -> Duration? {
        if let known = longestIntervals[policy.name], known.of == policy.schedules { return known.interval }
        let interval = policy.longestInterval
        longestIntervals[policy.name] = (policy.schedules, interval)
        return interval
    }

    private func endings(_ configuration: Configuration) -> [Change] {
        let open = memory.open.values.map { intent in
            var dated = intent
            dated.began = beginning(of: intent)
            return dated
        }
        let endings = memory.endings(of: open, seenIn: inventory, consistency: configuration.timing.consistency)
        for (intent, ending) in endings { narrator.narrate(intent, ending) }
        return endings.map { .ended($0.intent.id, $0.ending, at: clock.now) }
    }

    func noteCandidates(of plan: Plan) async throws(HistoryError) {
        let now = clock.now
        let new = plan.candidates.filter { memory.candidates[$0] == nil }.sorted()
        let pardoned = memory.candidates.keys.filter { id in
            !plan.candidates.contains(id) && inventory.isComplete(id.place)
        }.sorted()
        // A plan for one policy says nothing about the others' candidates.
        guard !plan.kept.isEmpty || !new.isEmpty else { return }
        try await record(new.map { .candidate($0, since: now) } + pardoned.map { .pardoned($0) })
    }

    /// Writes down and says which slots were missed, each once.
    func noteMissed(in plan: Plan) async throws(HistoryError) {
        let news = plan.missed.filter { pair, slots in (memory.missed[pair]?.newest ?? .longAgo) < slots.newest }
            .sorted { $0.key < $1.key }
        try await record(news.map { .missed($0.key, $0.value) })
        for (pair, slots) in news { narrator.narrate(slots, of: pair) }
    }

    /// What each policy has deleted, and that it could have.
    private func tallies(_ report: PassReport, _ configuration: Configuration) -> [Change] {
        let now = clock.now
        return configuration.policies.compactMap { policy in
            let count = report.pruned[policy.name] ?? 0
            let places = configuration.scopes(of: policy).keys
            let isFree =
                places.allSatisfy(inventory.isComplete) && memory.pauses[policy.name]?.holds(at: now) != true
                && policy.blackouts.firstOpening(for: .prunes, from: now) == now
            guard count > 0 || isFree else { return nil }
            return .tallied(
                policy.name, .after(memory.tallies[policy.name], deleting: count, policy, now: now))
        }
    }

    func finish(
        _ report: inout PassReport, _ plan: Plan, _ configuration: Configuration
    ) async throws(HistoryError) {
        let pending = inventory.points.filter { $0.state == .pending }
        report.pending = pending.flatMap(\.members).filter { $0.state == .pending }.count
        report.waiting = memory.open.count + (plan.nextTry == nil ? 0 : 1)
        report.nextRelease = plan.nextRelease
        report.nextStart = plan.nextStart
        let gaps = inventory.listings.filter { $0.value.gap != nil }.sorted { $0.key < $1.key }
        report.hasGaps = !gaps.isEmpty
        for (place, listing) in gaps {
            report.failures.append(Failure(what: "reading \(place)", error: listing.gap?.description ?? ""))
        }
        let openUntil = memory.open.values.map { beginning(of: $0) + configuration.timing.consistency }.min()
        let nextPoll =
            report.pending > 0 ? clock.now + poll.next(after: report.done, configuration.timing) : nil
        report.nextLook = [openUntil, nextPoll, plan.nextTry].compactMap { $0 }.min()
        try await record(tallies(report, configuration) + (gaps.isEmpty ? [.passed(clock.now)] : []))
        narrator.narrate(report)
    }
}
