/// A point every so often.
///
/// A period that divides the day means local wall times counted from midnight; any other counts real time from Monday
/// 1970-01-05 00:00 of the zone, so that restarts never move it.
package struct EveryExpression: Sendable, Equatable {
    /// As it was written: `6h`.
    package let text: String
    /// In seconds, whole minutes, one minute at least.
    package let period: Int64

    /// - Throws: ``ExpressionError`` if the period is not of whole minutes.
    package init(_ text: String, period: Duration) throws(ExpressionError) {
        guard period.inSeconds >= 60, period.inSeconds % 60 == 0 else {
            throw ExpressionError(at: 0, "expected whole minutes, one at least, got \"\(text)\"")
        }
        self.text = text
        self.period = period.inSeconds
    }

    var dividesDay: Bool { 86_400 % period == 0 }
}
