/// Which points are kept.
///
/// Rules only ever keep, and add up; without any everything is kept. The one cap is ``deleteAfter``.
package struct Retention: Sendable, Equatable {
    /// In the order of ``KeepRule``; no two of them for the same division and kind of limit.
    package let rules: [KeepRule]
    /// No point is kept by a rule, or for want of one, once its data is so old, measured from now.
    package var deleteAfter: CalendarSpan?
    /// So many of the newest usable points stay whatever else is said: the floor.
    package var atLeast: Int

    package init(
        _ rules: [KeepRule], deleteAfter: CalendarSpan? = nil, atLeast: Int = 1, manualKeep: CalendarSpan? = nil
    ) {
        self.rules = rules.sorted()
        self.deleteAfter = deleteAfter
        self.atLeast = atLeast
        self.manualKeep = manualKeep
    }

    /// The rules that most people have.
    package init(
        last: Int? = nil, hourly: Int? = nil, daily: Int? = nil, weekly: Int? = nil, monthly: Int? = nil,
        yearly: Int? = nil, within: CalendarSpan? = nil, deleteAfter: CalendarSpan? = nil, atLeast: Int = 1
    ) {
        let counts = zip(Division.allCases, [last, hourly, daily, weekly, monthly, yearly])
        let rules = counts.compactMap { division, count in count.map { KeepRule(division, .latest($0)) } }
        self.init(
            rules + (within.map { [KeepRule(.point, .within($0))] } ?? []), deleteAfter: deleteAfter, atLeast: atLeast)
    }

    /// How long a point made by hand is kept; where it is not said, thirty days, or as long as all others if there are no
    /// rules at all.
    package var manualKeep: CalendarSpan?
    package static let defaultManualKeep = CalendarSpan(days: 30)

    /// All of it as one text, equal for equal rules.
    package var text: String {
        var parts = rules.map(\.description)
        if let deleteAfter { parts.append("delete-after \(deleteAfter)") }
        if let manualKeep { parts.append("manual-keep \(manualKeep)") }
        if atLeast != 1 { parts.append("keep-at-least \(atLeast)") }
        return parts.joined(separator: ", ")
    }
}

/// One keep rule: the newest point of each part of time is kept, for the latest so many parts that have one or for all
/// younger than a span.
///
/// restic's rules, of which there are twelve: six divisions, each with a count or within a span.
/// Source: restic's manual, "Removing backup snapshots", section "Removing snapshots according to a policy".
package struct KeepRule: Sendable, Hashable {
    package enum Limit: Sendable, Hashable {
        /// The latest so many parts that have a point; nil for all of them.
        case latest(Int?)
        /// Measured from the newest usable point, so that ageing stops when backups do.
        case within(CalendarSpan)
    }

    package var division: Division
    package var limit: Limit

    package init(_ division: Division, _ limit: Limit) {
        self.division = division
        self.limit = limit
    }

    /// The key in the config, such as `keep-last`, `keep-daily`, `keep-within` or `keep-within-daily`.
    package var key: String {
        switch (division, limit) {
        case (.point, .latest): "keep-last"
        case (.point, .within): "keep-within"
        case (_, .latest): "keep-\(division.rawValue)"
        case (_, .within): "keep-within-\(division.rawValue)"
        }
    }

    /// The keys of all rules there are, in their order.
    package static let keys = (counted + within).map(\.key)
    /// Each rule that counts.
    package static let counted = Division.allCases.map { KeepRule($0, .latest(nil)) }
    /// Each rule that measures.
    package static let within = Division.allCases.map { KeepRule($0, .within(CalendarSpan())) }
}

extension KeepRule: Comparable, CustomStringConvertible {
    package static func < (a: KeepRule, b: KeepRule) -> Bool {
        (a.isWithin ? 1 : 0, a.division) < (b.isWithin ? 1 : 0, b.division)
    }

    private var isWithin: Bool { if case .within = limit { true } else { false } }

    /// `keep-daily 14`, `keep-within-monthly 1y`.
    package var description: String {
        switch limit {
        case .latest(let count): "\(key) \(count.map(String.init) ?? "all")"
        case .within(let span): "\(key) \(span)"
        }
    }
}

/// The parts of time of each of which a rule keeps the newest point.
package enum Division: String, Sendable, CaseIterable, Comparable {
    /// Each point is a part of its own.
    case point
    /// Hours of the zone's clock; the two that it shows twice when it is set back are two.
    case hourly
    case daily
    /// ISO weeks, which begin on Monday and belong to the year that holds their Thursday.
    case weekly
    case monthly
    case yearly

    package static func < (a: Division, b: Division) -> Bool { a.order < b.order }

    private var order: Int { Division.allCases.firstIndex(of: self) ?? 0 }
}

/// A length of time whose months and days are the calendar's, and whose hours are real time.
///
/// Three days before Monday noon is Friday noon, also if the clocks changed on Sunday.
package struct CalendarSpan: Sendable, Hashable {
    package var months: Int
    package var days: Int
    package var seconds: Int64

    package init(months: Int = 0, days: Int = 0, seconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.seconds = seconds
    }

    /// The same where no calendar is at hand, with days of 24 hours; nil if it has months.
    package var fixed: Duration? { months == 0 ? .seconds(Int64(days) * 86_400 + seconds) : nil }
}

extension CalendarSpan: CustomStringConvertible {
    /// As the config has it: `1y6mo`, `2d12h`.
    package var description: String {
        var text = ""
        for (count, unit) in [(months / 12, "y"), (months % 12, "mo"), (days, "d")] where count != 0 {
            text += "\(count)\(unit)"
        }
        var rest = seconds
        for (size, unit) in [(3600 as Int64, "h"), (60, "min"), (1, "s")] where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }
}
