/// A time zone's rules, parsed from the bytes of a zoneinfo file.
package struct Zone: Sendable {
    /// Its name in the zone database: `Europe/Berlin`.
    package let name: String
    /// When its offset changes, and to what; written out to the end of 2199, after which nothing is scheduled.
    private let transitions: [Transition]
    /// The offset before the first transition.
    private let firstOffset: Int

    struct Transition: Sendable, Equatable {
        var at: Int64
        var offset: Int
    }

    init(name: String, transitions: [Transition], firstOffset: Int, rule: ZoneRule?) {
        self.name = name
        self.transitions = transitions + (rule?.transitions(after: transitions.last) ?? [])
        self.firstOffset = rule.flatMap { transitions.isEmpty ? $0.standardOffset : nil } ?? firstOffset
    }

    /// Coordinated Universal Time, which needs no file.
    package static let utc = Zone(name: "UTC", transitions: [], firstOffset: 0, rule: nil)

    /// What a clock on the wall shows at that moment.
    package func local(_ moment: Moment) -> CivilTime { CivilTime(wall: segment(at: moment).wall(moment)) }

    /// The moment a daily clock means by this local time.
    ///
    /// In a gap (the clock jumps over it) the first valid moment after the gap; in an overlap (the clock shows it
    /// twice) the first of the two.
    package func moment(of local: CivilTime) -> Moment { moment(ofWall: local.wall) }
}

extension Zone: Equatable {
    /// Two zones are equal if they mean the same moments.
    package static func == (a: Zone, b: Zone) -> Bool {
        a.name == b.name && a.firstOffset == b.firstOffset && a.transitions == b.transitions
    }
}

/// A wall clock's reading as seconds since 1970-01-01T00:00:00 on that same clock.
typealias Wall = Int64

extension Zone {
    /// A stretch of time in which the wall clock runs without a jump.
    struct Segment {
        var start: Int64
        /// Exclusive.
        var end: Int64
        /// Seconds east of UTC.
        var offset: Int64
        /// The offset of the stretch before; its own, if there is none.
        var offsetBefore: Int64

        func wall(_ moment: Moment) -> Wall { moment.seconds + offset }
    }

    func segment(at moment: Moment) -> Segment { segment(index: count(through: moment.seconds)) }

    /// The latest reading a clock on the wall has shown up to that moment: what it showed before it was set back, if it
    /// has not come so far again.
    func latestWall(through moment: Moment) -> Wall {
        let segment = segment(at: moment)
        return max(segment.wall(moment), segment.start == .min ? .min : segment.start + segment.offsetBefore - 1)
    }

    func moment(ofWall wall: Wall) -> Moment {
        // No zone is more than 26 hours from UTC: the first moment that may show it lies in that segment or a later one.
        var index = count(through: wall - 26 * 3600)
        while true {
            let segment = segment(index: index)
            let seconds = wall - segment.offset
            if seconds < segment.end { return Moment(seconds: max(seconds, segment.start)) }
            index += 1
        }
    }

    /// Whether a clock on the wall never shows this, shows it once, or twice.
    func occurrences(ofWall wall: Wall) -> Int {
        var index = count(through: wall - 26 * 3600)
        var found = 0
        while true {
            let segment = segment(index: index)
            if (segment.start..<segment.end).contains(wall - segment.offset) { found += 1 }
            if segment.end >= wall + 26 * 3600 { return found }
            index += 1
        }
    }

    /// How many transitions have happened by then.
    private func count(through seconds: Int64) -> Int {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at <= seconds { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func segment(index: Int) -> Segment {
        let offset = index == 0 ? firstOffset : transitions[index - 1].offset
        let before = index < 2 ? firstOffset : transitions[index - 2].offset
        return Segment(
            start: index == 0 ? .min : transitions[index - 1].at,
            end: index == transitions.count ? .max : transitions[index].at,
            offset: Int64(offset), offsetBefore: Int64(index == 0 ? offset : before))
    }
}
