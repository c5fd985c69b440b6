package import BackupCore

/// Does what the planner says: reads AWS, asks for a plan, and carries it out, each call between an intent and its
/// outcome in the ledger.
package actor PlanRunner {
    let cloud: any Cloud
    let history: any History
    let events: any EventSink
    let clock: any WallClock
    private let nonces: @Sendable () -> String

    package private(set) var memory = Memory()
    package private(set) var inventory = Inventory()
    /// What AWS asked to wait for.
    private var postponed: [Intent.Key: Moment] = [:]
    /// What this process made or deleted a moment ago, which AWS may not show yet.
    private var made: [PointID: (point: RecoveryPoint, at: Moment)] = [:]
    private var deleted: [PointID: Moment] = [:]
    private var narrator: Narrator
    private var poll = PollInterval()
    private var isStopping = false

    /// So many calls are under way at once.
    private static let width = 16

    package init(
        cloud: any Cloud, history: any History, events: any EventSink, clock: any WallClock,
        nonces: @escaping @Sendable () -> String
    ) {
        self.cloud = cloud
        self.history = history
        self.events = events
        self.clock = clock
        self.nonces = nonces
        narrator = Narrator(events: events)
    }

    /// What a pass reads before it plans.
    package enum Reading: Sendable {
        case everything
        /// Only what is pending, in one batched call for each place.
        case pending
        /// Nothing: what the last pass changed is known.
        case nothing
    }

    /// Recalls what the ledger remembers; must come before the first pass.
    package func open() async throws(HistoryError) {
        memory = try await history.recall()
        if memory.installed == nil { try await record([.installed(clock.now)]) }
    }

    /// One pass: read, plan, act.
    package func pass(
        _ configuration: Configuration, _ eagerness: Eagerness = .scheduled, reading: Reading = .everything,
        runStarted: Moment? = nil
    ) async throws(HistoryError) -> PassReport {
        await read(configuration, reading)
        try await note(configuration)
        let plan = Planner(
            configuration: configuration, inventory: inventory, memory: memory, now: clock.now,
            eagerness: eagerness, postponed: postponed, runStarted: runStarted
        ).plan()
        try await noteCandidates(of: plan)
        var report = await perform(plan.actions, configuration)
        report.plan = plan
        try await finish(&report, plan, configuration)
        return report
    }

    /// Lets calls in flight end and starts no other; what is pending is followed again after the next start.
    package func stop() { isStopping = true }

    func record(_ changes: [Change]) async throws(HistoryError) {
        guard !changes.isEmpty else { return }
        try await history.record(changes)
        for change in changes { memory.apply(change) }
    }
}

// MARK: - Reading

extension PlanRunner {
    private func read(_ configuration: Configuration, _ reading: Reading) async {
        let ripe = memory.open.values.contains { $0.began + configuration.timing.consistency <= clock.now }
        switch ripe ? .everything : reading {
        case .everything: await readEverything(configuration)
        case .pending: await refreshPending()
        case .nothing: break
        }
        narrator.narrateStates(of: inventory, in: configuration)
    }

    private func readEverything(_ configuration: Configuration) async {
        let cloud = cloud
        var listings: [Place: Listing] = [:]
        await withTaskGroup(of: (Place, Listing).self) { group in
            for (place, scope) in configuration.scopes.sorted(by: { $0.key < $1.key }) {
                group.addTask { (place, await cloud.listing(of: place, scope: scope)) }
            }
            for await (place, listing) in group { listings[place] = listing }
        }
        for (place, listing) in listings.sorted(by: { $0.key < $1.key }) {
            guard let gap = listing.gap else { continue }
            narrator.narrate(gapIn: place, gap)
        }
        inventory = Inventory(listings)
        bridgeConsistencyGap(configuration.timing.consistency)
    }

    /// AWS may not show yet what it has just done; what this process saw done counts until it does.
    private func bridgeConsistencyGap(_ consistency: Duration) {
        let now = clock.now
        made = made.filter { now < $0.value.at + consistency }
        deleted = deleted.filter { now < $0.value + consistency }
        for (_, recent) in made { inventory.join(recent.point) }
        for id in deleted.keys { inventory.remove(id) }
    }

    private func refreshPending() async {
        let pending = Dictionary(grouping: inventory.points.filter { $0.state == .pending }, by: \.place)
        for (place, points) in pending.sorted(by: { $0.key < $1.key }) {
            do {
                for point in try await cloud.refreshed(points.sorted { $0.id < $1.id }, in: place) {
                    inventory.merge(point)
                    made[point.id]?.point = point
                }
            } catch {
                narrator.narrate(gapIn: place, error)
            }
        }
    }
}

// MARK: - Remembering

