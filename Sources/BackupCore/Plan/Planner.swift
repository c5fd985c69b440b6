/// Answers what should be done now, and why, from what is configured, seen and remembered.
///
/// Pure: the same values give the same plan, in any order of their parts.
package struct Planner: Sendable {
    package var configuration: Configuration
    package var inventory: Inventory
    package var memory: Memory
    package var now: Moment
    package var eagerness: Eagerness
    /// What AWS asked to wait for, and until when.
    package var postponed: [Intent.Key: Moment]
    /// With `run --once` and `backup`: what had failed before the run began; what fails in it is not tried again.
    package var failedBefore: [Intent.Key: Setback]?
    /// The same: slots after that are left to the next run.
    package var slotsThrough = Moment.never
    /// Home points of which it is not known yet whether another run took the same slot, and until when.
    package var unsettled: [PointID: Moment]
    /// Until when a ledger is so new that what another before it began may not be shown yet; nil if nothing was.
    let newcomerUntil: Moment?

    package init(
        configuration: Configuration, inventory: Inventory, memory: Memory, now: Moment,
        eagerness: Eagerness = .scheduled, postponed: [Intent.Key: Moment] = [:],
        failedBefore: [Intent.Key: Setback]? = nil, unsettled: [PointID: Moment] = [:]
    ) {
        self.configuration = configuration
        self.inventory = inventory.claimingLookalikes()
        self.memory = memory
        self.now = now
        self.eagerness = eagerness
        self.postponed = postponed
        self.failedBefore = failedBefore
        self.unsettled = unsettled
        newcomerUntil = memory.newcomerUntil(inventory, configuration.timing, now: now)
    }

    package func plan() -> Plan {
        var plan = Plan()
        plan.kept.reserveCapacity(inventory.listings.values.reduce(0) { $0 + $1.points.count })
        var debts: Debts = [:]
        let fleet = Fleet(
            index: InventoryIndex(inventory, configuration),
            clockTrouble: memory.clockTrouble(seeing: inventory, now: now),
            copying: memory.steppedBack == nil ? [] : copying)
        for policy in configuration.policies.sorted(by: { $0.name < $1.name }) {
            if let only = eagerness.onlyPolicy, only != policy.name { continue }
            let subjects = subjects(of: policy, fleet.index)
            let earlier = plan.actions.count
            for subject in subjects {
                let count = plan.actions.count
                for rule in policy.copies {
                    let owed = owed(by: subject, to: rule)
                    if !owed.isEmpty { subject.owed[rule.site] = owed }
                }
                add(subject, fleet, to: &plan)
                let sites = Set(plan.actions[count...].lazy.filter(\.isQueued).map(\.site))
                for site in sites { debts[subject.pair, default: [:]][site] = debt(subject, in: site) }
            }
            capPrunes(of: policy, subjects, from: earlier, &plan)
        }
        plan.orphans = fleet.index.orphans
        plan.isClockSane = fleet.clockTrouble == nil
        lookAsNewcomer(&plan)
        if eagerness.onlyPolicy == nil { planUnsharing(plan.orphans, into: &plan) }
        queue(&plan, debts)
        return plan
    }

    /// What is known of the whole, and asked of every policy.
    struct Fleet {
        var index: InventoryIndex
        /// Why nothing at all may be deleted, if the clock cannot be trusted.
        var clockTrouble: Reason?
        /// Where copies of ours are being made; only asked by a run that has stepped back.
        var copying: Set<Place> = []
    }

    private var copying: Set<Place> {
        Set(inventory.listings.filter { $0.value.points.contains { $0.isCopy && $0.isBeingMade } }.keys)
    }

    /// A policy, one of its resources (nil when it is not selected or not there any more), and their points.
    ///
    /// Handed on to every rule, and too large to be copied each time.
    final class Subject {
        let policy: Policy
        let pair: Pair
        let resource: Resource?
        /// It was absent from complete inventories for a day.
        let isGone: Bool
        let points: [RecoveryPoint]
        let home: [RecoveryPoint]
        /// Of points that another run's point of the same slot outranks, the one that stays.
        let outranked: [PointID: RecoveryPoint]
        /// The home points that owe a copy, for each destination.
        var owed: [Site: [RecoveryPoint]] = [:]

        init(policy: Policy, pair: Pair, resource: Resource? = nil, isGone: Bool = false, points: [RecoveryPoint]) {
            self.policy = policy
            self.pair = pair
            self.resource = resource
            self.isGone = isGone
            self.points = points
            home = points.filter { !$0.isCopy }
            outranked = points.outranked()
        }

        func copies(in site: Site) -> [RecoveryPoint] { points.filter { $0.isCopy && $0.site == site } }
    }

    /// The resources that a policy protects, and those that it has points of.
    private func subjects(of policy: Policy, _ index: InventoryIndex) -> [Subject] {
        let points = index.points(of: policy.name)
        let selected = Dictionary(index.resources(selectedBy: policy).map { ($0.id, $0) }) { first, _ in first }
        let others = points.keys.filter { selected[$0] == nil }
        return (selected.keys + others).sorted().map { id in
            let pair = Pair(policy: policy.name, resource: id)
            return Subject(
                policy: policy, pair: pair, resource: selected[id], isGone: selected[id] == nil && isGone(pair),
                points: points[id] ?? [])
        }
    }

    private func isGone(_ pair: Pair) -> Bool {
        memory.absent[pair].map { $0 + Planner.goneAfter <= now } ?? false
    }

    /// A resource that was absent for so long, whenever it was looked for, does not exist any more.
    static let goneAfter = Duration.seconds(86_400)

    private func add(_ subject: Subject, _ fleet: Fleet, to plan: inout Plan) {
        switch subject.policy.source {
        case .own: planCreate(subject, into: &plan)
        case .automatic: planAutomatic(subject, into: &plan)
        }
        planSetting(subject, into: &plan)
        planRemovalOfFailed(subject, into: &plan)
        if mayStart(.copies, subject, &plan) {
            planCopies(subject, fleet, into: &plan)
        } else if let until = blackout(.copies, subject.policy) {
            var held = Plan()
            planCopies(subject, fleet, into: &held)
            for action in held.actions { plan.wait(action, for: .blackout, until: until) }
        }
        planUnsharing(subject, into: &plan)
        planRepairs(subject, into: &plan)
        guard eagerness.onlyPolicy == nil else { return }
        planPruning(subject, fleet, into: &plan)
    }

    private func planCreate(_ subject: Subject, into plan: inout Plan) {
        guard let resource = subject.resource, inventory.isComplete(resource.place) else { return }
        let question = DueQuestion(
            policy: subject.policy, pair: subject.pair, points: subject.home, memory: memory,
            timing: configuration.timing, now: now,
            standsBack: memory.steppedBack != nil && resource.provider == .ec2, slotsThrough: slotsThrough)
        let waits = [
            question.standsBack.map { ($0.slot, Wait.Cause.steppedBack, $0.until) },
            question.blackedOut(eagerness).map { ($0.slot, .blackout, $0.until) },
        ].compactMap { $0 }
        for (slot, cause, until) in waits {
            let order = CreateOrder(
                policy: subject.policy, resource: resource, slot: slot, kind: .scheduled, nonce: SetID(""))
            plan.wait(
                Action(
                    work: .create(order), pair: subject.pair, slot: slot, site: resource.site,
                    reason: .due(delay: .zero)),
                for: cause, until: until)
        }
        if let next = question.nextStart { plan.nextStart = min(plan.nextStart ?? next, next) }
        if eagerness == .scheduled || eagerness == .newestSlot { plan.missed[subject.pair] = question.missedSlots }
        // A failed point of that slot goes first: it blocks the volumes' quota, or the Lightsail name.
        guard let due = question.answer(eagerness),
            !subject.home.contains(where: { $0.slot == due.slot && $0.state == .failed })
        else { return }
        let order = CreateOrder(
            policy: subject.policy, resource: resource, slot: due.slot, kind: due.kind, nonce: SetID(""))
        let action = Action(
            work: .create(order), pair: subject.pair, slot: due.slot, site: resource.site, reason: due.reason)
        add(action, to: &plan, openedBy: .create)
    }

    /// Whether neither a pause nor a blackout keeps that kind from starting; else the plan knows until when.
    ///
    /// What a person asked for by hand is copied whatever the hour.
    private func mayStart(_ kind: Blackout.Kind, _ subject: Subject, _ plan: inout Plan) -> Bool {
        if eagerness.onlyPolicy != nil { return true }
        guard let until = waitingUntil(kind, subject.policy) else { return true }
        plan.release(at: until)
        return false
    }

    /// When the blackout ends that alone holds that kind back now.
    private func blackout(_ kind: Blackout.Kind, _ policy: Policy) -> Moment? {
        guard memory.pauses[policy.name]?.holds(at: now) != true,
            let opening = policy.blackouts.firstOpening(for: kind, from: now), opening > now
        else { return nil }
        return opening
    }

    /// When that kind of action may start again, if it may not now.
    func waitingUntil(_ kind: Blackout.Kind, _ policy: Policy) -> Moment? {
        if let pause = memory.pauses[policy.name], pause.holds(at: now) { return pause.until ?? .never }
        let opening = policy.blackouts.firstOpening(for: kind, from: now) ?? .never
        return opening == now ? nil : opening
    }

    private func planRemovalOfFailed(_ subject: Subject, into plan: inout Plan) {
        for point in subject.points.filter({ $0.state == .failed && !$0.isHeld && !$0.isAutomatic }).sorted(by: {
            $0.id < $1.id
        }) {
            let failed = point.members.filter { $0.state == .failed }
            let removable = failed.filter { $0.protection(at: now) == nil }
            guard point.refusal == nil, !removable.isEmpty else {
                withholdRemoval(of: point, subject, into: &plan)
                continue
            }
            let message = failed.compactMap(\.stateMessage).min() ?? "state error, without a message"
            add(
                Action(
                    work: .removeFailed(point, removable), pair: subject.pair, slot: point.slot, site: point.site,
                    reason: .failed(message)),
                to: &plan)
        }
    }

    private func planRepairs(_ subject: Subject, into plan: inout Plan) {
        let wholeCopies = wholeCopies(toBeMarkedOf: subject)
        let unmarked = subject.points.compactMap { point -> (RecoveryPoint, reached: Set<Site>)? in
            guard point.state != .failed, !point.isAutomatic else { return nil }
            let copies = point.isCopy ? nil : wholeCopies[point.set]
            let reached = copies?.subtracting(point.copiedTo) ?? []
            return point.lacksTags || !reached.isEmpty ? (point, reached) : nil
        }
        for (point, reached) in unmarked.sorted(by: { $0.0.id < $1.0.id }) {
            let order = RepairOrder(
                point: point, title: subject.resource?.name, devices: subject.resource?.devices ?? [:], reached: reached
            )
            let isLookalike = inventory.listings[point.place]?.untagged[point.set] != nil
            add(
                Action(
                    work: isLookalike ? .adopt(order) : .repair(order), pair: subject.pair, slot: point.slot,
                    site: point.site,
                    reason: isLookalike ? .lookalike : point.lacksTags ? .tagsMissing : .copyReached(reached)),
                to: &plan)
        }
    }

    /// Where each set's copies are whole; empty if all home points bear the mark of every region that has any.
    private func wholeCopies(toBeMarkedOf subject: Subject) -> [SetID: Set<Site>] {
        let whole = subject.points.filter { $0.isCopy && $0.isWhole }
        let regions = whole.places.map(\.site)
        let isUnmarked = { (point: RecoveryPoint) in regions.contains { !point.copiedTo.contains($0) } }
        guard subject.home.contains(where: isUnmarked) else { return [:] }
        return Dictionary(grouping: whole, by: \.set).mapValues { Set($0.map(\.site)) }
    }

    /// Adds an action unless it must wait: for an outcome, for the backoff after failures, or because AWS asked to.
    func add(_ action: Action, to plan: inout Plan, openedBy verb: Intent.Verb? = nil) {
        guard let key = action.key else {
            plan.actions.append(action)
            return
        }
        // A create waits for any create of its pair: two slots of one resource never race for the same volumes. What makes
        // something waits for what removes the same: Lightsail deletes by name, and would delete what is made under it meanwhile.
        let open = memory.open.values.filter {
            $0.key == key
                || ($0.key.pair == key.pair && $0.key.site == key.site
                    && ((verb == .create && $0.key.verb == .create)
                        || (key.verb.makes && $0.key.verb.removes && $0.key.slot == key.slot)))
        }.max { $0.began < $1.began }
        let waits: [(until: Moment, cause: Wait.Cause)] = [
            open.map { ($0.began + configuration.timing.consistency, .lostReply) },
            postponed[key].map { ($0, .askedToWait) },
            retryTime(key).map {
                ($0, .failures(memory.setbacks[key]?.count ?? 0, code: memory.setbacks[key]?.code ?? ""))
            },
            key.verb.makes ? newcomerUntil.map { ($0, .newLedger) } : nil,
        ].compactMap { $0 }
        if open == nil, waits.allSatisfy({ $0.until <= now }) {
            plan.actions.append(action)
        } else if let wait = waits.max(by: { $0.until < $1.until }), wait.until < Moment.never {
            plan.wait(until: wait.until)
            plan.wait(action, for: wait.cause, until: wait.until)
        }
    }

    /// When something that failed may be tried again.
    ///
    ///     failures in a row   1     2     3     4     5      6      7 and more
    ///     wait              1 min 2 min 4 min 8 min 16 min 32 min  1 h
    private func retryTime(_ key: Intent.Key) -> Moment? {
        // One from a time at which the clock was ahead says nothing about now.
        guard let setback = memory.setbacks[key], setback.last <= now else { return nil }
        if let failedBefore { return failedBefore[key] == setback ? nil : .never }
        return setback.last + .seconds(min(3600, 60 << Int64(min(setback.count - 1, 6))))
    }
}
