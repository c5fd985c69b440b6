/// How eagerly slots are taken.
package enum Eagerness: Sendable, Equatable {
    /// As the daemon does: what came due since policy and resource were known.
    case scheduled
    /// As `run --once` does: the newest slot, whenever it was, if nothing satisfies it.
    case newestSlot
    /// As `backup` does: a point now, by hand, of this policy's resources, of these or of all.
    case byHand(PolicyName, Set<ResourceID>?)
    /// What `backup` goes on with: copies and tags of one policy; nothing new is taken, nothing goes.
    case following(PolicyName)

    /// The only policy that is looked at, if there is but one.
    package var onlyPolicy: PolicyName? {
        switch self {
        case .scheduled, .newestSlot: nil
        case .byHand(let name, _), .following(let name): name
        }
    }
}

/// A slot that should be started, and why.
struct Due {
    var slot: Moment
    var kind: PointKind
    var reason: Reason
}

/// Slots of one pair that passed without a point.
package struct MissedSlots: Sendable, Equatable {
    package var count: Int
    package var oldest: Moment
    package var newest: Moment

    package init(count: Int, oldest: Moment, newest: Moment) {
        self.count = count
        self.oldest = oldest
        self.newest = newest
    }
}

/// Answers which slot of one policy and resource is due, which were missed, and when the next one starts.
///
/// The rules are those of the design's section on schedules, sentence by sentence.
struct DueQuestion {
    let policy: Policy
    let pair: Pair
    /// The pair's own home points, whatever their state.
    let points: [RecoveryPoint]
    let timing: Timing
    let now: Moment
    /// With `run --once`: slots after that are left to the next run.
    let slotsThrough: Moment
    /// Another run on the same fleet goes first.
    private let isBehind: Bool
    private let firstSeen: Moment?
    /// Since when each text of the policy's schedules has been in force; nil for a policy never seen before.
    private let inForce: [String: Moment]?
    private let pause: Pause?
    /// The slot of the newest scheduled point that did not fail: it satisfies that slot and all before it.
    private var satisfied: Moment?
    /// The newest unsatisfied slot whose start has come.
    private var newestPassed: Passed?

    init(
        policy: Policy, pair: Pair, points: [RecoveryPoint], memory: Memory, timing: Timing, now: Moment,
        standsBack: Bool = false, slotsThrough: Moment = .never
    ) {
        self.slotsThrough = slotsThrough
        self.policy = policy
        self.pair = pair
        self.points = points
        self.timing = timing
        self.now = now
        isBehind = standsBack
        firstSeen = memory.firstSeen[pair]
        inForce = memory.schedules[policy.name]
        pause = memory.pauses[policy.name]
        for point in points where satisfies(point) { satisfied = max(satisfied ?? point.slot, point.slot) }
        newestPassed = findNewestPassed()
    }

    func answer(_ eagerness: Eagerness) -> Due? {
        switch eagerness {
        case .byHand(let name, let resources):
            guard name == policy.name, resources?.contains(pair.resource) ?? true else { return nil }
            return Due(slot: now, kind: .manual, reason: .askedFor)
        case .following:
            return nil
        case .newestSlot:
            return mayStart ? newestSlot(.newestUnsatisfied) : nil
        case .scheduled:
            return mayStart ? scheduled() : nil
        }
    }

    /// The slot that would be taken now if no blackout held it back, and until when it does.
    func blackedOut(_ eagerness: Eagerness) -> (slot: Moment, until: Moment)? {
        guard let until = policy.blackouts.firstOpening(for: .backups, from: now), until > now,
            pause?.holds(at: now) != true
        else { return nil }
        let due =
            switch eagerness {
            case .scheduled: scheduled()
            case .newestSlot: newestSlot(.newestUnsatisfied)
            case .byHand, .following: nil as Due?
            }
        return due.map { ($0.slot, until) }
    }

    /// Neither a person nor a blackout keeps this policy from starting.
    private var mayStart: Bool {
        pause?.holds(at: now) != true
            && policy.blackouts.firstOpening(for: .backups, from: now) == now
    }

