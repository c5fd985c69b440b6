/// Five fields as crontab(5) has them: minute, hour, day of month, month, day of week.
///
/// Lists, ranges, steps, names and `@daily`-like words are understood, `7` is Sunday. Where day of month and day of
/// week are both restricted, a day matches if either does (Vixie's rule).
package struct CronExpression: Sendable, Equatable {
    /// As it was written.
    package let text: String
    let minutes: BitSet
    let hours: BitSet
    let days: BitSet
    let months: BitSet
    let weekdays: BitSet
    /// Vixie: a day field that begins with `*` restricts nothing, and the other one alone decides.
    private let eitherDay: Bool

    static let words = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads an expression.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package init(_ text: String) throws(ExpressionError) {
        self.text = text
        if text.hasPrefix("@"), CronExpression.words[text] == nil {
            throw ExpressionError(
                at: 0, "\"\(text)\" is not one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually")
        }
        let fields = CronExpression.split(CronExpression.words[text] ?? text)
        guard fields.count == 5 else {
            throw ExpressionError(
                at: 0, "expected 5 fields (minute hour day-of-month month day-of-week), found \(fields.count)")
        }
        minutes = try CronField.minute.read(fields[0].text, at: fields[0].position)
        hours = try CronField.hour.read(fields[1].text, at: fields[1].position)
        days = try CronField.day.read(fields[2].text, at: fields[2].position)
        months = try CronField.month.read(fields[3].text, at: fields[3].position)
        weekdays = try CronField.weekday.read(fields[4].text, at: fields[4].position)
        eitherDay = !fields[2].text.hasPrefix("*") && !fields[4].text.hasPrefix("*")
        if !eitherDay, let day = days.first, !months.contains(where: { day <= CivilDate.days(inMonth: $0, of: 2000) }) {
            throw ExpressionError(at: fields[2].position, "no month named here ever has a day \(day)")
        }
    }

    private static func split(_ text: String) -> [(text: Substring, position: Int)] {
        var fields: [(Substring, Int)] = []
        var position = 0
        for field in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !field.isEmpty { fields.append((field, position)) }
            position += field.count + 1
        }
        return fields
    }

    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let day = days.contains(date.day)
        let weekday = weekdays.contains(date.weekday)
        return eitherDay ? day || weekday : day && weekday
    }

    /// The next day from `date` on, itself included, that matches; none if there is none within twelve years, the
    /// longest time without a 29 February that falls on any weekday being eight.
    func day(from date: CivilDate) -> CivilDate? {
        let end = date.dayNumber + 12 * 366
        var date = date
        while date.dayNumber < end {
            if matches(date) { return date }
            if months.contains(date.month) {
                date = date.adding(days: 1)
            } else {
                date = date.adding(days: CivilDate.days(inMonth: date.month, of: date.year) - date.day + 1)
            }
        }
        return nil
    }
}

/// Small whole numbers, 0 … 63.
struct BitSet: Sendable, Equatable {
    private(set) var bits: UInt64 = 0

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }
    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }
    func contains(where isWanted: (Int) -> Bool) -> Bool { (0..<64).contains { contains($0) && isWanted($0) } }
    var first: Int? { bits == 0 ? nil : bits.trailingZeroBitCount }

    /// The smallest member that is at least `number`.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits >> UInt64(number)
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }
}

/// One field: its bounds and the names it allows.
struct CronField {
    var title: String
    var bounds: ClosedRange<Int>
    var names: [String] = []
    /// What `names` starts counting at.
    var firstName = 0

    static let minute = CronField(title: "minute", bounds: 0...59)
    static let hour = CronField(title: "hour", bounds: 0...23)
    static let day = CronField(title: "day of month", bounds: 1...31)
    static let month = CronField(
        title: "month", bounds: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], firstName: 1)
    static let weekday = CronField(
        title: "day of week", bounds: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    func read(_ text: Substring, at start: Int) throws(ExpressionError) -> BitSet {
        var set = BitSet()
        var position = start
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            for number in try numbers(part, at: position) { set.insert(fold(number)) }
            position += part.count + 1
        }
        return set
    }

    /// `7` is Sunday, like `0`.
    private func fold(_ number: Int) -> Int { bounds == 0...7 && number == 7 ? 0 : number }

    private func numbers(_ part: Substring, at position: Int) throws(ExpressionError) -> StrideThrough<Int> {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        var range = bounds == 0...7 ? 0...6 : bounds
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
        guard let step = Int(pieces[1]), step > 0 else {
            throw ExpressionError(
                at: position + pieces[0].count + 1,
                "\(title): expected a step of 1 or more after \"/\", got \"\(pieces[1])\"")
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step)
    }

    private func number(_ text: Substring, at position: Int) throws(ExpressionError) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + firstName }
        guard let number = Int(text), text.allSatisfy(\.isNumber), bounds.contains(number) else {
            let range = "\(bounds.lowerBound) to \(bounds.upperBound)"
            let alternative = names.isEmpty ? "" : " or one of \(names.joined(separator: ", "))"
            throw ExpressionError(at: position, "\(title): expected \(range)\(alternative), got \"\(text)\"")
        }
        return number
    }
}
