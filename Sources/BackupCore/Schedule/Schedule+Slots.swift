extension Schedule {
    /// The first slot after a moment; none if the expression has none before the year 2200.
    ///
    /// What fires in every hour runs in real time through clock changes. For everything else a slot in a gap is the
    /// first valid moment after it, and a slot in an overlap is the first of the two.
    package func next(after moment: Moment) -> Moment? {
        switch expression.rhythm {
        case .interval(let period):
            return Moment(seconds: slot(period, at: moment.seconds) + period)
        case .pattern(let pattern) where pattern.times.fillEveryHour:
            return nextInRealTime(after: moment, pattern)
        case .pattern(let pattern):
            // Every reading the wall clock has shown is over, whichever slot it was.
            return pattern.first(from: zone.latestWall(through: moment) + 1).map(zone.moment(ofWall:))
        }
    }

    /// The newest slot later than `after`, and at the latest `through`.
    package func newest(through: Moment, after: Moment) -> Moment? {
        let newest: Moment? =
            switch expression.rhythm {
            case .interval(let period): Moment(seconds: slot(period, at: through.seconds))
            case .pattern(let pattern) where pattern.times.fillEveryHour:
                newestInRealTime(through: through, pattern)
            case .pattern(let pattern):
                pattern.last(through: zone.latestWall(through: through)).map(zone.moment(ofWall:))
            }
        return newest.flatMap { $0 > after ? $0 : nil }
    }

    /// Whether a moment is a slot of this schedule.
    package func isSlot(_ moment: Moment) -> Bool {
        newest(through: moment, after: moment - .seconds(1)) == moment
    }

    private func nextInRealTime(after moment: Moment, _ pattern: CalendarPattern) -> Moment? {
        var from = Moment(seconds: moment.seconds + 1)
        while true {
            let segment = zone.segment(at: from)
            guard let wall = pattern.first(from: segment.wall(from)) else { return nil }
            let slot = wall - segment.offset
            if slot < segment.end { return Moment(seconds: slot) }
            from = Moment(seconds: segment.end)
        }
    }

    private func newestInRealTime(through: Moment, _ pattern: CalendarPattern) -> Moment? {
        var through = through
        while true {
            let segment = zone.segment(at: through)
            guard let wall = pattern.last(through: segment.wall(through)) else { return nil }
            let slot = wall - segment.offset
            if slot >= segment.start { return Moment(seconds: slot) }
            through = Moment(seconds: segment.start - 1)
        }
    }

    /// The multiple of the period since the anchor that is the last up to then.
    private func slot(_ period: Int64, at seconds: Int64) -> Int64 {
        // Monday 1970-01-05.
        let anchor = zone.moment(ofWall: 4 * 86_400).seconds
        let elapsed = seconds - anchor
        let periods = elapsed >= 0 ? elapsed / period : (elapsed - period + 1) / period
        return anchor + periods * period
    }
}

extension Schedule {
    /// A slot, with what makes it unusual, for people.
    package struct Preview: Sendable, Equatable {
        package var slot: Moment
        package var local: CivilTime
        package var utcOffset: Duration
        /// Why it is not simply the time written: the clocks change around it.
        package var note: String?
    }

    package func preview(of slot: Moment) -> Preview {
        let segment = zone.segment(at: slot)
        var preview = Preview(
            slot: slot, local: zone.local(slot), utcOffset: .seconds(segment.offset), note: nil)
        guard case .pattern(let pattern) = expression.rhythm else { return preview }
        let isTwice = zone.occurrences(ofWall: preview.local.wall) == 2
        if pattern.times.fillEveryHour {
            if isTwice { preview.note = "\(preview.local.clock) comes twice this day: both count" }
            return preview
        }
        guard let wanted = pattern.last(through: zone.latestWall(through: slot)) else { return preview }
        if wanted != preview.local.wall {
            preview.note =
                "\(CivilTime(wall: wanted).clock) does not exist on \(CivilTime(wall: wanted).date): "
                + "the first moment after the gap"
        } else if isTwice {
            preview.note = "\(preview.local.clock) comes twice this day: the first one counts"
        }
        return preview
    }
}

extension Schedule {
    /// The shortest time between two slots among the next thousand from 2026 on; nil if there are not two.
    package var shortestInterval: Duration? { intervals.min() }

    /// The longest time between two of the same slots.
    var longestInterval: Duration? { intervals.max() }

    /// An expression that is uneven is so within its first year, or its first thousand slots.
    private var intervals: [Duration] {
        let first = next(after: Moment(seconds: 1_767_225_600))
        let slots = sequence(state: first) { slot -> Moment? in
            defer { slot = slot.flatMap { next(after: $0) } }
            return slot
        }.prefix(1000)
        return zip(slots, slots.dropFirst()).map { $1 - $0 }
    }
}
