import BackupCore

/// What restic's rules keep, reckoned anew from its manual and `retention_reference.py`; the product's own code for it
/// is not asked.
///
/// What differs from restic, by design: an hour includes its offset from UTC, parts of time are those of the slot, and
/// `delete-after`, `keep-at-least`, holds and points made by hand come on top.
enum Reckoning {
    /// Of these usable points of one resource in one place, the sets that stay.
    static func kept(_ usable: [RecoveryPoint], _ rules: Retention, _ zone: Zone, _ now: Moment) -> Set<SetID> {
        let points = usable.sorted { isOlder($1, $0) }
        let scheduled = points.filter { $0.kind == .scheduled }
        var kept: Set<SetID> = rules.rules.isEmpty ? Set(scheduled.map(\.set)) : []
        for rule in rules.rules { kept.formUnion(Self.kept(scheduled, by: rule, zone)) }
        if let span = rules.deleteAfter {
            let oldest = before(now, span, zone)
            for point in scheduled where point.taken < oldest { kept.remove(point.set) }
        }
        let keepsAll = rules.rules.isEmpty && rules.deleteAfter == nil && rules.manualKeep == nil
        let manualKeep = rules.manualKeep ?? CalendarSpan(days: 30)
        let later = CalendarSpan(months: -manualKeep.months, days: -manualKeep.days, seconds: -manualKeep.seconds)
        for point in points where point.kind == .manual && (keepsAll || now < before(point.taken, later, zone)) {
            kept.insert(point.set)
        }
        kept.formUnion(points.filter(\.isHeld).map(\.set))
        kept.formUnion(points.prefix(rules.atLeast).map(\.set))
        return kept
    }

    static func isOlder(_ a: RecoveryPoint, _ b: RecoveryPoint) -> Bool {
        (a.taken, a.slot, a.set) < (b.taken, b.slot, b.set)
    }

    private static func kept(_ newestFirst: [RecoveryPoint], by rule: KeepRule, _ zone: Zone) -> Set<SetID> {
        var candidates = newestFirst
        var most = Int.max
        switch rule.limit {
        case .latest(let count): most = count ?? .max
        case .within(let span):
            guard let newest = newestFirst.first else { return [] }
            let after = before(newest.taken, span, zone)
            candidates.removeAll { $0.taken <= after }
        }
        var kept: Set<SetID> = []
        var parts: Set<Int64> = []
        for point in candidates where parts.count < most {
            let part = rule.division == .point ? Int64(kept.count) : Self.part(rule.division, of: point.slot, zone)
            if parts.insert(part).inserted { kept.insert(point.set) }
        }
        return kept
    }

    /// A number that the slots of one hour, day, week, month or year share.
    static func part(_ division: Division, of slot: Moment, _ zone: Zone) -> Int64 {
        let date = zone.local(slot).date
        switch division {
        case .point: return slot.seconds
        case .hourly: return slot.seconds - Int64(zone.local(slot).minute * 60 + zone.local(slot).second)
        case .daily: return date.dayNumber
        // The Monday of its week.
        case .weekly: return date.dayNumber - Int64((date.weekday + 6) % 7)
        case .monthly: return Int64(date.year * 100 + date.month)
        case .yearly: return Int64(date.year)
        }
    }

    /// The moment that the clock's reading a span earlier means: months and days leave the reading, hours are real time.
    static func before(_ moment: Moment, _ span: CalendarSpan, _ zone: Zone) -> Moment {
        let local = zone.local(moment)
        let months = local.date.year * 12 + local.date.month - 1 - span.months
        let year = months / 12
        let month = months % 12 + 1
        let day = min(local.date.day, CivilDate.days(inMonth: month, of: year))
        let first = CivilDate(year: year, month: month, day: day)?.dayNumber ?? local.date.dayNumber
        let wall = (first - Int64(span.days)) * 86_400 + Int64(local.secondOfDay)
        let moments = [-93_600, 93_600].map { (distance: Int64) in
            let near = Moment(seconds: wall + distance)
            return Moment(seconds: wall - (zone.local(near).asUTC.seconds - near.seconds))
        }
        // Where the clock never showed that reading, by the offset that holds after the gap.
        let shown = moments.filter { zone.local($0).asUTC.seconds == wall }
        return ((shown.isEmpty ? moments : shown).min() ?? moment) - .seconds(span.seconds)
    }
}