extension PlanRunner {
    /// Writes down what this reading teaches: pairs, rules in force, copies seen, outcomes found.
    private func note(_ configuration: Configuration) async throws(HistoryError) {
        let now = clock.now
        var changes: [Change] = []
        if memory.retention?.text != configuration.retentionText {
            changes.append(.retained(RetentionInForce(text: configuration.retentionText, since: now)))
        }
        for policy in configuration.policies {
            if memory.schedules[policy.name]?.text != policy.scheduleText {
                let isNew = memory.schedules[policy.name] == nil
                // A policy never seen before binds its slots to its resources' own first sight.
                let since = isNew ? Moment(seconds: 0) : now
                changes.append(.scheduled(policy.name, ScheduleInForce(text: policy.scheduleText, since: since)))
            }
            for resource in inventory.resources where policy.selects(resource) {
                let pair = Pair(policy: policy.name, resource: resource.id)
                if memory.firstSeen[pair] == nil { changes.append(.saw(pair, at: firstSight(of: pair, now: now))) }
            }
        }
        for point in inventory.points where point.isCopy && point.state == .usable {
            if !memory.copiesSeen.contains(point.id) { changes.append(.copySeen(point.id)) }
        }
        changes += endings(configuration)
        try await record(changes)
    }

    /// Now; with a lost ledger, a moment before the pair's oldest point, whose slots were ours already.
    private func firstSight(of pair: Pair, now: Moment) -> Moment {
        let slots = inventory.points.filter { $0.policy == pair.policy && $0.resource == pair.resource }.map(\.slot)
        return slots.min().map { min(now, $0 - .seconds(1)) } ?? now
    }

    private func endings(_ configuration: Configuration) -> [Change] {
        let endings = memory.endings(
            of: Array(memory.open.values), seenIn: inventory, consistency: configuration.timing.consistency)
        for (intent, ending) in endings { narrator.narrate(intent, ending) }
        return endings.map { .ended($0.intent.id, $0.ending, at: clock.now) }
    }

    private func noteCandidates(of plan: Plan) async throws(HistoryError) {
        let now = clock.now
        let new = plan.candidates.filter { memory.candidates[$0] == nil }.sorted()
        let pardoned = memory.candidates.keys.filter { id in
            !plan.candidates.contains(id) && inventory.isComplete(id.place)
        }.sorted()
        // A plan for one policy says nothing about the others' candidates.
        guard !plan.kept.isEmpty || !new.isEmpty else { return }
        try await record(new.map { .candidate($0, since: now) } + pardoned.map { .pardoned($0) })
    }

    private func finish(
        _ report: inout PassReport, _ plan: Plan, _ configuration: Configuration
    ) async throws(HistoryError) {
        let pending = inventory.points.filter { $0.state == .pending }
        report.pending = pending.flatMap(\.members).filter { $0.state == .pending }.count
        report.waiting = memory.open.count + (plan.nextTry == nil ? 0 : 1)
        report.nextRelease = plan.nextRelease
        let gaps = inventory.listings.filter { $0.value.gap != nil }.sorted { $0.key < $1.key }
        for (place, listing) in gaps {
            report.failures.append(Failure(what: "reading \(place)", error: listing.gap?.description ?? ""))
        }
        let openUntil = memory.open.values.map { $0.began + configuration.timing.consistency }.min()
        let nextPoll =
            report.pending > 0 ? clock.now + poll.next(after: report.done, configuration.timing) : nil
        report.nextLook = [openUntil, nextPoll, plan.nextTry].compactMap { $0 }.min()
        if gaps.isEmpty { try await record([.passed(clock.now)]) }
        narrator.narrate(report)
    }
}

// MARK: - Acting

extension PlanRunner {
    private func perform(_ actions: [Action], _ configuration: Configuration) async -> PassReport {
        var report = PassReport()
        let order = actions.sorted { $0.urgency < $1.urgency }
        await withTaskGroup(of: Result.self) { group in
            for (index, action) in order.enumerated() {
                if index >= PlanRunner.width, let result = await group.next() { report.take(result) }
                group.addTask { await self.perform(action, configuration.timing) }
            }
            for await result in group { report.take(result) }
        }
        return report
    }

    enum Result: Sendable {
        case done
        case nothingToDo
        case waiting
        case failed(Failure)
        /// The removal was done; what had to be removed is a failure all the same.
        case removedFailed(Failure)
    }

    /// One action: intent, call, outcome.
    ///
    /// A failure of one never stops another.
    private func perform(_ action: Action, _ timing: Timing) async -> Result {
        guard !isStopping else { return .nothingToDo }
        guard let key = action.key else {
            narrator.narrate(withheld: action)
            return .nothingToDo
        }
        let intent = Intent(id: SetID(nonces()), key: key, set: action.set, began: clock.now)
        do {
            try await record([.began(intent)])
            let ending = await call(action, intent, timing)
            if let ending { try await record([.ended(intent.id, ending, at: clock.now)] + laterFailures(of: action)) }
            return result(of: ending, action)
        } catch {
            narrator.narrate(ledgerTrouble: error)
            return .failed(Failure(what: action.title, error: error.description))
        }
    }

    private func result(of ending: Ending?, _ action: Action) -> Result {
        switch ending {
        case .done:
            if case .removeFailed = action.work {
                .removedFailed(Failure(what: action.title, error: action.reason.description))
            } else {
                .done
            }
        case .failed(let code, let message, _): .failed(Failure(what: action.title, error: "\(code): \(message)"))
        case nil, .notPerformed, .deferred: .waiting
        }
    }

