import BackupCore

/// Keeps our calls below AWS's own limits, so that AWS need not throttle us, nor others in the account because of us.
///
/// One bucket for each account, region and class of calls; all policies draw from the same. Each class has tokens of
/// its own, so that no number of reads holds a write up. A wait is as long as those take that came before and, for a
/// delete, as the creates take that came since; at the slowest one goes every two seconds.
package final class CallBudget: Sendable {
    private struct Key: Hashable {
        var account: String
        var region: Region
        var callClass: CallClass
    }

    private struct State {
        var buckets: [Key: TokenBucket] = [:]
        var lastNumber: UInt64 = 0
        var share: Double
    }

    private let state: Guarded<State>

    /// `percent`: how much of AWS's published rates is ours to use (``CallClass/published``).
    package init(percent: Int = 50) { state = Guarded(State(share: Double(percent) / 100)) }

    /// Another share, from now on; those who wait keep their places.
    package func set(percent: Int) {
        state.withLock { state in
            state.share = Double(percent) / 100
            for key in state.buckets.keys {
                let published = key.callClass.published
                state.buckets[key]?.resize(
                    atOnce: published.atOnce * state.share, aSecond: published.aSecond * state.share)
            }
        }
    }

    /// Returns once this call may be made.
    func take(_ operation: Operation, account: String, in region: Region, clock: any WallClock)
        async
        throws(CancellationError)
    {
        let key = Key(account: account, region: region, callClass: operation.callClass)
        let ticket = state.withLock { state in
            state.lastNumber += 1
            return TokenBucket.Ticket(standsAside: operation.mayStandAside, number: state.lastNumber)
        }
        while let wait = change(key, now: clock.now, { $0.take(ticket, now: $1) }) {
            do throws(CancellationError) {
                try await clock.sleep(until: clock.now + .seconds(wait))
            } catch {
                change(key, now: clock.now) { bucket, _ in bucket.leave(ticket) }
                throw error
            }
        }
    }

    /// AWS throttled a call that was sent at that moment: there will be fewer for a while.
    func throttled(_ operation: Operation, account: String, in region: Region, sent: Moment, now: Moment) {
        let key = Key(account: account, region: region, callClass: operation.callClass)
        change(key, now: now) { $0.throttled(sent: sent, now: $1) }
    }

    @discardableResult private func change<Value>(
        _ key: Key, now: Moment, _ body: (inout TokenBucket, Moment) -> Value
    ) -> Value {
        state.withLock { state in
            let published = key.callClass.published
            let fresh = TokenBucket(
                atOnce: published.atOnce * state.share, aSecond: published.aSecond * state.share, now: now)
            return body(&state.buckets[key, default: fresh], now)
        }
    }
}
