/// Hours in which a policy starts nothing of some kinds; what is under way goes on.
package struct Blackout: Sendable, Equatable {
    /// What can be kept from starting.
    package enum Kind: String, Sendable, CaseIterable {
        case backups
        case copies
        case prunes
    }

    package var kinds: Set<Kind>
    /// Seconds since local midnight; if `end` is not later than `start`, it lies on the next day.
    package var start: Int
    package var end: Int
    /// The weekdays on which it starts, 0 for Sunday … 6.
    package var weekdays: Set<Int>
    package var zone: Zone

    package init(kinds: Set<Kind>, start: Int, end: Int, weekdays: Set<Int> = Set(0...6), zone: Zone) {
        self.kinds = kinds
        self.start = start
        self.end = end
        self.weekdays = weekdays
        self.zone = zone
    }

    /// When the blackout that holds at that moment ends; nil if none does.
    func end(at moment: Moment) -> Moment? {
        let today = zone.local(moment).date
        // One that began yesterday may reach into today.
        for date in [today.adding(days: -1), today] where weekdays.contains(date.weekday) {
            let lastDay = end <= start ? date.adding(days: 1) : date
            let from = zone.moment(of: CivilTime(date: date, secondOfDay: start))
            let until = zone.moment(of: CivilTime(date: lastDay, secondOfDay: end))
            if from <= moment && moment < until { return until }
        }
        return nil
    }
}

extension [Blackout] {
    /// Whether some kind never may start.
    package var isEverlasting: Bool {
        Blackout.Kind.allCases.contains { firstOpening(for: $0, from: Moment(seconds: 1_767_225_600)) == nil }
    }

    /// The first moment from then on in which that kind may start; nil if there is none within two weeks.
    package func firstOpening(for kind: Blackout.Kind, from moment: Moment) -> Moment? {
        let concerned = filter { $0.kinds.contains(kind) }
        var moment = moment
        // Each round leaves one blackout; four weeks of them without a minute between count as for ever.
        for _ in 0..<(28 * Swift.max(1, concerned.count)) {
            guard let end = concerned.compactMap({ $0.end(at: moment) }).max() else { return moment }
            moment = end
        }
        return nil
    }
}
