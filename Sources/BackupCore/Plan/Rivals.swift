/// Two runs of snapwarden on one fleet each made what only one of them should have: neither could see the other's yet.
///
/// AWS's calls carry no token that could prevent it. It is noticed at the next look, by both in the same way.
package struct FleetConflict: Sendable, Equatable {
    /// The point that goes, or of which members go.
    package var point: RecoveryPoint
    /// What stays, and what goes: sets, or the snapshots of a copy.
    package var stays: [String]
    package var surplus: [String]
    /// Who made them, as far as that is known.
    package var runs: Set<RunID>

    init(_ point: RecoveryPoint, stays: [String], surplus: [String], madeBy members: [Member]) {
        self.point = point
        self.stays = stays
        self.surplus = surplus
        runs = Set(members.compactMap(\.run))
    }

    /// Whether that run is to step back: of those who met, the one with the smallest id goes on.
    package func sendsBack(_ run: RunID) -> Bool { runs.contains(run) && runs.min() != run }
}

extension [RecoveryPoint] {
    /// Each point beside which another bears the same slot in the same place, and the one of them that stays.
    ///
    /// That is the one whose data was taken first, then that of the smaller set, so that all who look choose alike. What failed
    /// or has lost members stays in nobody's stead. In Lightsail the name keeps a second one from being made.
    func outranked() -> [PointID: RecoveryPoint] {
        var seen: Set<Seat> = []
        guard contains(where: { $0.place.provider == .ec2 && !seen.insert(Seat($0)).inserted }) else { return [:] }
        let candidates = filter {
            $0.place.provider == .ec2 && ($0.state == .usable || $0.state == .pending)
        }
        var outranked: [PointID: RecoveryPoint] = [:]
        for rivals in Dictionary(grouping: candidates, by: Seat.init).values where rivals.count > 1 {
            let ranked = rivals.sorted { ($0.taken, $0.set) < ($1.taken, $1.set) }
            for point in ranked.dropFirst() { outranked[point.id] = ranked[0] }
        }
        return outranked
    }
}

/// What two points must not share.
private struct Seat: Hashable {
    let slot: Moment
    let kind: PointKind
    let place: Place

    init(_ point: RecoveryPoint) { (slot, kind, place) = (point.slot, point.kind, point.place) }

    /// By the slot, which few points of a resource share.
    func hash(into hasher: inout Hasher) { hasher.combine(slot.seconds) }
}

extension RecoveryPoint {
    /// The members of a copy that are copies of one and the same snapshot, and come after the first of them.
    fileprivate var surplus: [(stays: Member, goes: Member)] {
        guard isCopy, members.count > declaredMembers else { return [] }
        let copies = Dictionary(grouping: members.filter { $0.source != nil && $0.state != .failed }) { $0.source }
        return copies.values.flatMap { same in
            let ranked = same.sorted { ($0.started, $0.snapshot) < ($1.started, $1.snapshot) }
            return ranked.dropFirst().map { (stays: ranked[0], goes: $0) }
        }.sorted { $0.goes.snapshot < $1.goes.snapshot }
    }
}

extension Timing {
    /// What one run begins is shown after the delay, and another may have begun the same until then: that takes as long again
    /// to be shown.
    package var rivalsShow: Duration { consistency * 2 }

    /// So long after both were begun, everyone has seen both: each looks once twice the delay is over, and may have begun one
    /// delay after the other.
    var rivalsSettle: Duration { consistency * 4 }

    /// How long whoever stepped back waits for the other to do it: long enough to show that the other does not.
    var standBack: Duration { startWindow / 2 }
}

extension Planner {
    /// What two runs made in one place goes but for one, once it is certain that one is usable.
    func planRivals(_ points: [RecoveryPoint], _ subject: Subject, _ fleet: Fleet, into plan: inout Plan) {
        for point in points.newestFirst() {
            if let stays = subject.outranked[point.id] { settle(point, stays, subject, fleet, into: &plan) }
            settleSurplus(of: point, subject, fleet, into: &plan)
        }
    }

    private func settle(
        _ point: RecoveryPoint, _ stays: RecoveryPoint, _ subject: Subject, _ fleet: Fleet, into plan: inout Plan
    ) {
        plan.conflicts.append(
            FleetConflict(
                point, stays: [stays.set.rawValue], surplus: [point.set.rawValue],
                madeBy: stays.members + point.members))
        guard point.state == .usable, !point.isHeld else { return }
        decide(
            .prune(point), of: point, .rival(stays.set), InterlockRule.ofAnything + [.rivals], subject,
            fleet, into: &plan)
    }

    private func settleSurplus(
        of point: RecoveryPoint, _ subject: Subject, _ fleet: Fleet, into plan: inout Plan
    ) {
        let surplus = point.surplus
        guard let first = surplus.first else { return }
        plan.conflicts.append(
            FleetConflict(
                point, stays: surplus.map(\.stays.snapshot.rawValue), surplus: surplus.map(\.goes.snapshot.rawValue),
                madeBy: surplus.flatMap { [$0.stays, $0.goes] }))
        let settled = surplus.filter { stays, goes in
            stays.state == .completed && goes.state == .completed
                && max(stays.started, goes.started) + configuration.timing.rivalsSettle <= now
        }.map(\.goes)
        guard !settled.isEmpty, !point.isHeld else {
            let until = point.members.map(\.started).max().map { $0 + configuration.timing.rivalsSettle }
            if let until, until > now, !point.isHeld { plan.release(at: until) }
            return
        }
        decide(
            .removeSurplus(point, settled), of: point, .copiedTwice(first.stays.source ?? first.stays.snapshot),
            InterlockRule.ofAnything, subject, fleet, into: &plan)
    }
}

extension InterlockRule {
    /// Of two points of one slot alone: the one that stays is usable, and everyone has had the time to see both.
    static let rivals = InterlockRule("rivals", coversDebris: true) { question in
        guard let stays = question.subject.outranked[question.point.id] else { return nil }
        if stays.state != .usable { return .rivalUnfinished(stays.set) }
        let begun = (stays.members + question.point.members).map(\.started).max() ?? question.planner.now
        let until = begun + question.planner.configuration.timing.rivalsSettle
        return question.planner.now < until ? .rivalNew(stays.set, until: until) : nil
    }
}

extension Memory {
    /// EC2's points of what was begun so lately that another run may have begun the same, with the moment at which AWS must
    /// show that.
    ///
    /// The daemon counts from its own start if that came later.
    package func unsettled(in inventory: Inventory, _ timing: Timing, now: Moment) -> [PointID: Moment] {
        let created = recent.values.lazy.filter { done in
            done.intent.key.verb == .create && done.at <= now && now < done.at + timing.rivalsShow
        }
        let until = Dictionary(created.map { ($0.intent.id, $0.at + timing.rivalsShow) }, uniquingKeysWith: max)
        let points = inventory.points.filter { $0.place.provider == .ec2 && $0.kind == .scheduled && !$0.isCopy }
        return Dictionary(points.compactMap { point in until[point.set].map { (point.id, $0) } }, uniquingKeysWith: max)
    }
}
