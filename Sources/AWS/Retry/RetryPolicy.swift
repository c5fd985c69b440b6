/// Decides whether a call is sent again, and after how long.
///
/// Full jitter under a doubling bound, as AWS's SDKs have it:
///
///     attempt    1      2      3      4
///     up to    0.5 s   1 s    2 s    4 s      (throttling: twice that), never more than 20 s
///
/// Source: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode.
package struct RetryPolicy: Sendable {
    package var attempts = 5
    package var base = 0.5
    package var longest = 20.0

    package init() {}

    /// Seconds to wait before the next attempt; nil to give up.
    ///
    /// What is not repeatable is sent again only if the error proves that nothing was done and that it was no refusal.
    package func wait(
        after error: AWSError, attempt: Int, isRepeatable: Bool, retryAfter: Double?, random: Double
    ) -> Double? {
        guard attempt < attempts, isWorthRepeating(error) else { return nil }
        guard isRepeatable || error.fate == .notPerformed else { return nil }
        // The server's number may be anything, "-inf" too.
        if let retryAfter, retryAfter >= 0 { return min(longest, retryAfter) }
        let start = error.isThrottling ? base * 2 : base
        var bound = start
        for _ in 1..<max(1, attempt) { bound = min(longest, bound * 2) }
        return bound * random
    }

    private func isWorthRepeating(_ error: AWSError) -> Bool {
        switch error.kind {
        case .throttling, .transient: true
        case .quota, .permanent, .person: false
        // A code in no row: a 5xx, or no whole answer at all, may pass.
        case nil: (error.status ?? 500) >= 500 || error.fate == .outcomeUnknown
        }
    }
}

extension AWSError {
    static let noCredentials = "NoCredentials"
    static let cancelled = "Cancelled"
}
