package import BackupCore

/// What one pass came to.
package struct PassReport: Sendable {
    package var done = 0
    /// The same for each policy.
    var doneOf: [PolicyName: Int] = [:]
    /// Actions that failed or must wait, which the plan could not know: a new one says until when.
    package var unforeseen = 0
    /// The oldest slot of which an EC2 point or a copy was begun.
    var firstBegun: Moment?
    /// How many points of each policy were deleted.
    var pruned: [PolicyName: Int] = [:]
    package var failures: [Failure] = []
    /// Members that AWS is still making, of ours.
    package var pending = 0
    /// Calls whose outcome is still open, or that AWS asked to wait with.
    package var waiting = 0
    /// When it is worth looking again; nil if nothing is under way.
    package var nextLook: Moment?
    /// When it is to be looked whether another run on the fleet began the same.
    package var nextWatch: Moment?
    /// A place could not be read completely: it is worth reading again soon.
    package var hasGaps = false
    /// What happens can be written down; if not, that is tried again soon.
    package var isLedgerUsable = true
    /// When another slot's start comes.
    package var nextStart: Moment?
    /// When a grace ends.
    package var nextRelease: Moment?
    package var plan = Plan()
    /// What of the plan was not begun, because calls had stopped ending.
    var left: [Action] = []
    /// It is only what ended after its pass had been handed over.
    var isLate = false

    package init() {}
}

/// Something that did not succeed, for people.
package struct Failure: Sendable, CustomStringConvertible {
    package var what: String
    package var error: String
    /// Nil for what concerns more than one.
    package var policy: PolicyName?

    package init(what: String, error: String, policy: PolicyName? = nil) {
        self.what = what
        self.error = error
        self.policy = policy
    }

    package var description: String { "\(what): \(error)" }
}
