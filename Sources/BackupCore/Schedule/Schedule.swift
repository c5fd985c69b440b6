/// When points are taken: an expression, read in a zone, with what is done about lateness.
package struct Schedule: Sendable, Equatable {
    package var expression: Expression
    package var zone: Zone
    /// Each resource starts a little later than the slot, by a share of this that is its own for ever.
    package var spread: Duration
    package var missed: MissedRule

    package init(
        _ expression: Expression, zone: Zone, spread: Duration = .zero, missed: MissedRule = .runOnce(within: nil)
    ) {
        self.expression = expression
        self.zone = zone
        self.spread = spread
        self.missed = missed
    }

    /// What it says, in the notation it was written in, with its zone: two equal texts mean equal slots.
    package var text: String { "\(expression.notation.rawValue) \(expression.text) \(zone.name)" }
}

/// What becomes of a slot that was not started within its window.
package enum MissedRule: Sendable, Equatable {
    /// One catch-up for all that was missed; with a bound, only if the newest is not later than that.
    case runOnce(within: Duration?)
    case skip

    /// Whether a slot that is so late is still taken.
    func takes(lateBy late: Duration) -> Bool {
        switch self {
        case .runOnce(let bound): bound.map { late <= $0 } ?? true
        case .skip: false
        }
    }

    /// How long a slot stays worth taking: what makes one rule more lenient than another.
    var patience: Duration {
        switch self {
        case .runOnce(let bound): bound ?? .seconds(.max / 4)
        case .skip: .zero
        }
    }
}

/// When something happens, in one of the notations people write it in.
package struct Expression: Sendable, Equatable {
    package enum Notation: String, Sendable, CaseIterable {
        case cron
        case aws
        case calendar
        case every
        case at
    }

    package let notation: Notation
    /// As it was written.
    package let text: String
    let rhythm: Rhythm

    init(_ notation: Notation, _ text: String, _ rhythm: Rhythm) {
        self.notation = notation
        self.text = text
        self.rhythm = rhythm
    }

    /// What repeats.
    enum Rhythm: Sendable, Equatable {
        case pattern(CalendarPattern)
        /// So many seconds of real time from Monday 1970-01-05 00:00 of the zone.
        case interval(Int64)
    }

    /// - Throws: ``ExpressionError`` at `position` if the pattern never comes true, such as on 30 February.
    init(_ notation: Notation, _ text: String, _ pattern: CalendarPattern, daysAt position: Int) throws(ExpressionError)
    {
        guard pattern.first(from: 0) != nil else {
            throw ExpressionError(
                at: position, "there is no such day from \(DaySet.firstYear) to \(DaySet.lastYear)")
        }
        self.init(notation, text, .pattern(pattern))
    }
}

/// What is wrong in an expression, and where.
package struct ExpressionError: Error, Sendable, Equatable {
    /// The offset of the offending character in the expression, in characters, from 0.
    package var position: Int
    package var message: String

    package init(at position: Int, _ message: String) {
        self.position = position
        self.message = message
    }
}
