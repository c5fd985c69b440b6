import BackupCore

/// One call through all its attempts: waits for its turn before each, and decides after each what comes next.
struct Repeating {
    let operation: Operation
    let region: Region
    /// Whose limits the call counts against.
    let account: String
    let commons: AWSCommons
    let policy: RetryPolicy
    let clock: any WallClock
    private let isRepeated: Bool
    private var attempt = 1
    private var lastCost: Int?
    private var sent = Moment(seconds: 0)
    private var offset = Duration.zero
    private var hasCorrectedTime = false

    init(
        _ message: AWSClient.Message, account: String, commons: AWSCommons, policy: RetryPolicy, clock: any WallClock
    ) {
        (operation, isRepeated) = (message.operation, message.isRepeated)
        region = message.region
        self.account = account
        self.commons = commons
        self.policy = policy
        self.clock = clock
    }

    /// Returns once the next attempt may be made.
    mutating func begin() async throws(CancellationError) {
        try await commons.budget.take(operation, account: account, in: region, clock: clock)
        commons.count(operation)
        sent = clock.now
        offset = commons.skew.offset
    }

    func succeeded() { commons.giveBack(lastCost) }

    /// Seconds to wait before the next attempt; nil to give up.
    mutating func wait(after error: AWSError, retryAfter: Double?, random: Double) -> Double? {
        if error.isThrottling {
            commons.count(operation, isThrottled: true)
            commons.budget.throttled(operation, account: account, in: region, sent: sent, now: clock.now)
        }
        if error.mayBeSkew, error.fate == .notPerformed, !hasCorrectedTime, commons.skew.offset != offset {
            // This very reply, or another's meanwhile, showed that the clock is wrong: the next signature will do.
            hasCorrectedTime = true
            return 0
        }
        guard isRepeated else { return nil }
        let wait = policy.wait(
            after: error, attempt: attempt, isRepeatable: operation.isRepeatable, retryAfter: retryAfter,
            random: random)
        guard let wait, let cost = commons.takeRepeat(after: error) else { return nil }
        lastCost = cost
        attempt += 1
        return wait
    }
}
