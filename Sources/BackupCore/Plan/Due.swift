/// How eagerly slots are taken.
package enum Eagerness: Sendable, Equatable {
    /// As the daemon does: what came due since policy and resource were known.
    case scheduled
    /// As `run --once` does: the newest slot, whenever it was, if nothing satisfies it.
    case newestSlot
    /// As `backup` does: a point now, by hand, of this policy's resources and no others'.
    case byHand(PolicyName, ResourceID?)
    /// What `backup` goes on with: copies and tags of one policy; nothing new is taken, nothing goes.
    case following(PolicyName)

    /// The only policy that is looked at, if there is but one.
    var onlyPolicy: PolicyName? {
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

/// Answers which slot of one policy and resource is due, if any.
struct DueQuestion {
    var policy: Policy
    var pair: Pair
    /// The pair's own home points, whatever their state.
    var points: [RecoveryPoint]
    var memory: Memory
    var timing: Timing
    var now: Moment

    func answer(_ eagerness: Eagerness) -> Due? {
        switch eagerness {
        case .byHand(let name, let resource):
            guard name == policy.name, resource == nil || resource == pair.resource else { return nil }
            return Due(slot: now, kind: .manual, reason: .askedFor)
        case .newestSlot:
            return newest(after: Moment(seconds: .min / 2)).map {
                Due(slot: $0, kind: .scheduled, reason: .newestUnsatisfied)
            }
        case .following:
            return nil
        case .scheduled:
            return scheduled()
        }
    }

    private func scheduled() -> Due? {
        if policy.first == .now, points.isEmpty, isBeforeItsFirstSlot {
            return newest(after: Moment(seconds: .min / 2)).map {
                Due(slot: $0, kind: .scheduled, reason: .firstPoint)
            }
        }
        guard let slot = newest(after: begin) else { return nil }
        let late = now - slot
        return Due(slot: slot, kind: .scheduled, reason: late > timing.startWindow ? .catchUp(lateBy: late) : .due)
    }

    /// No slot of its own has passed since the pair was first seen: until then `first: now` is tried again and again.
    private var isBeforeItsFirstSlot: Bool {
        !policy.schedules.contains { $0.newest(through: now, after: memory.firstSeen[pair] ?? now) != nil }
    }

    /// Slots up to here are nobody's business: before the schedule's text was in force, or before the resource was
    /// first seen (with a lost ledger: before its oldest point).
    private var begin: Moment {
        let seen = memory.firstSeen[pair] ?? points.map(\.slot).min().map { $0 - .seconds(1) } ?? now
        guard let schedule = memory.schedules[policy.name] else { return seen }
        return schedule.text == policy.scheduleText ? max(seen, schedule.since) : max(seen, now)
    }

    /// The newest slot in that time that no scheduled point satisfies, by bearing it or a later one.
    private func newest(after begin: Moment) -> Moment? {
        let satisfied = points.filter { $0.kind == .scheduled && $0.state != .failed }.map(\.slot).max()
        let slot = policy.schedules.compactMap { $0.newest(through: now, after: begin) }.max()
        guard let slot, slot > (satisfied ?? Moment(seconds: .min)) else { return nil }
        return slot
    }
}

extension Policy {
    /// The text of all its schedules: when it changes, the slots of the old one are nobody's any more.
    package var scheduleText: String { schedules.map(\.text).joined(separator: "; ") }

    /// The next slot after a moment.
    package func nextSlot(after moment: Moment) -> Moment? { schedules.compactMap { $0.next(after: moment) }.min() }

    /// The zone in which its days, weeks and months are counted.
    package var zone: Zone { schedules.first?.zone ?? .utc }

    /// Whether this policy protects that resource.
    package func selects(_ resource: Resource) -> Bool {
        regions.contains(resource.region) && !resource.isGone
            && (selection[resource.provider]?.matches(resource) ?? false)
    }
}

extension Resource {
    /// An instance on its way out, which EC2 goes on listing for about an hour.
    package var isGone: Bool { state == "terminated" || state == "shutting-down" }
}
