extension Planner {
    /// Decides for each point of a subject, place by place, whether it is kept, goes, or may not go.
    func planPruning(_ subject: Subject, _ fleet: Fleet, into plan: inout Plan) {
        // What Lightsail makes by itself, it deletes by itself.
        let ours = subject.points.filter { !$0.isAutomatic }
        let latest = latestCredible
        for place in ours.places.sorted() {
            // A region the policy does not name any more: nothing is deleted there.
            guard let rules = rules(for: place, subject) else { continue }
            let points = ours.filter { $0.place == place }
            planRivals(points, subject, fleet, into: &plan)
            // One that goes for another of its slot takes no place of a rule.
            let usable = points.filter {
                $0.state == .usable && $0.taken <= latest && subject.outranked[$0.id] == nil
            }.newestFirst()
            let verdicts =
                subject.isGone
                ? verdictsOnGone(usable, subject) : rules.verdicts(on: usable, in: subject.policy.zone, now: now)
            for (point, verdict) in zip(usable, verdicts) {
                plan.kept[point.id] = verdict.reasons
                guard !verdict.isKept else { continue }
                plan.candidates.insert(point.id)
                let reason = subject.isGone ? .resourceGone : rules.whyItGoes(point.kind, verdict)
                decide(.prune(point), of: point, reason, InterlockRule.all, subject, fleet, into: &plan)
            }
            planDebris(points, usable: usable, subject, fleet, into: &plan)
        }
    }

    /// Its resource does not exist any more: what the policy says about that counts in place of its rules.
    private func verdictsOnGone(_ usable: [RecoveryPoint], _ subject: Subject) -> [Verdict] {
        switch subject.policy.whenResourceGone {
        case .keep:
            return usable.map { _ in Verdict(reasons: [.resourceGone(until: nil)]) }
        case .fade(let span, let count):
            let newest = subject.points.filter { $0.state == .usable }.map(\.taken).max() ?? now
            let until = subject.policy.zone.moment(newest, plus: span)
            if now < until { return usable.map { _ in Verdict(reasons: [.resourceGone(until: until)]) } }
            return Retention(last: max(1, count), atLeast: count).verdicts(on: usable, in: .utc, now: now)
                .enumerated().map { $0 < count || $1.reasons.contains(.held) ? $1 : Verdict() }
        }
    }

    /// Lets something of a point go, or withholds it if one of `rules` objects.
    func decide(
        _ work: Action.Work, of point: RecoveryPoint, _ reason: Reason, _ rules: [InterlockRule], _ subject: Subject,
        _ fleet: Fleet, into plan: inout Plan
    ) {
        let question = InterlockQuestion(planner: self, subject: subject, fleet: fleet, point: point)
        let objection = rules.lazy.compactMap { rule in rule.objection(question).map { (rule.name, $0) } }.first
        let action = Action(
            work: objection == nil ? work : .withhold(point), pair: subject.pair, slot: point.slot,
            site: point.site, reason: objection?.1 ?? reason, rule: objection?.0)
        add(action, to: &plan)
        if let until = objection?.1.liftsBy { plan.release(at: until) }
    }

    /// Sets that have lost members hold nothing whole, but go only once something newer is usable.
    ///
    /// Or once their resource is gone, unless its points are to be kept: what is left may be all there is of it.
    private func planDebris(
        _ points: [RecoveryPoint], usable: [RecoveryPoint], _ subject: Subject, _ fleet: Fleet, into plan: inout Plan
    ) {
        let debris = points.filter { $0.state == .incomplete && !$0.isHeld && !isBeingCompleted($0, subject) }
        for point in debris.newestFirst() {
            let rested = point.members.map(\.started).max().map { $0 + configuration.timing.debrisGrace }
            guard let rested, rested <= now else {
                if let rested { plan.release(at: rested) }
                continue
            }
            let isSuperseded = usable.contains { $0.taken > point.taken }
            let isNeeded = !isSuperseded && (!subject.isGone || subject.policy.whenResourceGone == .keep)
            let rules = InterlockRule.ofAnything + (isNeeded ? [.newerUsable] : [])
            let (there, all) = (point.members.count, point.declaredMembers)
            let reason: Reason = isSuperseded ? .debris(there, of: all) : .debrisOfGone(there, of: all)
            decide(.prune(point), of: point, reason, rules, subject, fleet, into: &plan)
        }
    }

    /// A copy whose missing members are still to be made.
    private func isBeingCompleted(_ point: RecoveryPoint, _ subject: Subject) -> Bool {
        guard point.isCopy, let rule = subject.policy.copies.first(where: { $0.site == point.site }) else {
            return false
        }
        return subject.owed[rule.site]?.contains { $0.set == point.set } ?? false
    }

    /// The rules that hold in a place; none for a region the policy does not name any more, where nothing is deleted.
    private func rules(for place: Place, _ subject: Subject) -> Retention? {
        if let rule = subject.policy.copies.first(where: { $0.site == place.site }) {
            return rule.retention ?? subject.policy.retention
        }
        return subject.policy.homes.contains(place.site) ? subject.policy.retention : nil
    }

    /// Withholds all of a policy's prunes if they are more than steady state needs and the cap allows.
    ///
    /// What a person approved does not count.
    func capPrunes(of policy: Policy, _ subjects: [Subject], from start: Int, _ plan: inout Plan) {
        let counted = plan.actions.indices[start...].filter { index in
            guard case .prune(let point) = plan.actions[index].work else { return false }
            return memory.approvals[point.id].map { $0 <= now } ?? true
        }
        // What is being deleted still has not been counted yet.
        let underWay = memory.open.values.count { $0.key.verb == .prune && $0.key.pair.policy == policy.name }
        let flow = PruneTally.flow(memory.tallies[policy.name], policy, resources: subjects.count, now: now)
        let total = subjects.map(\.points.count).reduce(0, +)
        guard configuration.cap.forbids(counted.count + underWay - flow, ofPoints: total) else { return }
        for index in counted {
            guard case .prune(let point) = plan.actions[index].work else { continue }
            plan.actions[index].work = .withhold(point)
            plan.actions[index].reason = .overCap(policy.name)
            plan.actions[index].rule = "cap"
        }
    }

    var latestCredible: Moment { now.latestCredible }
}

extension [RecoveryPoint] {
    /// The few places in which they lie.
    var places: [Place] {
        reduce(into: []) { places, point in
            if !places.contains(point.place) { places.append(point.place) }
        }
    }
}
