package import BackupCore

/// What all clients of the process share: AWS's time, the budget of calls, and that of repeats.
package final class AWSCommons: Sendable {
    package let skew: ClockSkew
    let budget: CallBudget
    private let quota = Guarded(RetryQuota())
    private let counts = Guarded<[String: CallCount]>([:])

    /// `events` is told when the clock turns out to be wrong.
    package init(budget: CallBudget = CallBudget(), events: (any EventSink)? = nil) {
        skew = ClockSkew(events: events)
        self.budget = budget
    }

    /// Takes what repeating after this error costs; nil if the budget of repeats is used up.
    func takeRepeat(after error: AWSError) -> Int? { quota.withLock { $0.take(after: error) } }

    /// How often each operation was called.
    package var calls: [CallCount] { counts.withLock { Array($0.values) } }

    func count(_ operation: Operation, isThrottled: Bool = false) {
        let service = operation.service.rawValue
        counts.withLock { counts in
            let key = "\(service):\(operation.name)"
            var count = counts[key] ?? CallCount(service: service, operation: operation.name)
            if isThrottled { count.throttled += 1 } else { count.calls += 1 }
            counts[key] = count
        }
    }

    /// A call was done.
    func giveBack(_ last: Int?) { quota.withLock { $0.giveBack(last) } }
}
