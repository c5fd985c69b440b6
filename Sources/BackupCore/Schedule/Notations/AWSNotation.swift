extension Expression {
    /// Reads a schedule as Data Lifecycle Manager, AWS Backup and EventBridge have it: `cron(0 2 * * ? *)`, or
    /// `rate(12 hours)`, which means the same as `every: 12h`.
    ///
    /// Six fields: minute, hour, day of month, month, day of week (1 is Sunday), year; `?` in exactly one of the two
    /// day fields; `L` for the last day or (`6L`) the last Friday of a month, `15W` for the working day nearest to
    /// the 15th, `3#2` for the second Tuesday.
    /// Source: Amazon EventBridge Scheduler User Guide, "Cron-based schedules".
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func aws(_ text: String) throws(ExpressionError) -> Expression {
        var scanner = Scanner(text)
        let isCron = scanner.take("cron(")
        guard isCron || scanner.take("rate(") else {
            throw ExpressionError(
                at: 0, "expected cron(minute hour day-of-month month day-of-week year) or rate(12 hours)")
        }
        let start = scanner.position
        let body = scanner.take { $0 != ")" }
        guard scanner.take(")"), scanner.isAtEnd else {
            throw ExpressionError(at: scanner.position, "expected \")\" at the end, got \(scanner.found)")
        }
        return isCron ? try awsCron(text, body, at: start) : try awsRate(text, body, at: start)
    }

    private static func awsRate(_ text: String, _ body: String, at start: Int) throws(ExpressionError) -> Expression {
        let words = Scanner.words(body)
        let units: [String: Int64] = [
            "minute": 60, "minutes": 60, "hour": 3600, "hours": 3600, "day": 86_400, "days": 86_400,
        ]
        guard words.count == 2, let unit = units[words[1].text] else {
            throw ExpressionError(at: start, "expected a number and minutes, hours or days, got \"\(body)\"")
        }
        var number = Scanner(words[0].text)
        guard let count = number.number(), number.isAtEnd, count > 0, count <= 100_000 else {
            throw ExpressionError(at: start + words[0].position, "expected 1 or more, got \"\(words[0].text)\"")
        }
        return Expression(.aws, text, Rhythm(every: Int64(count) * unit))
    }

    private static func awsCron(_ text: String, _ body: String, at start: Int) throws(ExpressionError) -> Expression {
        let fields = Scanner.words(body).map { (text: $0.text, position: $0.position + start) }
        guard fields.count == 6 else {
            throw ExpressionError(
                at: start,
                "expected 6 fields (minute hour day-of-month month day-of-week year), found \(fields.count)")
        }
        let minutes = try CronField.minute.read(fields[0].text, at: fields[0].position)
        let hours = try CronField.hour.read(fields[1].text, at: fields[1].position)
        guard (fields[2].text == "?") != (fields[4].text == "?") else {
            throw ExpressionError(
                at: fields[2].position, "one of day-of-month and day-of-week must be \"?\", and only one")
        }
        var days = DaySet()
        if fields[2].text != "?" { days.monthDays = try awsMonthDays(fields[2].text, at: fields[2].position) }
        days.months = try CronField.month.read(fields[3].text, at: fields[3].position)
        if fields[4].text != "?" { days.weekdays = try awsWeekdays(fields[4].text, at: fields[4].position) }
        if fields[5].text != "*" {
            var years: Set<Int> = []
            try CronField.year.read(fields[5].text, at: fields[5].position) { years.insert($0) }
            days.years = years.sorted()
        }
        let times = DayTimes.fields(hours: hours, minutes: minutes, seconds: BitSet(0...0))
        return try Expression(.aws, text, CalendarPattern(days: days, times: times), daysAt: fields[2].position)
    }

    private static func awsMonthDays(_ text: String, at position: Int) throws(ExpressionError) -> MonthDays {
        var days = MonthDays(days: BitSet())
        try CronField.monthDay.read(text, at: position) {
            days.days.insert($0)
        } special: { part, position throws(ExpressionError) in
            switch part {
            case "L": days.fromEnd.insert(1)
            case "LW", "WL": days.lastWorkday = true
            case _ where part.hasPrefix("L-"):
                let back = try CronField(title: "days before the last", bounds: 1...30)
                    .number(part.dropFirst(2), at: position + 2)
                days.fromEnd.insert(back + 1)
            case _ where part.hasSuffix("W"):
                days.nearestWorkday.insert(try CronField.monthDay.number(part.dropLast(), at: position))
            default: return false
            }
            return true
        }
        return days
    }

    private static func awsWeekdays(_ text: String, at position: Int) throws(ExpressionError) -> Weekdays {
        var weekdays = Weekdays(any: BitSet())
        // AWS counts from 1 for Sunday.
        try CronField.awsWeekday.read(text, at: position) {
            weekdays.any.insert($0 - 1)
        } special: { part, position throws(ExpressionError) in
            if part == "L" {
                weekdays.any.insert(6)
            } else if let mark = part.firstIndex(of: "#") {
                let day = try CronField.awsWeekday.number(part[..<mark], at: position) - 1
                let count = part[part.index(after: mark)...]
                let n = try CronField(title: "which of the month", bounds: 1...5)
                    .number(count, at: position + part.count - count.count)
                weekdays.nth[n, default: BitSet()].insert(day)
            } else if part.hasSuffix("L") {
                weekdays.last.insert(try CronField.awsWeekday.number(part.dropLast(), at: position) - 1)
            } else {
                return false
            }
            return true
        }
        return weekdays
    }
}

extension CronField {
    fileprivate static let awsWeekday = CronField(
        title: "day of week", bounds: 1...7, names: WeekdayNames.short, firstName: 1)
    fileprivate static let year = CronField(title: "year", bounds: DaySet.firstYear...DaySet.lastYear)
}
