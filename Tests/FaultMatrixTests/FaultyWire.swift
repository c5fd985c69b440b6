import AWS
import BackupCore
import Simulation

@testable import snapwarden_sandbox

/// The sandbox behind a wire that does to calls what wires and AWS do.
final class FaultyWire: Transport {
    private let front: Front
    private let clock: any WallClock
    private let start: Moment
    private let strike: Strike?
    private let struck = Guarded(0)

    /// The client's own patience, for which a stall lasts (``CurlLimits``).
    private static let patience = Duration.seconds(60)

    init(_ world: World, clock: any WallClock, strike: Strike?) {
        front = Front(world: world, credentials: Keys.known)
        self.clock = clock
        start = clock.now
        self.strike = strike
    }

    /// How many calls met the fault.
    var strikes: Int { struck.withLock { $0 } }

    /// What the sandbox's own interface answers.
    func admin(_ path: String, query: String = "") -> String {
        let request = ReceivedRequest(method: "GET", path: "/_sandbox/\(path)", query: query, headers: [], body: [])
        guard case .reply(let reply) = front.answer(request, now: clock.now) else { return "" }
        return String(decoding: reply.body, as: UTF8.self)
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
        let received = ReceivedRequest(
            method: "POST", path: "/", query: "", headers: request.headers, body: request.body)
        guard let fault = fault(for: Call(received)) else { return try perform(received) }
        if let refusal = fault.refusal(Call(received).service) { return reply(refusal, Call(received).service) }
        guard fault.isPerformed else { throw FaultyWire.lost }
        let reply = try perform(received)
        switch fault {
        case .truncated:
            return HTTPReply(
                status: reply.status, headers: reply.headers, body: Array(reply.body.prefix(reply.body.count / 2)))
        case .garbage:
            return HTTPReply(status: reply.status, headers: reply.headers, body: (0..<64).map { UInt8($0 * 73 % 256) })
        case .drip:
            await pass(.seconds(50))
            return reply
        case .stall:
            await pass(FaultyWire.patience)
            throw TransportError(wasNotSent: false, code: "TimedOut", message: "no answer in 60 s")
        default:
            throw FaultyWire.lost
        }
    }

    private static let lost = TransportError(wasNotSent: false, code: "ConnectionLost", message: "empty reply")

    private func fault(for call: Call) -> WireFault? {
        guard let strike, call.service == strike.operation.service, call.operation == strike.operation.name else {
            return nil
        }
        let second = (clock.now - start).inSeconds
        guard (strike.from..<strike.until).contains(second) else { return nil }
        return struck.withLock { count in
            guard count < strike.most else { return nil }
            count += 1
            return strike.fault
        }
    }

    private func perform(_ request: ReceivedRequest) throws(TransportError) -> HTTPReply {
        switch front.answer(request, now: clock.now) {
        case .reply(let reply): return reply
        case .drop: throw FaultyWire.lost
        }
    }

    private func reply(_ refusal: (code: String, message: String, status: Int), _ service: Service) -> HTTPReply {
        let text =
            switch service {
            case .ec2: QueryReply.ec2.error(code: refusal.code, message: refusal.message, requestID: "r-1")
            case .sts, .s3, .sns:
                QueryReply.sts.error(
                    code: refusal.code, message: refusal.message, requestID: "r-1", isSender: refusal.status < 500)
            case .lightsail, .kms: #"{"__type":"\#(refusal.code)","message":"\#(refusal.message)"}"#
            }
        return HTTPReply(status: refusal.status, headers: [], body: Array(text.utf8))
    }

    private func pass(_ time: Duration) async { try? await clock.sleep(until: clock.now + time) }
}

/// The sandbox's one pair of keys.
struct Keys: CredentialSource {
    static let known = Credentials(accessKeyID: "AKIDSANDBOX", secret: "sandbox-secret")

    func credentials() throws(CredentialsError) -> Credentials { Keys.known }
}
