/// Which points are kept.
///
/// Rules only ever keep, and add up; without rules everything is kept.
package struct Retention: Sendable, Equatable {
    /// The newest N points.
    package var last: Int?
    /// The newest point of each of the latest N days, weeks (ISO), months that have one.
    package var daily: Int?
    package var weekly: Int?
    package var monthly: Int?
    /// Every point younger than this, measured from the newest usable one.
    package var within: CalendarSpan?

    package init(
        last: Int? = nil, daily: Int? = nil, weekly: Int? = nil, monthly: Int? = nil, within: CalendarSpan? = nil
    ) {
        self.last = last
        self.daily = daily
        self.weekly = weekly
        self.monthly = monthly
        self.within = within
    }

    /// The rules as one text, equal for equal rules.
    package var text: String {
        let counts = [("last", last), ("daily", daily), ("weekly", weekly), ("monthly", monthly)]
        let texts = counts.compactMap { name, count in count.map { "\(name) \($0)" } }
        return (texts + (within.map { ["within \($0.months)mo \($0.seconds)s"] } ?? [])).joined(separator: ", ")
    }

    /// No rule at all: everything is kept.
    package var keepsAll: Bool { last == nil && daily == nil && weekly == nil && monthly == nil && within == nil }
}

/// A length of time with months and years by the calendar, days of 24 hours.
package struct CalendarSpan: Sendable, Hashable {
    package var months: Int
    package var seconds: Int64

    package init(months: Int = 0, seconds: Int64 = 0) {
        self.months = months
        self.seconds = seconds
    }
}