    private func scheduled() -> Due? {
        if let end = standBackEnd, now < end { return nil }
        if policy.first == .now, points.isEmpty, isBeforeItsFirstSlot { return newestSlot(.firstPoint) }
        guard let passed = newestPassed else { return nil }
        let late = now - passed.due
        if late <= timing.startWindow {
            return Due(slot: passed.slot, kind: .scheduled, reason: .due(delay: passed.delay))
        }
        guard passed.missed.takes(lateBy: late) else { return nil }
        return Due(slot: passed.slot, kind: .scheduled, reason: .catchUp(lateBy: late))
    }

    /// When what another run was to do first is done here after all: half the start window after the first slot that it left
    /// empty.
    private var standBackEnd: Moment? {
        guard isBehind else { return nil }
        let isFirst = policy.first == .now && points.isEmpty && isBeforeItsFirstSlot
        let empty = isFirst ? firstSeen ?? now : policy.schedules.compactMap(firstEmptyStart).min()
        return empty.map { (policy.blackouts.firstOpening(for: .backups, from: $0) ?? .never) + timing.standBack }
    }

    /// The slot that is left to another run now, and until when.
    var standsBack: (slot: Moment, until: Moment)? {
        guard let passed = newestPassed, let end = standBackEnd, now < end else { return nil }
        return (passed.slot, end)
    }

    private func firstEmptyStart(of schedule: Schedule) -> Moment? {
        var floor = floor(of: schedule)
        if let pause, let end = pause.end, end <= now { floor = max(floor, end - .seconds(1)) }
        return schedule.next(after: floor).map { $0 + schedule.delay(of: pair) }
    }

    /// The newest slot of all, though it is older than policy and resource are known.
    private func newestSlot(_ reason: Reason) -> Due? {
        let slot = policy.schedules.compactMap { $0.newest(through: min(now, slotsThrough), after: .longAgo) }.max()
        guard let slot, slot > (satisfied ?? .longAgo) else { return nil }
        return Due(slot: slot, kind: .scheduled, reason: reason)
    }

    /// No slot of its own has passed since the pair was first seen: until then `first: now` is tried again and again.
    private var isBeforeItsFirstSlot: Bool {
        !policy.schedules.contains { $0.newest(through: now, after: firstSeen ?? now) != nil }
    }

    // MARK: What has passed

    /// A slot whose start has come, with when that was and what becomes of it if it was long ago.
    private struct Passed {
        var slot: Moment
        var delay: Duration
        var due: Moment
        var missed: MissedRule
    }

    /// One that several schedules share starts when the first of them says so, under the most lenient of their rules.
    private func findNewestPassed() -> Passed? {
        let reached = policy.schedules.compactMap { schedule in
            newest(of: schedule, through: now - schedule.delay(of: pair))
        }
        guard let slot = reached.max() else { return nil }
        let sharing = policy.schedules.filter { $0.isSlot(slot) && slot > floor(of: $0) }
        let delay = sharing.map { $0.delay(of: pair) }.min() ?? .zero
        let missed = sharing.map(\.missed).max { $0.patience < $1.patience } ?? .runOnce(within: nil)
        let due = policy.blackouts.firstOpening(for: .backups, from: slot + delay) ?? .never
        return Passed(slot: slot, delay: delay, due: due, missed: missed)
    }

    /// The newest slot of a schedule that is this pair's business; what falls into a pause is not.
    private func newest(of schedule: Schedule, through end: Moment) -> Moment? {
        guard let slot = schedule.newest(through: end, after: floor(of: schedule)) else { return nil }
        guard let pause, pause.covers(slot) else { return slot }
        return schedule.newest(through: pause.since - .seconds(1), after: floor(of: schedule))
    }

