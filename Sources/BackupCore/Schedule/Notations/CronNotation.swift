extension Expression {
    private static let cronWords = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads five fields as crontab(5) has them: minute, hour, day of month, month, day of week.
    ///
    /// Lists, ranges, steps, names and `@daily`-like words are understood, `7` is Sunday. Where day of month and day
    /// of week are both restricted, a day matches if either does (Vixie's rule): a field that begins with `*`
    /// restricts nothing by itself.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func cron(_ text: String) throws(ExpressionError) -> Expression {
        if text.hasPrefix("@"), cronWords[text] == nil {
            throw ExpressionError(
                at: 0, "\"\(text)\" is not one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually")
        }
        if text.hasPrefix("cron(") || text.hasPrefix("rate(") {
            throw ExpressionError(at: 0, "this is AWS's notation: write it under \"aws\"")
        }
        let fields = Scanner.words(cronWords[text] ?? text)
        guard fields.count == 5 else {
            throw ExpressionError(
                at: 0, "expected 5 fields (minute hour day-of-month month day-of-week), found \(fields.count)")
        }
        let minutes = try CronField.minute.read(fields[0].text, at: fields[0].position)
        let hours = try CronField.hour.read(fields[1].text, at: fields[1].position)
        var days = DaySet()
        days.monthDays.days = try CronField.monthDay.read(fields[2].text, at: fields[2].position)
        days.months = try CronField.month.read(fields[3].text, at: fields[3].position)
        days.weekdays.any = try CronField.weekday.read(fields[4].text, at: fields[4].position)
        days.takesEither = !fields[2].text.hasPrefix("*") && !fields[4].text.hasPrefix("*")
        let times = DayTimes.fields(hours: hours, minutes: minutes, seconds: BitSet(0...0))
        return try Expression(.cron, text, CalendarPattern(days: days, times: times), daysAt: fields[2].position)
    }
}

/// One field of numbers: its bounds and the names it allows.
struct CronField {
    var title: String
    var bounds: ClosedRange<Int>
    var names: [String] = []
    /// What `names` starts counting at.
    var firstName = 0
    /// Read as the number that follows: cron's `7` is Sunday, as `0` is.
    var wraps: Int?

    static let minute = CronField(title: "minute", bounds: 0...59)
    static let hour = CronField(title: "hour", bounds: 0...23)
    static let monthDay = CronField(title: "day of month", bounds: 1...31)
    static let month = CronField(
        title: "month", bounds: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], firstName: 1)
    static let weekday = CronField(title: "day of week", bounds: 0...6, names: WeekdayNames.short, wraps: 7)

    func read(_ text: some StringProtocol, at start: Int) throws(ExpressionError) -> BitSet {
        var set = BitSet()
        try read(text, at: start) { set.insert($0) }
        return set
    }

    /// Calls `take` with each number of each part; `special` may take a part first, with its place.
    func read(
        _ text: some StringProtocol, at start: Int, take: (Int) -> Void,
        special: (Substring, Int) throws(ExpressionError) -> Bool = { _, _ throws(ExpressionError) in false }
    ) throws(ExpressionError) {
        var position = start
        for part in Substring(text).split(separator: ",", omittingEmptySubsequences: false) {
            if try !special(part, position) {
                for number in try numbers(part, at: position) { take(number == wraps ? bounds.lowerBound : number) }
            }
            position += part.count + 1
        }
    }

    private func numbers(_ part: Substring, at position: Int) throws(ExpressionError) -> StrideThrough<Int> {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        var range = bounds
        if pieces[0] != "*" {
            let low = try number(ends[0], at: position)
            let last = pieces.count == 2 ? range.upperBound : low
            let high = ends.count == 2 ? try number(ends[1], at: position + ends[0].count + 1) : last
            guard low <= high else {
                throw ExpressionError(at: position, "\(title): the range \"\(pieces[0])\" runs backwards")
            }
            range = low...high
        }
        guard pieces.count == 2 else { return stride(from: range.lowerBound, through: range.upperBound, by: 1) }
        guard let step = Int(pieces[1]), step > 0, step <= 9999, pieces[1].allSatisfy(\.isNumber) else {
            throw ExpressionError(
                at: position + pieces[0].count + 1,
                "\(title): expected a step of 1 or more after \"/\", got \"\(pieces[1])\"")
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step)
    }

    func number(_ text: Substring, at position: Int) throws(ExpressionError) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + firstName }
        guard let number = Int(text), text.allSatisfy(\.isNumber), bounds.contains(number) || number == wraps else {
            let range = "\(bounds.lowerBound) to \(wraps ?? bounds.upperBound)"
            let alternative = names.isEmpty ? "" : " or one of \(names.joined(separator: ", "))"
            throw ExpressionError(at: position, "\(title): expected \(range)\(alternative), got \"\(text)\"")
        }
        return number
    }
}
