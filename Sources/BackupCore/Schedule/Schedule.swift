/// When points are taken: an expression, read in a zone.
package struct Schedule: Sendable, Equatable {
    package var expression: Expression
    package var zone: Zone

    package init(_ expression: Expression, zone: Zone) {
        self.expression = expression
        self.zone = zone
    }

    /// The notations.
    package enum Expression: Sendable, Equatable {
        case cron(CronExpression)
        case every(EveryExpression)
    }

    /// What it says, in the notation it was written in, with its zone: two equal texts mean equal slots.
    package var text: String {
        switch expression {
        case .cron(let cron): "cron \(cron.text) \(zone.name)"
        case .every(let every): "every \(every.text) \(zone.name)"
        }
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
