extension Planner {
    /// Decides for each point of a subject, place by place, whether it is kept, goes, or may not go.
    func planPruning(_ subject: Subject, clockTrouble: Reason?, into plan: inout Plan) {
        let places = Set(subject.points.map(\.place)).sorted()
        for place in places {
            let points = subject.points.filter { $0.place == place }
            guard let rules = rules(for: place, subject) else { continue }
            let usable = points.filter { $0.state == .usable && $0.taken <= latestCredible }
                .sorted(by: RecoveryPoint.newestFirst)
            for (point, verdict) in zip(usable, rules.verdicts(on: usable, in: subject.policy.zone, now: now)) {
                plan.kept[point.id] = verdict.reasons
                guard !verdict.isKept else { continue }
                plan.candidates.insert(point.id)
                let interlock = Interlock(planner: self, subject: subject, clockTrouble: clockTrouble)
                decide(point, rules.whyItGoes(verdict), interlock.reasonToWithhold(point), subject, into: &plan)
            }
            planDebris(points, usable: usable, subject, clockTrouble, into: &plan)
        }
    }

    private func decide(
        _ point: RecoveryPoint, _ reason: Reason, _ withheld: Reason?, _ subject: Subject, into plan: inout Plan
    ) {
        let action = Action(
            work: withheld == nil ? .prune(point) : .withhold(point), pair: subject.pair, slot: point.slot,
            region: point.region, reason: withheld ?? reason)
        add(action, to: &plan)
        if let until = withheld?.liftsBy { plan.nextRelease = min(plan.nextRelease ?? until, until) }
    }

    /// Sets that have lost members hold nothing restorable, but go only once something newer is usable.
    private func planDebris(
        _ points: [RecoveryPoint], usable: [RecoveryPoint], _ subject: Subject, _ clockTrouble: Reason?,
        into plan: inout Plan
    ) {
        let debris = points.filter { $0.state == .incomplete && !$0.isHeld && !isBeingCompleted($0, subject) }
        for point in debris.sorted(by: RecoveryPoint.newestFirst) {
            let rested = point.members.map(\.started).max().map { $0 + configuration.timing.debrisGrace }
            guard let rested, rested <= now else {
                if let rested { plan.nextRelease = min(plan.nextRelease ?? rested, rested) }
                continue
            }
            let interlock = Interlock(planner: self, subject: subject, clockTrouble: clockTrouble)
            let hasNewer = usable.contains { $0.taken > point.taken }
            let withheld = hasNewer ? interlock.reasonToWithholdDebris(point) : .noNewerUsable
            decide(point, .debris(point.members.count, of: point.declaredMembers), withheld, subject, into: &plan)
        }
    }

    /// A copy whose missing members are still to be made.
    private func isBeingCompleted(_ point: RecoveryPoint, _ subject: Subject) -> Bool {
        guard point.isCopy, let rule = subject.policy.copies.first(where: { $0.region == point.region }) else {
            return false
        }
        return subject.owed[rule.region]?.contains { $0.set == point.set } ?? false
    }

    /// The rules that hold in a place; none for a region the policy does not name any more, where nothing is deleted.
    private func rules(for place: Place, _ subject: Subject) -> Retention? {
        if let rule = subject.policy.copies.first(where: { $0.region == place.region }) {
            return rule.retention ?? subject.policy.retention
        }
        return subject.policy.regions.contains(place.region) ? subject.policy.retention : nil
    }

    /// Points dated later than this are not believed: AWS's clock and ours may differ by a few minutes, no more.
    var latestCredible: Moment { now + .seconds(300) }

    /// Why nothing at all may be deleted in this pass, if the clock cannot be trusted.
    var clockTrouble: Reason? {
        if let last = memory.lastPass, now < last { return .clockBehindLedger(last) }
        return inventory.points.filter { $0.taken > latestCredible }.map(\.id).min().map(Reason.datedInFuture)
    }
}

/// The rules that stand between a point no rule keeps and its deletion; all must agree.
///
/// That a point is ours needs no rule here: an inventory holds nothing else. That the newest usable point stays, the
/// planner has seen to by keeping it (``KeepReason/floor``).
struct Interlock {
    var planner: Planner
    var subject: Planner.Subject
    var clockTrouble: Reason?

    /// The first rule that says no; nil lets the point go.
    func reasonToWithhold(_ point: RecoveryPoint) -> Reason? {
        reasonToWithholdDebris(point) ?? owedCopy(of: point) ?? newestCopy(in: point) ?? grace(for: point)
    }

    /// What protects sets that have lost members: they owe nothing, and no copy builds on them.
    func reasonToWithholdDebris(_ point: RecoveryPoint) -> Reason? {
        clockTrouble ?? waiting ?? incompleteInventory(around: point) ?? copyInFlight(of: point)
            ?? unknownState(in: point)
    }

    /// A pause or a blackout of prunes.
    private var waiting: Reason? {
        planner.waitingUntil(.prunes, subject.policy).map { .notNow(until: $0 < .never ? $0 : nil) }
    }

    private func incompleteInventory(around point: RecoveryPoint) -> Reason? {
        let provider = point.place.provider
        let destinations = point.isCopy ? [] : subject.policy.copies.map { Place(provider, $0.region) }
        return ([point.place, Place(provider, point.home)] + destinations)
            .first { !planner.inventory.isComplete($0) && isRead($0) }
            .map(Reason.inventoryIncomplete)
    }

    /// A copy's home region may not be in any policy's regions any more; it is not read then, and not waited for.
    private func isRead(_ place: Place) -> Bool {
        subject.policy.regions.contains(place.region) || subject.policy.copies.contains { $0.region == place.region }
    }

    private func copyInFlight(of point: RecoveryPoint) -> Reason? {
        subject.points.first { $0.isCopy && !point.isCopy && $0.set == point.set && $0.state == .pending }
            .map { .copyInFlight($0.region) }
    }

    private func unknownState(in point: RecoveryPoint) -> Reason? {
        for case .other(let word) in point.members.map(\.state) { return .unknownState(word) }
        return nil
    }

    private func owedCopy(of point: RecoveryPoint) -> Reason? {
        guard !point.isCopy else { return nil }
        return subject.policy.copies.first { rule in
            subject.owed[rule.region]?.contains { $0.set == point.set } ?? false
        }.map { .owesCopy($0.region) }
    }

    /// In EC2 a copy is incremental only while the most recent copy of its volume is there.
    private func newestCopy(in point: RecoveryPoint) -> Reason? {
        guard point.isCopy, point.place.provider == .ec2, let resource = subject.resource else { return nil }
        let attached = Set(
            resource.volumes.filter { !subject.policy.exclusion.excludes($0) }.map(\.id))
        let newer = subject.copies(in: point.region).filter {
            $0.state == .usable && RecoveryPoint.newestFirst($0, point)
        }
        let superseded = Set(newer.flatMap(\.members).compactMap(\.volume))
        return point.members.compactMap(\.volume).first { attached.contains($0) && !superseded.contains($0) }
            .map(Reason.newestCopyOfVolume)
    }

    /// A config that changed, or is new to this installation, deletes nothing older than itself for a while.
    private func grace(for point: RecoveryPoint) -> Reason? {
        let since = planner.memory.retention?.since ?? planner.now
        guard point.taken < since else { return nil }
        let until = (planner.memory.candidates[point.id] ?? planner.now) + planner.configuration.timing.pruneGrace
        return planner.now < until ? .grace(until: until) : nil
    }
}
