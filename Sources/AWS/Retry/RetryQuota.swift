/// The budget out of which calls are repeated, one for all clients of the process.
///
/// While AWS is well it is full and never felt; when everything fails it soon stops all repeating, so that a
/// disturbance is not made worse by those who wait for its end. What fails then is tried again by later passes.
///
///     a repeat costs         5, after a time-out 10
///     a call done at once    gives 1 back
///     a call done in the end gives back what its last repeat had cost
///
/// Source: botocore 1.43, `retries/standard.py` (RetryQuotaChecker) and `retries/quota.py`.
package struct RetryQuota: Sendable, Equatable {
    static let capacity = 500
    static let cost = 5
    static let timeoutCost = 10
    static let refund = 1

    private(set) var available = RetryQuota.capacity

    package init() {}

    /// Takes what repeating after this error costs, and returns it; nil if not so much is left.
    mutating func take(after error: AWSError) -> Int? {
        let cost = error.code == "TimedOut" ? RetryQuota.timeoutCost : RetryQuota.cost
        guard cost <= available else { return nil }
        available -= cost
        return cost
    }

    /// A call was done; `last` is what its last repeat had cost, nil if it had none.
    mutating func giveBack(_ last: Int?) {
        available = min(RetryQuota.capacity, available + (last ?? RetryQuota.refund))
    }
}
