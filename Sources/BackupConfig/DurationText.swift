import BackupCore

/// Durations as people write them: units that add up, no bare numbers, no ambiguous `m`.
enum DurationText {
    private static let units: [(name: String, span: CalendarSpan)] = [
        ("min", CalendarSpan(seconds: 60)), ("mo", CalendarSpan(months: 1)), ("s", CalendarSpan(seconds: 1)),
        ("h", CalendarSpan(seconds: 3600)), ("d", CalendarSpan(days: 1)), ("w", CalendarSpan(days: 7)),
        ("y", CalendarSpan(months: 12)),
    ]

    /// Reads `90s`, `15min`, `6h`, `30d`, `2w`, `3mo`, `1y`, `1y6mo`.
    static func read(_ text: String) throws(ExpressionError) -> CalendarSpan {
        var span = CalendarSpan()
        var rest = text[...]
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let position = text.count - rest.count
            guard let number = Int(digits), digits.count <= 9 else {
                throw ExpressionError(
                    at: position, "expected a duration such as 90s, 15min, 6h, 30d, 2w, 3mo or 1y6mo, got \"\(text)\"")
            }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(word.count)
            guard let unit = units.first(where: { $0.name == word })?.span else {
                throw ExpressionError(at: position, complaint(number, String(word), text))
            }
            span.months += number * unit.months
            span.days += number * unit.days
            span.seconds += Int64(number) * unit.seconds
        } while !rest.isEmpty
        return span
    }

    private static func complaint(_ number: Int, _ word: String, _ text: String) -> String {
        switch word {
        case "": "\"\(text)\" has no unit: write \(number)s, \(number)min, \(number)h or \(number)d"
        case "m": "\"\(number)m\" is ambiguous: write \(number)min or \(number)mo"
        default: "\"\(word)\" is not a unit: use s, min, h, d, w, mo or y"
        }
    }
}
