import BackupCore

extension PlanRunner {
    /// Writes down what this reading teaches: pairs, rules in force, copies seen, outcomes found.
    func note(_ configuration: Configuration) async {
        let now = clock.now
        await record(memory.corrections(seeing: inventory, now: now))
        let lessons = memory.lessons(
            of: inventory, under: configuration, now: now, longestInterval: longestInterval)
        await record(lessons + endings(configuration))
    }

    private func longestInterval(of policy: Policy) -> Duration? {
        if let known = longestIntervals[policy.name], known.of == policy.schedules { return known.interval }
        let interval = policy.longestInterval
        longestIntervals[policy.name] = (policy.schedules, interval)
        return interval
    }

    private func endings(_ configuration: Configuration) -> [Change] {
        let open = memory.open.values.filter { !underWay.contains($0.id) }.map { intent in
            var dated = intent
            dated.began = beginning(of: intent)
            return dated
        }
        let endings = memory.endings(of: open, seenIn: inventory, consistency: configuration.timing.consistency)
        for (intent, ending) in endings {
            if reopened.remove(intent.id) == nil { narrator.narrate(intent, ending) }
            if case .done = ending { watch(found: intent) }
        }
        return endings.map { .ended($0.intent.id, $0.ending, at: clock.now) }
    }

    /// What no snapshot holds, and tags may have no room for, is noted before the snapshots are asked for.
    func noting(_ action: Action, _ key: Intent.Key, _ configuration: Configuration) -> [Change] {
        guard case .create(let order) = action.work,
            let record = order.record(for: configuration.sidecarBucket, now: clock.now)
        else { return [] }
        return [.noted(key, record)]
    }

    /// It has found another place; a newer one has not.
    func forgetSidecar(of point: RecoveryPoint, _ record: SidecarRecord) async {
        guard memory.sidecars[point.beginning] == record else { return }
        await self.record([.noted(point.beginning, nil)])
    }

    func noteCandidates(of plan: Plan) async {
        let now = clock.now
        let new = plan.candidates.filter { memory.candidates[$0] == nil }.sorted()
        let pardoned = memory.candidates.keys.filter { id in
            !plan.candidates.contains(id) && inventory.isComplete(id.place)
        }.sorted()
        // A plan for one policy says nothing about the others' candidates.
        guard !plan.kept.isEmpty || !new.isEmpty else { return }
        await record(new.map { .candidate($0, since: now) } + pardoned.map { .pardoned($0) })
    }

    /// Writes down and says which slots were missed, each once.
    func noteMissed(in plan: Plan, _ configuration: Configuration) async {
        let news = plan.missed.filter { pair, slots in (memory.missed[pair]?.newest ?? .longAgo) < slots.newest }
            .sorted { $0.key < $1.key }
        await record(news.map { .missed($0.key, $0.value) })
        let automatic = Set(configuration.policies.filter { $0.source == .automatic }.map(\.name))
        for (pair, slots) in news { narrator.narrate(slots, of: pair, isAutomatic: automatic.contains(pair.policy)) }
    }

    /// What each policy has deleted, and that it could have.
    private func tallies(_ report: PassReport, _ plan: Plan, _ configuration: Configuration) -> [Change] {
        let now = clock.now
        return configuration.policies.compactMap { policy in
            let count = report.pruned[policy.name] ?? 0
            let places = configuration.scopes(of: policy).keys
            let isFree =
                plan.isClockSane && places.allSatisfy(inventory.isComplete)
                && memory.pauses[policy.name]?.holds(at: now) != true
                && policy.blackouts.firstOpening(for: .prunes, from: now) == now
            guard count > 0 || isFree else { return nil }
            return .tallied(
                policy.name, .after(memory.tallies[policy.name], deleting: count, policy, now: now))
        }
    }

    /// What was deleted after its pass had been handed over counts as well.
    func tally(late report: PassReport, _ configuration: Configuration) async {
        let now = clock.now
        let changes = configuration.policies.compactMap { policy -> Change? in
            guard let count = report.pruned[policy.name] else { return nil }
            return .tallied(policy.name, .after(memory.tallies[policy.name], deleting: count, policy, now: now))
        }
        await record(changes)
    }

    /// Concerning one policy, or all: what others have under way is not waited for.
    func finish(
        _ report: inout PassReport, _ plan: Plan, _ configuration: Configuration, concerning only: PolicyName?
    ) async {
        let pending = inventory.points.filter { $0.isFollowed && (only ?? $0.policy) == $0.policy }
        let open = memory.open.values.filter { (only ?? $0.key.pair.policy) == $0.key.pair.policy }
        report.pending = pending.flatMap(\.members).filter { $0.state == .pending }.count
        report.waiting = open.count + plan.queued.count + (plan.nextTry == nil ? 0 : 1)
        report.nextRelease = plan.nextRelease
        report.nextStart = plan.nextStart
        report.nextWatch = nextWatch(configuration.timing)
        let gaps = inventory.listings.filter { $0.value.gap != nil }.sorted { $0.key < $1.key }
        report.hasGaps = !gaps.isEmpty
        report.isLedgerUsable = memory.isLedgerUsable
        for (place, listing) in gaps {
            report.failures.append(Failure(what: "reading \(place)", error: listing.gap?.description ?? ""))
        }
        // What lies in a place that could not be read waits for that, and not for its own time alone.
        let unread = Set(gaps.map(\.key.site))
        let openUntil = open.filter { !underWay.contains($0.id) && !unread.contains($0.key.site) }
            .map { beginning(of: $0) + configuration.timing.consistency }.min()
        let nextPoll =
            report.pending + plan.queued.count > 0
            ? clock.now + poll.next(after: report.done, configuration.timing) : nil
        // A call that goes on is not waited for, but looked after.
        let nextCheck = open.contains { underWay.contains($0.id) } ? clock.now + configuration.timing.pollFirst : nil
        let nextTurn = postponed.filter { (only ?? $0.key.pair.policy) == $0.key.pair.policy && $0.value > clock.now }
            .values.min()
        // What waits for a place that cannot be read is not looked at in one pass after the other.
        let nextTry = plan.nextTry.map { $0 > clock.now ? $0 : clock.now + configuration.timing.pollFirst }
        report.nextLook = [openUntil, nextPoll, nextCheck, nextTurn, nextTry].compactMap { $0 }.min()
        await record(
            tallies(report, plan, configuration) + (gaps.isEmpty ? [.passed(clock.now)] : [])
                + memory.foldings(seeing: inventory, under: configuration, now: clock.now))
        narrator.narrate(report)
    }
}
