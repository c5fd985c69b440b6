extension Expression {
    /// An expression with the zone it names itself, and where it does.
    package struct Calendar: Sendable {
        package var expression: Expression
        package var zone: (name: String, position: Int)?
    }

    /// Reads systemd's calendar events: `Mon..Fri *-*-* 02:00`, `*-*~1`, `quarterly`, with an optional zone at the end.
    ///
    /// Source: systemd.time(7), "Calendar Events"; where the page is silent, what systemd 252 accepts.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func calendar(_ text: String) throws(ExpressionError) -> Calendar {
        let words = Scanner.words(text)
        guard let last = words.last else { throw ExpressionError(at: 0, "expected a calendar event, got nothing") }
        var body = text
        var zone: (name: String, position: Int)?
        // Neither a date nor a time nor a shorthand holds a letter in any but the first word.
        if words.count > 1, last.text.contains(where: \.isLetter), WeekdayNames.number(of: last.text) == nil {
            zone = (last.text.lowercased() == "utc" ? "UTC" : last.text, last.position)
            body = String(text.prefix(words[words.count - 2].position + words[words.count - 2].text.count))
        }
        if let meaning = calendarWords[body.lowercased()] { body = meaning }
        var reader = CalendarReader(body)
        let pattern = try reader.pattern()
        if zone == nil, body.hasPrefix("@") { zone = ("UTC", 0) }
        return Calendar(
            expression: try Expression(.calendar, text, pattern, daysAt: reader.datePosition), zone: zone)
    }

    private static let calendarWords = [
        "minutely": "*-*-* *:*:00", "hourly": "*-*-* *:00:00", "daily": "*-*-* 00:00:00",
        "weekly": "Mon *-*-* 00:00:00", "monthly": "*-*-01 00:00:00", "quarterly": "*-01,04,07,10-01 00:00:00",
        "semiannually": "*-01,07-01 00:00:00", "semi-annually": "*-01,07-01 00:00:00",
        "biannually": "*-01,07-01 00:00:00", "bi-annually": "*-01,07-01 00:00:00",
        "yearly": "*-01-01 00:00:00", "annually": "*-01-01 00:00:00", "anually": "*-01-01 00:00:00",
    ]
}

/// Reads `[WEEKDAYS] [[YEAR-]MONTH-DAY] [HOUR:MINUTE[:SECOND]]`.
private struct CalendarReader {
    private var scanner: Scanner
    private(set) var datePosition = 0

    init(_ text: String) { scanner = Scanner(text) }

    mutating func pattern() throws(ExpressionError) -> CalendarPattern {
        var days = DaySet()
        if scanner.take("@") { return try timestamp() }
        days.weekdays.any = try weekdays() ?? BitSet(0...6)
        datePosition = scanner.position
        try date(&days)
        return CalendarPattern(days: days, times: try times())
    }

    private mutating func timestamp() throws(ExpressionError) -> CalendarPattern {
        guard let seconds = Int64(scanner.take { $0.isASCII && $0.isNumber }), scanner.isAtEnd else {
            throw ExpressionError(at: scanner.position, "expected seconds since 1970 after \"@\", got \(scanner.found)")
        }
        let time = CivilTime(wall: seconds)
        var days = DaySet()
        days.years = [time.date.year]
        days.months = BitSet(time.date.month...time.date.month)
        days.monthDays.days = BitSet(time.date.day...time.date.day)
        return CalendarPattern(days: days, times: .list([time.secondOfDay]))
    }

    // MARK: Weekdays

    private mutating func weekdays() throws(ExpressionError) -> BitSet? {
        guard scanner.next?.isLetter == true else { return nil }
        var set = BitSet()
        while true {
            let start = scanner.position
            let first = try weekday()
            var last = first
            if scanner.take("..") || scanner.take("-") { last = try weekday() }
            // The week begins on Monday here.
            let (from, to) = ((first + 6) % 7, (last + 6) % 7)
            guard from <= to else {
                throw ExpressionError(
                    at: start, "the range of weekdays runs backwards: write it as two, such as Sat..Sun,Mon")
            }
            for day in from...to { set.insert((day + 1) % 7) }
            // A comma may stand at the end of the list.
            if !scanner.take(",") || scanner.next == " " || scanner.isAtEnd { break }
        }
        guard scanner.isAtEnd || scanner.next == " " else { throw expected("a blank after the weekdays") }
        scanner.skipBlanks()
        return set
    }

    private mutating func weekday() throws(ExpressionError) -> Int {
        let start = scanner.position
        let name = scanner.take(while: \.isLetter)
        guard let number = WeekdayNames.number(of: name) else {
            throw ExpressionError(at: start, "expected a weekday such as Mon or Monday, got \"\(name)\"")
        }
        return number
    }

    // MARK: Date

    private mutating func date(_ days: inout DaySet) throws(ExpressionError) {
        guard !scanner.isAtEnd else { return }
        var ahead = scanner
        let head = ahead.take { $0 != " " }
        guard !head.contains(":") else { return }
        let first = try component()
        var fromEnd = try separator()
        let second = try component()
        if scanner.isAtEnd || scanner.next == " " {
            days.months = try bits(first, .months)
            try setDays(second, fromEnd, &days)
        } else {
            guard !fromEnd else { throw expected("the end of the date: \"~\" stands before the day") }
            fromEnd = try separator()
            let third = try component()
            if let years = first {
                days.years = try numbers(years.map(\.withCentury), .years).sorted()
            }
            days.months = try bits(second, .months)
            try setDays(third, fromEnd, &days)
        }
        guard scanner.isAtEnd || scanner.next == " " else { throw expected("a blank after the date") }
        scanner.skipBlanks()
    }

