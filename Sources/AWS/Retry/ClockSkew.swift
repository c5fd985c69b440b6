package import BackupCore

/// How far this machine's clock is from AWS's, as AWS's replies show it; one for all clients of the process.
///
/// AWS refuses what is signed more than five minutes off. From two minutes on, which no reply takes to arrive unseen, AWS's
/// time is taken instead: calls are signed with it, and slots start by it (``CorrectedClock``).
/// Source: AWS SDKs and Tools Reference Guide ("clock skew"), and botocore, which reads `Date` likewise.
package final class ClockSkew: Sendable {
    private let state = Guarded((offset: Duration.zero, said: Duration.zero))
    private let events: (any EventSink)?

    /// A smaller difference is left alone.
    static let tolerance = Duration.seconds(120)

    package init(events: (any EventSink)? = nil) { self.events = events }

    /// What is to be added to the local clock to have AWS's.
    package var offset: Duration { state.withLock { $0.offset } }

    /// Takes a reply's Date in, of a request that was sent and answered at these moments of the local clock.
    ///
    /// A reply may have been on its way for a minute: a Date between the two agrees with this clock.
    func notice(_ date: Moment, sent: Moment, received: Moment) {
        let measured: Duration =
            date > received ? date - received : date < min(sent, received) ? date - min(sent, received) : .zero
        let news = state.withLock { state -> (old: Duration, new: Duration)? in
            // An offset is given up sooner than it is taken on: a clock that was set by hand is seldom right to the second.
            let isRightAgain = state.offset != .zero && measured.distance(to: .zero) <= ClockSkew.tolerance / 2
            guard isRightAgain || measured.distance(to: state.offset) > ClockSkew.tolerance else { return nil }
            let old = state.offset
            // What is small enough to be left alone is no offset at all.
            state.offset = measured.distance(to: .zero) > ClockSkew.tolerance ? measured : .zero
            guard state.offset != state.said,
                state.offset == .zero || state.offset.distance(to: state.said) > ClockSkew.tolerance
            else { return nil }
            state.said = state.offset
            return (old, state.offset)
        }
        if let news { events?.emit(ClockSkew.event(news.old, news.new)) }
    }

    private static func event(_ old: Duration, _ new: Duration) -> Event {
        let text =
            switch new {
            case .zero: "this machine's clock agrees with AWS's again, and is followed"
            default:
                "this machine's clock is \(new.againstAWS): slots start by AWS's time, and no point is deleted. "
                    + "Set the clock (timedatectl status)"
            }
        return Event(
            .clockSkewed, text,
            Event.Fields(reason: "offset \(old.inSeconds) s before, \(new.inSeconds) s now"))
    }
}

extension Duration {
    /// How far apart two durations are, whichever is longer.
    fileprivate func distance(to other: Duration) -> Duration { self < other ? other - self : self - other }
}

/// AWS's time: the local clock, corrected by what AWS's replies show.
package struct CorrectedClock: WallClock {
    let local: any WallClock
    let skew: ClockSkew

    package init(local: any WallClock, skew: ClockSkew) {
        self.local = local
        self.skew = skew
    }

    package var now: Moment { local.now + skew.offset }
    package var correction: Duration { skew.offset }

    package func sleep(until moment: Moment) async throws(CancellationError) {
        try await local.sleep(until: moment - skew.offset)
    }
}

/// Looks at the Date of every reply that passes.
struct DatedTransport: Transport {
    let inner: any Transport
    let local: any WallClock
    let skew: ClockSkew

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
        let sent = local.now
        let reply = try await inner.send(request)
        if !reply.isForPeople, let date = reply[header: "date"].flatMap({ Moment(httpDate: $0) }) {
            skew.notice(date, sent: sent, received: local.now)
        }
        return reply
    }
}

extension HTTPReply {
    /// A page that a proxy answers with instead of AWS, dated by its own clock; AWS answers in XML and JSON.
    fileprivate var isForPeople: Bool {
        let type = self[header: "content-type"]?.lowercased() ?? ""
        return type.hasPrefix("text/html") || type.hasPrefix("text/plain")
    }
}
