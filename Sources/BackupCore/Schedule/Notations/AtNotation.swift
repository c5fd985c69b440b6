extension Expression {
    /// Times of day, `02:00` or `02:00:30`, on some days of the week (0 for Sunday … 6) or on all.
    ///
    /// - Throws: ``ExpressionError`` whose position lies in the text of the time that is wrong, with `index` its place
    ///   in the list.
    package static func at(_ times: [String], on weekdays: Set<Int>?) throws(AtError) -> Expression {
        var seconds: Set<Int> = []
        for (index, text) in times.enumerated() {
            do throws(ExpressionError) {
                seconds.insert(try timeOfDay(text))
            } catch {
                throw AtError(index: index, error: error)
            }
        }
        var days = DaySet()
        if let weekdays {
            days.weekdays.any = BitSet()
            for day in weekdays { days.weekdays.any.insert(day) }
        }
        let names = weekdays.map { " on " + $0.sorted().map { WeekdayNames.short[$0] }.joined(separator: " ") } ?? ""
        return Expression(
            .at, times.joined(separator: " ") + names,
            .pattern(CalendarPattern(days: days, times: .list(seconds.sorted()))))
    }

    /// What is wrong with one of several times.
    package struct AtError: Error {
        package var index: Int
        package var error: ExpressionError
    }

    /// Seconds since midnight of `02:00` or `02:00:30`.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func timeOfDay(_ text: String) throws(ExpressionError) -> Int {
        var scanner = Scanner(text)
        var seconds = 0
        for (index, (bound, unit)) in [(23, 3600), (59, 60), (59, 1)].enumerated() {
            if index == 2 && scanner.isAtEnd { break }
            let start = scanner.position
            guard index == 0 || scanner.take(":"), let number = scanner.number(), number <= bound else {
                throw ExpressionError(at: start, "expected a time of day such as 02:00, got \"\(text)\"")
            }
            seconds += number * unit
        }
        guard scanner.isAtEnd else {
            throw ExpressionError(at: scanner.position, "expected a time of day such as 02:00, got \"\(text)\"")
        }
        return seconds
    }
}