    private mutating func separator() throws(ExpressionError) -> Bool {
        if scanner.take("-") { return false }
        if scanner.take("~") { return true }
        throw expected("\"-\" between the parts of a date, or \":\" between those of a time")
    }

    private func setDays(_ parts: [Component]?, _ fromEnd: Bool, _ days: inout DaySet) throws(ExpressionError) {
        guard let parts else { return }
        if !fromEnd { days.monthDays.days = try bits(parts, .days) }
        guard fromEnd else { return }
        days.monthDays.days = BitSet()
        _ = try bits(parts, .daysFromEnd)
        for part in parts {
            // Counted from the end, a step goes on towards the end of the month.
            for back in stride(from: part.lastFromEnd, through: part.firstFromEnd, by: -part.step) {
                days.monthDays.fromEnd.insert(back)
            }
        }
    }

    // MARK: Time

    private mutating func times() throws(ExpressionError) -> DayTimes {
        let midnight = DayTimes.fields(hours: BitSet(0...0), minutes: BitSet(0...0), seconds: BitSet(0...0))
        guard !scanner.isAtEnd else { return midnight }
        let hours = try bits(try component(), .hours)
        guard scanner.take(":") else { throw expected("\":\" after the hours") }
        let minutes = try bits(try component(), .minutes)
        var seconds = BitSet(0...0)
        if scanner.take(":") { seconds = try bits(try component(), .seconds) }
        if scanner.next == "." {
            throw ExpressionError(at: scanner.position, "fractions of a second are too fine for a schedule")
        }
        guard scanner.isAtEnd else { throw expected("the end, or a time zone after a blank") }
        return .fields(hours: hours, minutes: minutes, seconds: seconds)
    }

    // MARK: Components

    /// `5`, `5..9`, `5/2` or `5..9/2`.
    private struct Component {
        var position: Int
        var first: Int
        var last: Int?
        var step: Int
        var hasStep: Bool

        /// Two digits mean a year from 1970 to 2069.
        var withCentury: Component {
            var component = self
            component.first = Component.withCentury(first)
            component.last = last.map(Component.withCentury)
            return component
        }

        private static func withCentury(_ year: Int) -> Int {
            year < 70 ? year + 2000 : year < 100 ? year + 1900 : year
        }

        /// The last number that the steps reach.
        func end(_ bounds: ClosedRange<Int>) -> Int { last ?? (hasStep ? bounds.upperBound : first) }
        var lastFromEnd: Int { last.map { $0 - ($0 - first) % step } ?? first }
        var firstFromEnd: Int { last == nil ? (hasStep ? 1 : first) : first }
    }

    private struct Field {
        var title: String
        var bounds: ClosedRange<Int>
        var stepsDown = false

        static let years = Field(title: "year", bounds: DaySet.firstYear...DaySet.lastYear)
        static let months = Field(title: "month", bounds: 1...12)
        static let days = Field(title: "day", bounds: 1...31)
        /// Every month has that many; a step goes down to the last day.
        static let daysFromEnd = Field(title: "day from the end", bounds: 1...28, stepsDown: true)
        static let hours = Field(title: "hour", bounds: 0...23)
        static let minutes = Field(title: "minute", bounds: 0...59)
        static let seconds = Field(title: "second", bounds: 0...59)
    }

    /// A list of numbers, ranges and steps; nil for `*`.
    private mutating func component() throws(ExpressionError) -> [Component]? {
        if scanner.take("*") { return nil }
        var parts: [Component] = []
        repeat {
            let position = scanner.position
            guard let first = scanner.number() else { throw expected("a number or \"*\"") }
            var part = Component(position: position, first: first, last: nil, step: 1, hasStep: false)
            if scanner.take("..") {
                guard let last = scanner.number() else { throw expected("a number after \"..\"") }
                part.last = last
            }
            if scanner.take("/") {
                guard let step = scanner.number(), step > 0 else { throw expected("a step of 1 or more after \"/\"") }
                (part.step, part.hasStep) = (step, true)
            }
            parts.append(part)
        } while scanner.take(",")
        return parts
    }

    private func bits(_ parts: [Component]?, _ field: Field) throws(ExpressionError) -> BitSet {
        guard let parts else { return BitSet(field.bounds) }
        var set = BitSet()
        for number in try numbers(parts, field) { set.insert(number) }
        return set
    }

    private func numbers(_ parts: [Component], _ field: Field) throws(ExpressionError) -> Set<Int> {
        var numbers: Set<Int> = []
        for part in parts {
            let range = "\(field.bounds.lowerBound) to \(field.bounds.upperBound)"
            guard field.bounds.contains(part.first), field.bounds.contains(part.last ?? part.first) else {
                throw ExpressionError(
                    at: part.position, "\(field.title): expected \(range), got \(part.last ?? part.first)")
            }
            if let last = part.last, last < part.first {
                throw ExpressionError(
                    at: part.position, "\(field.title): the range \(part.first)..\(last) runs backwards")
            }
            let second = field.stepsDown ? part.first - part.step : part.first + part.step
            if part.hasStep, part.last == nil, !field.bounds.contains(second) {
                throw ExpressionError(
                    at: part.position, "\(field.title): the step of \(part.step) leads out of \(range) at once")
            }
            numbers.formUnion(stride(from: part.first, through: part.end(field.bounds), by: part.step))
        }
        return numbers
    }

    private func expected(_ what: String) -> ExpressionError {
        ExpressionError(at: scanner.position, "expected \(what), got \(scanner.found)")
    }
}