    /// What was removed because it failed counts against the attempt that made it.
    private func laterFailures(of action: Action) -> [Change] {
        guard case .removeFailed(let point, let failed) = action.work else { return [] }
        let key = Intent.Key(
            verb: point.isCopy ? .copy : .create, pair: action.pair, slot: action.slot, region: action.region)
        return [.failedLater(key, code: failed.first?.stateMessage ?? "error", at: clock.now)]
    }

    /// Makes the call; nil while it is not known whether it was done.
    private func call(_ action: Action, _ intent: Intent, _ timing: Timing) async -> Ending? {
        do throws(CloudError) {
            try await carryOut(action, intent)
            return .done(requestID: nil)
        } catch {
            narrator.narrate(action, error)
            switch error.kind {
            case .quota:
                postponed[intent.key] = clock.now + max(timing.pollFirst, min(.seconds(15), timing.pollLongest))
                return .deferred(code: error.code)
            case .outcomeUnknown where intent.key.verb == .create || intent.key.verb == .copy:
                return nil
            case .refused, .unavailable, .outcomeUnknown, .needsPerson:
                return .failed(code: error.code, message: error.message, requestID: error.requestID)
            }
        }
    }

    private func carryOut(_ action: Action, _ intent: Intent) async throws(CloudError) {
        switch action.work {
        case .create(var order):
            order.nonce = intent.id
            narrator.narrate(action, made: took(try await cloud.create(order)))
        case .copy(let order):
            try await copy(order, action)
        case .prune(let point):
            try await cloud.delete(point.members.map(\.snapshot), of: point.id)
            lost(point, action)
        case .removeFailed(let point, let members):
            try await cloud.delete(members.map(\.snapshot), of: point.id)
            removed(members, from: point, action)
        case .repair(let order), .adopt(let order):
            try await cloud.repair(order)
            mended(order, action)
        case .withhold:
            break
        }
    }

    /// Member by member, so that what was started is known though a later one fails.
    private func copy(_ order: CopyOrder, _ action: Action) async throws(CloudError) {
        for member in order.members {
            let point = took(try await cloud.copy(member, order))
            if member == order.members.last { narrator.narrate(action, made: point) }
        }
    }

    /// Takes over what was made, and returns the whole point as it is known now.
    @discardableResult private func took(_ point: RecoveryPoint) -> RecoveryPoint {
        inventory.join(point)
        let whole = inventory.points.first { $0.id == point.id } ?? point
        made[point.id] = (whole, clock.now)
        return whole
    }

    private func lost(_ point: RecoveryPoint, _ action: Action) {
        inventory.remove(point.id)
        made[point.id] = nil
        deleted[point.id] = clock.now
        narrator.narrate(action, made: point)
    }

    private func removed(_ members: [Member], from point: RecoveryPoint, _ action: Action) {
        var rest = point
        let gone = Set(members.map(\.snapshot))
        rest.members.removeAll { gone.contains($0.snapshot) }
        guard !rest.members.isEmpty else { return lost(point, action) }
        inventory.merge(rest)
        made[point.id] = nil
        narrator.narrate(action, made: point)
    }

    private func mended(_ order: RepairOrder, _ action: Action) {
        var point = order.point
        point.lacksTags = false
        point.copiedTo.formUnion(order.reached)
        inventory.merge(point)
        if made[point.id] != nil { made[point.id]?.point = point }
        narrator.narrate(action, made: point)
    }
}

extension PassReport {
    mutating func take(_ result: PlanRunner.Result) {
        switch result {
        case .done: done += 1
        case .nothingToDo: break
        case .waiting: waiting += 1
        case .failed(let failure): failures.append(failure)
        case .removedFailed(let failure):
            done += 1
            failures.append(failure)
        }
    }
}

extension Action {
    /// What protects comes before what mends, and that before what deletes.
    var urgency: Int {
        switch work {
        case .create: 0
        case .removeFailed: 1
        case .copy: 2
        case .repair, .adopt: 3
        case .prune, .withhold: 4
        }
    }

    /// The set it is about, as far as it exists.
    var set: SetID {
        switch work {
        case .create(let order): order.nonce
        case .copy(let order): order.point.set
        case .prune(let point), .withhold(let point), .removeFailed(let point, _): point.set
        case .repair(let order), .adopt(let order): order.point.set
        }
    }

    /// `copy of web-nightly/i-0ab…/2026-11-20T02:00:00Z to eu-west-1`: what was tried, for people.
    package var title: String { "\(word) \(pair.policy)/\(pair.resource)/\(slot) in \(region)" }
}

/// How long to wait before asking AWS again about what is pending.
///
/// It starts at `poll-first`, doubles up to `poll-longest`, and starts again when something new was begun.
struct PollInterval {
    private var last: Duration?

    mutating func next(after done: Int, _ timing: Timing) -> Duration {
        let next = done > 0 ? timing.pollFirst : min(timing.pollLongest, (last ?? timing.pollFirst / 2) * 2)
        last = next
        return max(next, .seconds(1))
    }
}