    /// What passed without a point: slots older than another whose start has come too, and the newest once its window
    /// is over.
    var missedSlots: MissedSlots? {
        guard let newest = newestPassed else { return nil }
        var end = newest.slot
        if now - newest.due > timing.startWindow { end = end + .seconds(1) }
        var slots: Set<Moment> = []
        for schedule in policy.schedules {
            var cursor = floor(of: schedule)
            // A schedule by the minute has half a million slots a year: a count that high says no more than this one.
            while slots.count < DueQuestion.mostCounted, let slot = schedule.next(after: cursor), slot < end {
                if pause?.covers(slot) != true { slots.insert(slot) }
                cursor = slot
            }
        }
        guard let oldest = slots.min(), let last = slots.max() else { return nil }
        return MissedSlots(count: slots.count, oldest: oldest, newest: last)
    }

    static let mostCounted = 1000

    /// Whether a point is what its slot asked for.
    ///
    /// One whose slot is still to come was made while this machine's clock was ahead: until then it is no reason to make
    /// nothing. One that has lost members, such as those that failed and were removed, is no backup; for a while AWS may
    /// only not show them yet.
    private func satisfies(_ point: RecoveryPoint) -> Bool {
        guard point.kind == .scheduled, point.slot <= now.latestCredible else { return false }
        switch point.state {
        case .usable, .pending: return true
        case .failed: return false
        case .incomplete:
            return point.members.count >= point.declaredMembers
                || now < max(point.taken, point.slot) + timing.consistency
        }
    }

    /// Slots up to here are satisfied, or nobody's business.
    ///
    /// Nobody's are those before the schedule's text was in force, before the resource was first seen (with a lost
    /// ledger: before its oldest point), and those before the end of a pause that is not the last one.
    private func floor(of schedule: Schedule) -> Moment {
        let seen = firstSeen ?? points.map(\.slot).min().map { $0 - .seconds(1) } ?? now
        // A policy never seen before binds its slots to its resources' own first sight.
        let bound = inForce.map { $0[schedule.text] ?? now } ?? .longAgo
        return max(seen, bound, pause?.earlier ?? .longAgo, satisfied ?? .longAgo)
    }

    // MARK: What comes

    /// When something of this pair may start next: a slot with its delay, the end of a blackout or of a pause.
    var nextStart: Moment? {
        if let pause, pause.holds(at: now) { return pause.until }
        let coming = policy.schedules.compactMap { schedule in
            let delay = schedule.delay(of: pair)
            return schedule.next(after: now - delay).map { $0 + delay }
        }.min()
        let opening = policy.blackouts.firstOpening(for: .backups, from: now)
        if let opening, opening > now, newestPassed != nil { return opening }
        if let end = standBackEnd, end > now, newestPassed != nil || policy.first == .now {
            return min(end, coming ?? end)
        }
        return coming.flatMap { policy.blackouts.firstOpening(for: .backups, from: $0) }
    }
}

extension Policy {
    /// The next slot after a moment.
    package func nextSlot(after moment: Moment) -> Moment? { schedules.compactMap { $0.next(after: moment) }.min() }

    /// The next slot that a pause, if one holds, does not swallow; of points that others take, nobody knows.
    func nextSlot(_ pause: Pause?, now: Moment) -> Moment? {
        guard source == .own else { return nil }
        guard let pause, pause.holds(at: now) else { return nextSlot(after: now) }
        return pause.until.flatMap { nextSlot(after: $0 - .seconds(1)) }
    }

    /// The zone in which its days, weeks and months are counted.
    package var zone: Zone { schedules.first?.zone ?? .utc }

    /// Whether this policy protects that resource, if no instance that it protects does so with its own.
    package func selects(_ resource: Resource) -> Bool {
        homes.contains(resource.site) && !resource.isGone
            && (selection[resource.kind]?.matches(resource) ?? false)
            && !(resource.kind == .ec2Volume && resource.volumes.contains(where: exclusion.excludes))
    }
}

extension Resource {
    /// An instance on its way out, which EC2 goes on listing for about an hour, or such a volume.
    package var isGone: Bool { ["terminated", "shutting-down", "deleting", "deleted"].contains(state) }
}

extension Moment {
    /// Earlier than anything that happens.
    package static let longAgo = Moment(seconds: .min / 2)
    /// Later than anything that happens.
    package static let never = Moment(seconds: .max / 2)
}
