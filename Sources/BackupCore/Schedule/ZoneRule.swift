/// The POSIX TZ string at the end of a zoneinfo file: what holds after the last transition written out in it.
///
/// Source: RFC 8536 section 3.3, POSIX.1-2017 section 8.3, with hours from -167 to 167 as version 3 files have them.
struct ZoneRule: Sendable, Equatable {
    private var standard: Int
    private var daylight: (offset: Int, start: Change, end: Change)?

    static func == (a: ZoneRule, b: ZoneRule) -> Bool {
        a.standard == b.standard && a.daylight?.offset == b.daylight?.offset && a.daylight?.start == b.daylight?.start
            && a.daylight?.end == b.daylight?.end
    }

    /// The day and the local second of a change.
    private struct Change: Equatable {
        enum Day: Equatable {
            /// `Jn`: 1 … 365, 29 February never counted.
            case julian(Int)
            /// `n`: 0 … 365.
            case ordinal(Int)
            /// `Mm.w.d`: the w-th weekday d of month m, 5 for the last.
            case weekday(month: Int, week: Int, day: Int)
        }
        var day: Day
        var second: Int

        /// The moment of the change in that year, on a clock that is `offset` east of UTC.
        func moment(year: Int, offset: Int) -> Int64 {
            dayNumber(year: year) * 86_400 + Int64(second - offset)
        }

        private func dayNumber(year: Int) -> Int64 {
            let newYear = CivilDate.dayNumber(year, 1, 1)
            switch day {
            case .julian(let n):
                let isLeap = CivilDate.days(inMonth: 2, of: year) == 29
                return newYear + Int64(isLeap && n >= 60 ? n : n - 1)
            case .ordinal(let n):
                return newYear + Int64(n)
            case .weekday(let month, let week, let weekday):
                let first = CivilDate.dayNumber(year, month, 1)
                var day = 1 + (weekday - CivilDate(dayNumber: first).weekday + 7) % 7 + (week - 1) * 7
                if day > CivilDate.days(inMonth: month, of: year) { day -= 7 }
                return first + Int64(day - 1)
            }
        }
    }

    /// The offset without daylight saving time, seconds east of UTC.
    var standardOffset: Int { standard }

    /// The changes that follow from the rule after the last one written out, up to the end of 2199.
    func transitions(after last: Zone.Transition?) -> [Zone.Transition] {
        guard let daylight else { return [] }
        let from = last?.at ?? 0
        // Nothing is asked about times before 1970.
        let firstYear = max(1970, CivilTime(utc: Moment(seconds: from)).date.year)
        return (firstYear...max(firstYear, DaySet.lastYear)).flatMap { year in
            [
                Zone.Transition(at: daylight.start.moment(year: year, offset: standard), offset: daylight.offset),
                Zone.Transition(at: daylight.end.moment(year: year, offset: daylight.offset), offset: standard),
            ]
        }.filter { $0.at > from }.sorted { $0.at < $1.at }
    }

    /// Reads `CET-1CEST,M3.5.0,M10.5.0/3`; nil if it is not of that form.
    init?(_ text: String) {
        var reader = Reader(text)
        guard reader.name(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.isAtEnd else { return }
        guard reader.name() else { return nil }
        var offset = standard + 3600
        if !reader.peek(",") {
            guard let west = reader.time() else { return nil }
            offset = -west
        }
        guard reader.take(","), let start = reader.change(), reader.take(","), let end = reader.change(), reader.isAtEnd
        else { return nil }
        daylight = (offset, start, end)
    }

    /// Whether its offsets are such as zones may have.
    var isCredible: Bool {
        Zone.offsets.contains(standard) && Zone.offsets.contains(daylight?.offset ?? 0)
    }

    private struct Reader {
        private var rest: Substring

        init(_ text: String) { rest = text[...] }

        var isAtEnd: Bool { rest.isEmpty }
        func peek(_ character: Character) -> Bool { rest.first == character }

        mutating func take(_ character: Character) -> Bool {
            guard peek(character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func name() -> Bool {
            if take("<") {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let letters = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func number() -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            // No number in such a text has more than three.
            return digits.count <= 3 ? Int(digits) : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() -> Int? {
            let sign = take("-") ? -1 : 1
            if sign == 1 { _ = take("+") }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where take(":") {
                guard let part = number() else { return nil }
                seconds += part * unit
            }
            return sign * seconds
        }

        mutating func change() -> Change? {
            guard let day = day() else { return nil }
            guard take("/") else { return Change(day: day, second: 7200) }
            return time().map { Change(day: day, second: $0) }
        }

        private mutating func day() -> Change.Day? {
            if take("M") {
                guard let month = number(), take("."), let week = number(), take("."), let day = number(),
                    (1...12).contains(month), (1...5).contains(week), (0...6).contains(day)
                else { return nil }
                return .weekday(month: month, week: week, day: day)
            }
            if take("J") {
                return number().flatMap { (1...365).contains($0) ? .julian($0) : nil }
            }
            return number().flatMap { (0...365).contains($0) ? .ordinal($0) : nil }
        }
    }
}
