/// A repeating pattern of wall-clock readings: some days, and on each of them the same times.
///
/// Most notations are ways to write one.
struct CalendarPattern: Sendable, Equatable {
    var days: DaySet
    var times: DayTimes

    /// The first reading from `wall` on, itself included.
    func first(from wall: Wall) -> Wall? {
        let (day, second) = wall.dayAndSecond
        guard var found = days.first(from: day) else { return nil }
        if found == day {
            if let time = times.first(from: second) { return day * 86_400 + Int64(time) }
            guard let next = days.first(from: day + 1) else { return nil }
            found = next
        }
        return times.first(from: 0).map { found * 86_400 + Int64($0) }
    }

    /// The last reading up to `wall`, itself included.
    func last(through wall: Wall) -> Wall? {
        let (day, second) = wall.dayAndSecond
        guard var found = days.last(through: day) else { return nil }
        if found == day {
            if let time = times.last(through: second) { return day * 86_400 + Int64(time) }
            guard let previous = days.last(through: day - 1) else { return nil }
            found = previous
        }
        return times.last(through: 86_399).map { found * 86_400 + Int64($0) }
    }
}

/// Times of day, as seconds since midnight.
enum DayTimes: Sendable, Equatable {
    /// Every combination of these hours, minutes and seconds.
    case fields(hours: BitSet, minutes: BitSet, seconds: BitSet)
    /// These, ascending.
    case list([Int])
    /// Every so many seconds from midnight; a divisor of the day's 86,400.
    case multiples(of: Int)

    /// Whether something happens in each of the day's hours.
    var fillEveryHour: Bool {
        switch self {
        case .fields(let hours, _, _): hours.isSuperset(of: 0...23)
        case .list(let times): Set(times.map { $0 / 3600 }).count == 24
        case .multiples(let period): period <= 3600
        }
    }

    func first(from second: Int) -> Int? {
        switch self {
        case .fields(let hours, let minutes, let seconds): firstField(from: second, hours, minutes, seconds)
        case .list(let times): times.first { $0 >= second }
        case .multiples(let period):
            (second + period - 1) / period * period < 86_400 ? (second + period - 1) / period * period : nil
        }
    }

    func last(through second: Int) -> Int? {
        switch self {
        case .fields(let hours, let minutes, let seconds): lastField(through: second, hours, minutes, seconds)
        case .list(let times): times.last { $0 <= second }
        case .multiples(let period): second / period * period
        }
    }

    private func firstField(from second: Int, _ hours: BitSet, _ minutes: BitSet, _ seconds: BitSet) -> Int? {
        var (hour, minute) = (second / 3600, second / 60 % 60)
        guard let firstMinute = minutes.first, let firstSecond = seconds.first else { return nil }
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.first(from: second % 60) {
                return hour * 3600 + minute * 60 + found
            }
            minute += 1
            if let found = minutes.first(from: minute) { return hour * 3600 + found * 60 + firstSecond }
        }
        hour += 1
        return hours.first(from: hour).map { $0 * 3600 + firstMinute * 60 + firstSecond }
    }

    private func lastField(through second: Int, _ hours: BitSet, _ minutes: BitSet, _ seconds: BitSet) -> Int? {
        let (hour, minute) = (second / 3600, second / 60 % 60)
        guard let lastMinute = minutes.last(through: 59), let lastSecond = seconds.last(through: 59) else { return nil }
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.last(through: second % 60) {
                return hour * 3600 + minute * 60 + found
            }
            if let found = minutes.last(through: minute - 1) { return hour * 3600 + found * 60 + lastSecond }
        }
        return hours.last(through: hour - 1).map { $0 * 3600 + lastMinute * 60 + lastSecond }
    }
}
