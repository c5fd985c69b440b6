/// Why a point is kept.
package enum KeepReason: Sendable, Hashable {
    /// No rule at all.
    case everything
    case last(Int, of: Int)
    case bucket(Bucket, Int, of: Int)
    case within
    case manual(until: Moment)
    case held
    case floor
}

extension KeepReason: CustomStringConvertible {
    /// `keep-daily 3/14`, `hold` …: the rule, and which of its places the point takes.
    package var description: String {
        switch self {
        case .everything: "no rules: all are kept"
        case .last(let place, let count): "keep-last \(place)/\(count)"
        case .bucket(let bucket, let place, let count): "keep-\(bucket.rawValue) \(place)/\(count)"
        case .within: "keep-within"
        case .manual(let until): "made by hand, kept until \(until)"
        case .held: "hold"
        case .floor: "the last usable one in its region"
        }
    }
}

/// The calendar's divisions, of each of which a rule keeps the newest point.
package enum Bucket: String, Sendable, CaseIterable {
    case daily
    case weekly
    case monthly

    /// A number that two local times share exactly if they lie in the same division; weeks are ISO weeks.
    func number(of local: CivilTime) -> Int64 {
        switch self {
        case .daily: local.date.dayNumber
        case .weekly: (local.date.dayNumber + 3 + 7_000_000) / 7
        case .monthly: Int64(local.date.year * 12 + local.date.month)
        }
    }
}

extension Retention {
    /// How long a point made by hand is kept.
    static let manualKeep = Duration.seconds(30 * 86_400)

    func count(of bucket: Bucket) -> Int? {
        switch bucket {
        case .daily: daily
        case .weekly: weekly
        case .monthly: monthly
        }
    }

    /// Every reason that keeps each point, by the point's set; a point without any has an empty list.
    ///
    /// `points` are the usable ones of one policy and resource, in any order; `now` matters only to points made by hand.
    package func reasons(keeping points: [RecoveryPoint], in zone: Zone, now: Moment) -> [SetID: [KeepReason]] {
        var reasons: [SetID: [KeepReason]] = [:]
        for point in points { reasons[point.set] = reasonsByHand(for: point, now: now) }
        let scheduled = points.filter { $0.kind == .scheduled }.sorted(by: RecoveryPoint.newestFirst)
        guard let newest = scheduled.first else { return reasons }
        if keepsAll {
            for point in scheduled { reasons[point.set, default: []].append(.everything) }
            return reasons
        }
        for (place, point) in scheduled.prefix(last ?? 0).enumerated() {
            reasons[point.set, default: []].append(.last(place + 1, of: last ?? 0))
        }
        for bucket in Bucket.allCases {
            guard let count = count(of: bucket) else { continue }
            for (place, point) in chosen(count, of: bucket, among: scheduled, in: zone).enumerated() {
                reasons[point.set, default: []].append(.bucket(bucket, place + 1, of: count))
            }
        }
        if let within {
            let start = zone.moment(newest.taken, minus: within)
            for point in scheduled where point.taken > start { reasons[point.set, default: []].append(.within) }
        }
        return reasons
    }

    private func reasonsByHand(for point: RecoveryPoint, now: Moment) -> [KeepReason] {
        var reasons: [KeepReason] = point.isHeld ? [.held] : []
        let until = point.taken + Retention.manualKeep
        if point.kind == .manual && now < until { reasons.append(.manual(until: until)) }
        return reasons
    }

    /// The newest point of each of the latest `count` divisions that have one; `points` come newest first.
    private func chosen(
        _ count: Int, of bucket: Bucket, among points: [RecoveryPoint], in zone: Zone
    ) -> [RecoveryPoint] {
        var chosen: [RecoveryPoint] = []
        var seen: Set<Int64> = []
        for point in points where chosen.count < count {
            if seen.insert(bucket.number(of: zone.local(point.slot))).inserted { chosen.append(point) }
        }
        return chosen
    }
}

extension RecoveryPoint {
    /// By the time of the data, then by slot and set, so that the order is always the same.
    package static func newestFirst(_ a: RecoveryPoint, _ b: RecoveryPoint) -> Bool {
        (b.taken, b.slot, b.set) < (a.taken, a.slot, a.set)
    }
}

extension Zone {
    /// The moment whose local date lies a span's months before, and its seconds besides.
    package func moment(_ moment: Moment, minus span: CalendarSpan) -> Moment {
        let local = local(moment)
        let date = local.date.adding(months: -span.months)
        let shifted =
            span.months == 0 ? moment : self.moment(of: CivilTime(date: date, secondOfDay: local.secondOfDay))
        return shifted - .seconds(span.seconds)
    }
}
