import BackupCore

/// The calls of one class that may be made now, and who waits for the next.
///
/// Tokens come at a steady rate up to a number that may be spent at once. A throttling answer of AWS halves the rate
/// and empties the bucket; the rate then grows back evenly, from nothing to all of it in ten minutes. That is simpler
/// than the cubic curve of botocore's adaptive mode, needs no measured rate, and does what matters: several clients that
/// share AWS's bucket and all halve and grow back come to equal shares of it (additive increase, multiplicative
/// decrease: Chiu and Jain, 1989).
struct TokenBucket: Sendable {
    /// Waits are served in this order: what protects first, then by arrival.
    struct Ticket: Sendable, Hashable, Comparable {
        var standsAside: Bool
        var number: UInt64

        static func < (a: Ticket, b: Ticket) -> Bool {
            a.standsAside == b.standsAside ? a.number < b.number : !a.standsAside
        }
    }

    private var capacity: Double
    private var fullRate: Double
    private var tokens: Double
    private var filled: Moment
    /// The rate that the last throttling answer left, and when it came.
    private var cut: (rate: Double, at: Moment)?
    private var waiting: [Ticket] = []

    /// The rate never falls lower: botocore's `_MIN_RATE`, a call every two seconds.
    static let slowest = 0.5
    /// So long it takes the rate to grow from nothing to all of it.
    static let recovery = 600.0

    init(atOnce: Double, aSecond: Double, now: Moment) {
        capacity = max(1, atOnce)
        fullRate = aSecond
        tokens = capacity
        filled = now
    }

    /// The same bucket at another rate; what it holds beyond the new size is lost.
    mutating func resize(atOnce: Double, aSecond: Double) {
        capacity = max(1, atOnce)
        fullRate = aSecond
        tokens = min(tokens, capacity)
    }

    /// Tokens a second at this moment.
    func rate(_ now: Moment) -> Double {
        guard let cut else { return fullRate }
        let grown = cut.rate + fullRate * Double(max(0, (now - cut.at).inSeconds)) / TokenBucket.recovery
        return min(fullRate, max(grown, min(fullRate, TokenBucket.slowest)))
    }

    /// Takes a token for this ticket, and returns nil; or how many seconds it should wait before it asks again.
    ///
    /// Tokens of those who stand before it are left to them, though they have not come for them yet.
    mutating func take(_ ticket: Ticket, now: Moment) -> Int64? {
        refill(now)
        let place = waiting.firstIndex(of: ticket) ?? insert(ticket)
        let missing = Double(place + 1) - tokens
        guard missing > 0 else {
            waiting.remove(at: place)
            tokens -= 1
            return nil
        }
        return Int64(min(60, max(1, (missing / rate(now)).rounded(.up))))
    }

    /// Whoever waits no more.
    mutating func leave(_ ticket: Ticket) { waiting.removeAll { $0 == ticket } }

    /// AWS throttled a call that was sent at that moment.
    ///
    /// Calls that were under way when the rate was cut say nothing of the new one.
    mutating func throttled(sent: Moment, now: Moment) {
        refill(now)
        if let cut, sent <= cut.at, cut.at <= now { return }
        cut = (max(rate(now) / 2, min(fullRate, TokenBucket.slowest)), now)
        tokens = min(tokens, 0)
    }

    private mutating func refill(_ now: Moment) {
        // A clock set back fills nothing, and holds nothing up either.
        let seconds = Double(max(0, (now - filled).inSeconds))
        tokens = min(capacity, tokens + seconds * rate(now))
        filled = now
    }

    private mutating func insert(_ ticket: Ticket) -> Int {
        let place = waiting.firstIndex { ticket < $0 } ?? waiting.endIndex
        waiting.insert(ticket, at: place)
        return place
    }
}
