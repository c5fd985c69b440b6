/// Why a point is kept.
package enum KeepReason: Sendable, Hashable {
    /// There is no keep rule at all.
    case everything
    /// There is no other rule than `delete-after`, and it is not that old.
    case young(CalendarSpan)
    /// Of a rule that counts: which of its places the point takes, from 1.
    case rule(KeepRule, place: Int)
    case manual(until: Moment)
    case held
    /// One of so many newest usable ones in its region.
    case floor(Int)
    /// Its resource does not exist any more: what `when-resource-gone` says.
    case resourceGone(until: Moment?)
}

extension KeepReason: CustomStringConvertible {
    /// Such as `keep-daily 3/14`, `keep-within 2d` or `hold`.
    package var description: String {
        switch self {
        case .everything: "no rules: all are kept"
        case .young(let span): "younger than delete-after \(span)"
        case .rule(let rule, let place):
            switch rule.limit {
            case .latest(let count): "\(rule.key) \(place)/\(count.map(String.init) ?? "all")"
            case .within(let span): "\(rule.key) \(span)"
            }
        case .manual(let until): "made by hand, kept until \(until)"
        case .held: "hold"
        case .floor(1): "the last usable one in its region"
        case .floor(let count): "keep-at-least \(count) in its region"
        case .resourceGone(nil): "its resource is gone: kept until a person says otherwise"
        case .resourceGone(let until?): "its resource is gone: kept until \(until)"
        }
    }
}

/// What the rules say about one point.
package struct Verdict: Sendable, Equatable {
    /// Every reason that keeps it; none lets it go.
    package var reasons: [KeepReason] = []
    /// It is older than `delete-after` allows, whatever the other rules say.
    package var isOutlived = false

    package var isKept: Bool { !reasons.isEmpty }
}

/// What the rules look at in a point.
package struct Dated: Sendable {
    /// Which hour, day, … it stands for.
    package var slot: Moment
    /// The moment its data is of.
    package var taken: Moment

    package init(slot: Moment, taken: Moment) {
        self.slot = slot
        self.taken = taken
    }
}

extension Retention {
    /// What the rules say about each of a resource's points, which come newest first by ``Dated/taken``.
    package func verdicts(on points: [Dated], in zone: Zone, now: Moment) -> [Verdict] {
        guard let newest = points.first else { return [] }
        var counters = rules.map { Counter($0, zone: zone, newest: newest.taken) }
        let oldest = deleteAfter.map { zone.moment(now, minus: $0) } ?? .longAgo
        return points.map { point in
            let parts = Parts(of: point.slot, in: zone)
            var verdict = Verdict()
            if counters.isEmpty { verdict.reasons.append(deleteAfter.map(KeepReason.young) ?? .everything) }
            for index in counters.indices {
                if let reason = counters[index].count(point, parts) { verdict.reasons.append(reason) }
            }
            if point.taken < oldest { verdict = Verdict(isOutlived: true) }
            return verdict
        }
    }

    /// What the rules, holds, people and the floor say about each usable point of a resource in a region, newest first.
    ///
    /// Points made by hand take no place of a rule. Where there are no rules at all, they stay as all others do.
    package func verdicts(on points: [RecoveryPoint], in zone: Zone, now: Moment) -> [Verdict] {
        let scheduled = points.filter { $0.kind == .scheduled }.map { Dated(slot: $0.slot, taken: $0.taken) }
        var ruled = verdicts(on: scheduled, in: zone, now: now).makeIterator()
        return withFloor(
            points.map { point in
                var verdict =
                    point.kind == .manual ? verdictOnManual(point, in: zone, now: now) : ruled.next() ?? Verdict()
                if point.isHeld { verdict.reasons.append(.held) }
                return verdict
            })
    }

    private func verdictOnManual(_ point: RecoveryPoint, in zone: Zone, now: Moment) -> Verdict {
        if keepsEverything { return Verdict(reasons: [.everything]) }
        let until = zone.moment(point.taken, plus: manualKeep ?? Retention.defaultManualKeep)
        return now < until ? Verdict(reasons: [.manual(until: until)]) : Verdict()
    }

    private var keepsEverything: Bool { rules.isEmpty && deleteAfter == nil && manualKeep == nil }

    /// The verdicts with the newest points kept that the floor asks for.
    package func withFloor(_ verdicts: [Verdict]) -> [Verdict] {
        var verdicts = verdicts
        for place in verdicts.indices.prefix(atLeast) where !verdicts[place].isKept {
            verdicts[place] = Verdict(reasons: [.floor(atLeast)])
        }
        return verdicts
    }

