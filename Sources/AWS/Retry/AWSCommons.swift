package import BackupCore

/// What all clients of the process share: AWS's time, the budget of calls, and that of repeats.
package final class AWSCommons: Sendable {
    package let skew: ClockSkew
    let budget: CallBudget
    private let quota = Guarded(RetryQuota())

    /// `events` is told when the clock turns out to be wrong.
    package init(budget: CallBudget = CallBudget(), events: (any EventSink)? = nil) {
        skew = ClockSkew(events: events)
        self.budget = budget
    }

    /// Takes what repeating after this error costs; nil if the budget of repeats is used up.
    func takeRepeat(after error: AWSError) -> Int? { quota.withLock { $0.take(after: error) } }

    /// A call was done.
    func giveBack(_ last: Int?) { quota.withLock { $0.giveBack(last) } }
}
