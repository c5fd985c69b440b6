package import BackupCore

/// Restores points to see that they can be restored, one after the other, beside all that protects.
package actor Drills {
    let runner: PlanRunner
    let driller: any Driller
    private let prober: any Prober
    let clock: any WallClock
    private let events: any EventSink
    private let bell = Doorbell()

    package init(
        runner: PlanRunner, driller: any Driller, prober: any Prober, clock: any WallClock, events: any EventSink
    ) {
        (self.runner, self.driller, self.prober) = (runner, driller, prober)
        (self.clock, self.events) = (clock, events)
    }

    // MARK: In the daemon

    /// Drills whatever comes due, until it is cancelled; `configuration` gives the config in force.
    package func run(_ configuration: @Sendable () async -> Configuration) async {
        let began = clock.now
        var cleaning = DrillCleaning()
        while !Task.isCancelled {
            let configuration = await configuration()
            await clean(configuration, &cleaning)
            var looks: [Moment?] = [cleaning.next, cleaning.unswept?.isEmpty == false ? cleaning.nextSweep : nil]
            for policy in configuration.policies {
                looks.append(await drillIfDue(policy, configuration, began: began))
            }
            await forgetOthers(configuration)
            looks.append(await nextRemoval(cleaning))
            let now = clock.now
            await bell.wait(until: looks.compactMap { $0 }.map { max($0, now + .seconds(1)) }.min() ?? .never, clock)
        }
    }

    /// The config changed, or something else that the loop should look at.
    package func ring() { bell.ring() }

    /// Gives when to look again, at the latest; nil if that depends on the config alone.
    private func drillIfDue(_ policy: Policy, _ configuration: Configuration, began: Moment) async -> Moment? {
        guard let rule = policy.drill, !Task.isCancelled else { return nil }
        let memory = await runner.memory
        // What could not be remembered would be done again, and what it left be nobody's.
        guard memory.isLedgerUsable else { return clock.now + .seconds(60) }
        let done = memory.drills.done(rule, of: policy.name, now: clock.now)
        // A rule that is new waits for its next slot.
        if done == nil { await note(policy.name, rule, done: clock.now) }
        let window = configuration.timing.startWindow
        let due = done.flatMap { rule.dueSlot(since: $0, window: window, now: clock.now) }
        await endCutOff { $0.policy == policy.name && $0.slot != due }
        if let slot = due {
            // What is paused starts nothing, and neither does who lets another one go first: the slot is nobody's then.
            let isHeld = memory.pauses[policy.name]?.holds(at: clock.now) == true || memory.steppedBack != nil
            if !isHeld {
                let first = done.flatMap { rule.schedule.next(after: max($0, clock.now - window)) } ?? slot
                let patience = min(max(first, began) + window / 2, slot + window - .seconds(1))
                let inventory = await runner.inventory
                let unread = configuration.drillPlaces(of: policy).filter { !inventory.isComplete($0) }.sorted()
                // Each pass that ends rings.
                if !unread.isEmpty && clock.now <= patience { return patience + .seconds(1) }
                await drill(policy, rule, slot, inventory, unread, configuration.fleet)
                guard !Task.isCancelled else { return nil }
            }
            await note(policy.name, rule, done: slot)
        }
        return rule.schedule.next(after: clock.now)
    }

    private func drill(
        _ policy: Policy, _ rule: DrillRule, _ slot: Moment, _ inventory: Inventory, _ unread: [Place],
        _ fleet: FleetName
    ) async {
        let history = await runner.memory.drills
        let points = rule.points(of: policy, in: inventory, history, slot: slot)
        if points.isEmpty, history.drills(of: policy.name, at: slot).isEmpty {
            let why = unread.map { place in
                "\(place) could not be read: \(inventory.listings[place]?.gap?.description ?? "nothing was read yet")"
            }
            let reason = why.isEmpty ? "there is no usable point to restore" : why.joined(separator: "; ")
            let record = DrillRecord(policy.name, slot: slot, failed: reason, at: clock.now)
            await runner.record([.drilled(record)])
            tell(record, in: rule.isOfCopies ? policy.copies.first?.site : policy.homes.first)
        }
        for point in points where !Task.isCancelled {
            await perform(
                Drill(fleet: fleet, policy: policy.name, rule: rule, slot: slot, point: point, began: clock.now))
        }
    }

    private func note(_ policy: PolicyName, _ rule: DrillRule, done: Moment) async {
        let progress = DrillHistory.Progress(schedule: rule.schedule.text, done: done)
        await runner.record([.drillsDone(policy, progress)])
    }

    /// A rule that is taken away and comes back is a new one.
    private func forgetOthers(_ configuration: Configuration) async {
        let ruled = Set(configuration.policies.filter { $0.drill != nil }.map(\.name))
        let others = await runner.memory.drills.progress.keys.filter { !ruled.contains($0) }.sorted()
        await runner.record(others.map { .drillsDone($0, nil) })
        await endCutOff { !ruled.contains($0.policy) }
    }

    /// What was cut off, and whose time is over, is not begun again.
    private func endCutOff(where isOver: (DrillRecord) -> Bool) async {
        for var record in await runner.memory.drills.unended where record.tested == nil && isOver(record) {
            record.failure = "it was cut off, and is not begun again because its time is over"
            (record.tested, record.ended) = (clock.now, clock.now)
            await runner.record([.drilled(record)])
            tell(record, in: record.subject?.point.place.site)
        }
    }

    // MARK: One drill

    /// Restores the point, checks it and removes what it made, unless that is to stay for a while; gives how it went.
    @discardableResult package func perform(_ drill: Drill) async -> DrillRecord {
        var record = DrillRecord(drill)
        if let cutOff = await runner.memory.drills.records[record.key] {
            guard await removeRemains(of: cutOff) else { return cutOff }
        }
        tell(
            Event(
                .drillStarted, "drill: \(drill.point.title) is restored in \(drill.point.site)",
                fields(of: record, in: drill.point.site)))
        await runner.record([.drilled(record)])
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
        // One that is cut off is begun again by the next run, which first removes what is left of it.
        guard !Task.isCancelled else { return record }
        record.tested = clock.now
        await runner.record([.drilled(record)])
        return await finish(record)
    }

    /// A drill that was cut off is begun again once nothing is left of it: its mark is known by its record alone.
    private func removeRemains(of drill: DrillRecord) async -> Bool {
        guard let subject = drill.subject else { return true }
        do throws(DrillFailure) {
            try await driller.remove(subject.mark, in: subject.point.place)
            return true
        } catch {
            guard !Task.isCancelled else { return false }
            var record = drill
            record.failure = "it was cut off, and what was left of it could not be removed yet: \(error)"
            (record.tested, record.ended) = (clock.now, clock.now)
            await runner.record([.drilled(record)])
            tell(record, in: subject.point.place.site)
            return false
        }
    }

    /// Removes what was made, unless it is to stay, and tells how it went.
    ///
    /// If this is cut off the next run goes on with it.
    @discardableResult func finish(_ tested: DrillRecord) async -> DrillRecord {
        guard let subject = tested.subject else { return tested }
        var record = tested
        if record.keptUntil == nil {
            do throws(DrillFailure) {
                try await driller.remove(subject.mark, in: subject.point.place)
                record.isGone = true
            } catch {
                guard !Task.isCancelled else { return record }
                record.failure = record.failure ?? "what was restored could not be removed yet: \(error)"
            }
        }
        record.ended = clock.now
        await runner.record([.drilled(record)])
        tell(record, in: subject.point.place.site)
        return record
    }

    /// How long after one look the next is.
    private static let pause = Duration.seconds(5)

    private func check(_ check: DrillCheck, at address: String?) async throws(DrillFailure) {
        let end = clock.now + check.within
        while true {
            do throws(DrillFailure) {
                try await prober.probe(check.kind, at: address, within: max(end - clock.now, .seconds(1)))
                guard clock.now <= end else { throw DrillFailure("it was passed too late") }
                return
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

    // MARK: What is said

    private func fields(of record: DrillRecord, in site: Site?) -> Event.Fields {
        Event.Fields(
            policy: record.policy, resource: record.subject?.resource, slot: record.slot, site: site, action: "drill",
            reason: record.failure)
    }

    private func tell(_ record: DrillRecord, in site: Site?) {
        let what = record.subject.map { "\(record.policy)/\($0.resource)" } ?? "\(record.policy)"
        tell(
            Event(
                record.hasPassed ? .drillPassed : .drillFailed,
                "drill of \(what) with the slot \(record.slot): \(record.summary)", fields(of: record, in: site)))
    }

    func tell(_ event: Event) { events.emit(event) }
}
