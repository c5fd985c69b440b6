/// A time zone's rules, parsed from the bytes of a zoneinfo file.
package struct Zone: Sendable {
    /// Its name in the zone database: `Europe/Berlin`.
    package let name: String
    private let transitions: [Transition]
    /// The offset before the first transition.
    private let firstOffset: Int
    /// The rule for all time after the last transition.
    private let rule: ZoneRule?

    struct Transition: Sendable, Equatable {
        var at: Int64
        var offset: Int
    }

    init(name: String, transitions: [Transition], firstOffset: Int, rule: ZoneRule?) {
        self.name = name
        self.transitions = transitions
        self.firstOffset = firstOffset
        self.rule = rule
    }

    /// Coordinated Universal Time, which needs no file.
    package static let utc = Zone(name: "UTC", transitions: [], firstOffset: 0, rule: nil)

    /// Seconds east of UTC at that moment.
    package func offset(at moment: Moment) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: moment) ?? firstOffset }
        if moment.seconds >= last.at { return rule?.offset(at: moment) ?? last.offset }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= moment.seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : transitions[low - 1].offset
    }

    /// What a clock on the wall shows at that moment.
    package func local(_ moment: Moment) -> CivilTime {
        CivilTime(utc: Moment(seconds: moment.seconds + Int64(offset(at: moment))))
    }

    /// The moment a daily clock means by this local time.
    ///
    /// In a gap (the clock jumps over it) the first valid moment after the gap; in an overlap (the clock shows it
    /// twice) the first of the two.
    package func moment(of local: CivilTime) -> Moment {
        let naive = local.asUTC.seconds
        // No zone is more than 26 hours from UTC, so these two offsets bracket any change near the local time.
        let before = offset(at: Moment(seconds: naive - 26 * 3600))
        let after = offset(at: Moment(seconds: naive + 26 * 3600))
        let candidates = [before, after].map { Moment(seconds: naive - Int64($0)) }.sorted()
        if let valid = candidates.first(where: { self.local($0) == local }) { return valid }
        return firstMoment(after: local, from: candidates[0], through: candidates[1])
    }

    /// The first moment whose local time lies behind `local`: the end of the gap that swallowed it.
    private func firstMoment(after local: CivilTime, from: Moment, through: Moment) -> Moment {
        var low = from.seconds - 26 * 3600
        var high = through.seconds + 26 * 3600
        while low < high {
            let middle = low + (high - low) / 2
            if self.local(Moment(seconds: middle)) > local { high = middle } else { low = middle + 1 }
        }
        return Moment(seconds: low)
    }
}

extension Zone: Equatable {
    /// Two zones are equal if they mean the same moments.
    package static func == (a: Zone, b: Zone) -> Bool {
        a.name == b.name && a.firstOffset == b.firstOffset && a.transitions == b.transitions && a.rule == b.rule
    }
}
