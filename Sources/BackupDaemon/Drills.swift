package import BackupCore

/// Restores points to see that they can be restored, one after the other, beside all that protects.
package actor Drills {
    private let runner: PlanRunner
    private let driller: any Driller
    private let prober: any Prober
    private let clock: any WallClock
    private let events: any EventSink
    private let bell = Doorbell()

    package init(
        runner: PlanRunner, driller: any Driller, prober: any Prober, clock: any WallClock, events: any EventSink
    ) {
        (self.runner, self.driller, self.prober) = (runner, driller, prober)
        (self.clock, self.events) = (clock, events)
    }

    // MARK: In the daemon

    /// What the loop remembers, and no ledger has to.
    private struct Watch {
        /// When the loop began: the first reading may take a while.
        let began: Moment
        /// Slots up to here were drilled, or are nobody's.
        var considered: [PolicyName: Moment] = [:]
        /// Where something may lie that a drill made.
        var unswept: Set<Place>?
        var nextSweep = Moment.longAgo
        var failedSweeps = 0
    }

    /// Drills whatever comes due, until it is cancelled; `configuration` gives the config in force.
    ///
    /// `since` is when a daemon was last there: what came due after that is caught up on.
    package func run(since: Moment?, _ configuration: @Sendable () async -> Configuration) async {
        var watch = Watch(began: clock.now)
        let start = min(since ?? clock.now, clock.now)
        while !Task.isCancelled {
            let configuration = await configuration()
            if watch.unswept == nil {
                let unended = await runner.memory.drills.values.filter { $0.ended == nil || $0.keptUntil != nil }
                watch.unswept = configuration.drillPlaces.union(unended.map(\.place))
            }
            await sweep(configuration, &watch)
            for policy in configuration.policies { await drillIfDue(policy, configuration, since: start, &watch) }
            await sleep(until: nextInterest(configuration, watch))
        }
    }

    /// The config changed, or something else that the loop should look at.
    package func ring() { bell.ring() }

    private func drillIfDue(
        _ policy: Policy, _ configuration: Configuration, since start: Moment, _ watch: inout Watch
    ) async {
        guard let rule = policy.drill, !Task.isCancelled else { return }
        let memory = await runner.memory
        let last = memory.lastDrill(of: policy.name)?.record
        // One that was cut off is begun again.
        let done = last.map { $0.ended == nil ? $0.slot - .seconds(1) : max(start, min($0.slot, clock.now)) }
        let considered = watch.considered[policy.name] ?? done ?? start
        let window = configuration.timing.startWindow
        guard let slot = rule.dueSlot(since: considered, window: window, now: clock.now) else { return }
        let inventory = await runner.inventory
        guard
            configuration.drillPlaces(of: policy).allSatisfy(inventory.isComplete)
                || max(slot, watch.began) + window / 2 < clock.now
        else { return }
        watch.considered[policy.name] = slot
        // What is paused starts nothing; the slot is nobody's then.
        if memory.pauses[policy.name]?.holds(at: clock.now) == true { return }
        let points = rule.points(of: policy, in: inventory, memory, slot: slot)
        if points.isEmpty {
            let site = rule.isOfCopies ? policy.copies.first?.site : policy.homes.first
            tell(
                .drillFailed,
                "drill of \(policy.name): there is no usable point to restore in \(site?.description ?? "-")",
                Event.Fields(policy: policy.name, slot: slot, site: site, reason: "there is no usable point to restore")
            )
        }
        for point in points where !Task.isCancelled {
            let drill = Drill(
                fleet: configuration.fleet, policy: policy.name, rule: rule, slot: slot, point: point, began: clock.now)
            await perform(drill)
            watch.unswept = (watch.unswept ?? []).union([point.place])
            watch.nextSweep = .longAgo
        }
    }

    /// Removes what earlier drills left, now and after growing waits, until nothing is left.
    private func sweep(_ configuration: Configuration, _ watch: inout Watch) async {
        guard let places = watch.unswept, !places.isEmpty, watch.nextSweep <= clock.now else { return }
        var left: Set<Place> = []
        let kept = await keptMarks()
        for place in places.sorted() where !Task.isCancelled {
            do throws(DrillFailure) {
                try await driller.sweep(place, of: configuration.fleet, keeping: Set(kept.keys))
            } catch {
                left.insert(place)
                // Told at first, and about once a day.
                if watch.failedSweeps % 96 == 0 {
                    tell(
                        .actionFailed, "what drills made in \(place) could not be removed: \(error); it is tried again",
                        Event.Fields(site: place.site, action: "remove-drill", reason: error.description))
                }
            }
        }
        watch.failedSweeps = left.isEmpty ? 0 : watch.failedSweeps + 1
        watch.unswept = left.union(kept.values.map(\.place))
        let wait = left.isEmpty ? nil : clock.now + .seconds(min(900, 60 << Int64(min(watch.failedSweeps - 1, 4))))
        watch.nextSweep = [wait, kept.values.compactMap(\.keptUntil).min()].compactMap { $0 }.min() ?? .longAgo
    }

    /// The passed drills of which a person may still want to look at what they made, by their marks.
    private func keptMarks() async -> [String: DrillRecord] {
        let now = clock.now
        let kept = await runner.memory.drills.values.filter { ($0.keptUntil ?? now) > now }
        return Dictionary(kept.map { ($0.mark, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func nextInterest(_ configuration: Configuration, _ watch: Watch) -> Moment {
        let now = clock.now
        let rules = configuration.policies.compactMap(\.drill)
        let slots = rules.compactMap { $0.schedule.next(after: now) }
        let sweep = watch.unswept?.isEmpty == false ? max(watch.nextSweep, now + .seconds(1)) : nil
        // What is due may wait for a reading; where nothing is ever drilled nobody is woken.
        let look = rules.isEmpty ? nil : now + .seconds(60)
        return (slots + [sweep, look].compactMap { $0 }).min() ?? .never
    }

    private func sleep(until moment: Moment) async {
        let (clock, bell) = (clock, bell)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: moment) }
            group.addTask { await bell.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: One drill

    /// Restores the point, checks it and removes what it made, unless that is to stay for a while; gives how it went.
    @discardableResult package func perform(_ drill: Drill) async -> DrillRecord {
        var record = DrillRecord(drill)
        let fields = Event.Fields(
            policy: drill.policy, resource: drill.point.resource, slot: drill.point.slot, site: drill.point.site,
            action: "drill")
        tell(.drillStarted, "drill: \(drill.point.title) is restored in \(drill.point.site)", fields)
        await runner.record([.drilled(drill.pair, record)])
        do throws(DrillFailure) {
            let drilled = try await driller.restore(drill)
            record.restored = clock.now - record.began
            if drilled.runs {
                try await check(drill.rule.check, at: drilled.address)
                record.answered = clock.now - record.began
            }
            if drill.rule.keep > .zero { record.keptUntil = clock.now + drill.rule.keep }
        } catch {
            record.failure = error.description
        }
        // One that was cut off is begun again by the next run, which first removes what is left of it.
        guard !Task.isCancelled else { return record }
        if record.keptUntil == nil { await remove(drill, &record) }
        record.ended = clock.now
        await runner.record([.drilled(drill.pair, record)])
        var ended = fields
        ended.reason = record.failure
        tell(record.hasPassed ? .drillPassed : .drillFailed, "drill of \(drill.point.title): \(record.summary)", ended)
        return record
    }

    private func remove(_ drill: Drill, _ record: inout DrillRecord) async {
        do throws(DrillFailure) {
            try await driller.remove(drill.mark, in: drill.point.place)
        } catch {
            // The next start looks for it there, whatever the config says then.
            record.keptUntil = clock.now
            record.failure = record.failure ?? "what was restored could not be removed yet: \(error)"
        }
    }

    /// How long one check is waited for before the next.
    private static let pause = Duration.seconds(5)

    private func check(_ check: DrillCheck, at address: String?) async throws(DrillFailure) {
        let end = clock.now + check.within
        while true {
            do throws(DrillFailure) {
                return try await prober.probe(check.kind, at: address)
            } catch {
                guard clock.now < end, !Task.isCancelled else {

                    throw DrillFailure(
                        "\(check.kind) at \(address ?? "no address") was not passed within \(check.within.short): \(error)"
                    )
                }
            }
            try? await clock.sleep(until: min(end, clock.now + Drills.pause))
        }
    }

    private func tell(_ kind: EventKind, _ message: String, _ fields: Event.Fields) {
        events.emit(Event(kind, message, fields))
    }
}