    /// What is said of a point that goes.
    package func whyItGoes(_ kind: PointKind, _ verdict: Verdict) -> Reason {
        if kind == .manual { return .manualOutlived(manualKeep ?? Retention.defaultManualKeep) }
        return deleteAfter.flatMap { verdict.isOutlived ? .outlived($0) : nil } ?? .noRuleKeeps
    }
}

/// The numbers of the parts of time that a slot lies in; later parts have greater ones.
private struct Parts {
    private let hour, day, week, month, year: Int64

    init(of slot: Moment, in zone: Zone) {
        let local = zone.local(slot)
        hour = slot.seconds - Int64(local.secondOfDay % 3600)
        day = local.date.dayNumber
        // 1970-01-01 was a Thursday; the offset keeps the division from rounding up before it.
        week = (day + 3 + 7_000_000) / 7
        month = Int64(local.date.year * 12 + local.date.month)
        year = Int64(local.date.year)
    }

    subscript(division: Division) -> Int64 {
        switch division {
        // Each differs from all others: the counter counts down by itself.
        case .point: 0
        case .hourly: hour
        case .daily: day
        case .weekly: week
        case .monthly: month
        case .yearly: year
        }
    }
}

extension Division {
    /// A number that two slots share exactly if they lie in the same part of time; later parts have greater ones.
    func part(of slot: Moment, in zone: Zone) -> Int64 {
        self == .point ? slot.seconds : Parts(of: slot, in: zone)[self]
    }
}

/// One rule on its way from the newest point to the oldest.
private struct Counter {
    private let rule: KeepRule
    private let after: Moment
    private let places: Int
    /// The parts of time that have their point, latest first.
    private var taken: [Int64] = []
    private var count = 0

    init(_ rule: KeepRule, zone: Zone, newest: Moment) {
        self.rule = rule
        switch rule.limit {
        case .latest(let count):
            places = count ?? .max
            after = .longAgo
        case .within(let span):
            places = .max
            after = zone.moment(newest, minus: span)
        }
    }

    mutating func count(_ point: Dated, _ parts: Parts) -> KeepReason? {
        guard count < places, point.taken > after else { return nil }
        if rule.division != .point && !takes(parts[rule.division]) { return nil }
        count += 1
        return .rule(rule, place: count)
    }

    /// Whether this part of time had no point yet.
    ///
    /// Slots come latest first but for catch-ups, so that the last part taken answers nearly always.
    private mutating func takes(_ part: Int64) -> Bool {
        guard let last = taken.last, last <= part else {
            taken.append(part)
            return true
        }
        guard last < part else { return false }
        let index = taken.lastIndex { $0 >= part }
        if let index, taken[index] == part { return false }
        taken.insert(part, at: index.map { $0 + 1 } ?? 0)
        return true
    }
}

extension RecoveryPoint {
    /// By the time of the data, then by slot and set, so that the order is always the same.
    package static func newestFirst(_ a: RecoveryPoint, _ b: RecoveryPoint) -> Bool {
        (b.taken, b.slot, b.set) < (a.taken, a.slot, a.set)
    }
}

extension [RecoveryPoint] {
    /// The same points, newest data first.
    ///
    /// Places are sorted, not points: moving a point costs as much as comparing many.
    func newestFirst() -> [RecoveryPoint] {
        indices.sorted { a, b in
            let (first, second) = (self[a].taken, self[b].taken)
            return first == second ? RecoveryPoint.newestFirst(self[a], self[b]) : second < first
        }.map { self[$0] }
    }
}

extension Zone {
    /// The moment at which the clock shows the same time a span later.
    func moment(_ moment: Moment, plus span: CalendarSpan) -> Moment {
        self.moment(
            moment, minus: CalendarSpan(months: -span.months, days: -span.days, seconds: -span.seconds))
    }

    /// The moment at which the clock shows the same time a span's months and days before, and its seconds before that.
    package func moment(_ moment: Moment, minus span: CalendarSpan) -> Moment {
        guard span.months != 0 || span.days != 0 else { return moment - .seconds(span.seconds) }
        let local = local(moment)
        let date = local.date.adding(months: -span.months).adding(days: -span.days)
        let wall = CivilTime(date: date, secondOfDay: local.secondOfDay).wall
        let shown = self.moment(ofWall: wall)
        // Where the clock never showed that time, as far before the gap's end as the time lies before what it showed then.
        return shown - .seconds(self.local(shown).wall - wall + span.seconds)
    }
}
