extension Expression {
    /// A point every so often.
    ///
    /// A period that divides the day means local wall times counted from midnight; any other counts real time from
    /// Monday 1970-01-05 00:00 of the zone, so that restarts never move it.
    ///
    /// - Throws: ``ExpressionError`` if the period is not of whole minutes, one at least.
    package static func every(_ text: String, period: Duration) throws(ExpressionError) -> Expression {
        let seconds = period.inSeconds
        guard seconds >= 60, seconds % 60 == 0 else {
            throw ExpressionError(at: 0, "expected whole minutes, one at least, got \"\(text)\"")
        }
        guard seconds <= 3660 * 86_400 else {
            throw ExpressionError(at: 0, "expected ten years at the most, got \"\(text)\"")
        }
        return Expression(.every, text, Rhythm(every: seconds))
    }
}

extension Expression.Rhythm {
    init(every seconds: Int64) {
        self =
            86_400 % seconds == 0
            ? .pattern(CalendarPattern(days: DaySet(), times: .multiples(of: Int(seconds)))) : .interval(seconds)
    }
}
