import BackupCore

@testable import AWS

/// A network that answers from a script, in order, and keeps what was sent.
actor FakeTransport: Transport {
    typealias Answer = Result<HTTPReply, TransportError>

    private var script: [Answer]
    private(set) var requests: [HTTPRequest] = []

    init(_ script: [Answer]) { self.script = script }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
        requests.append(request)
        guard !script.isEmpty else { throw TransportError(wasNotSent: true, code: "ScriptEnded", message: "") }
        return try script.removeFirst().get()
    }
}

/// A clock that is where it was last asked to sleep to.
///
/// `@unchecked Sendable`: under the lock.
final class FakeClock: WallClock, @unchecked Sendable {
    private let lock = Lock()
    private var moment: Moment
    private var slept: [Int64] = []
    private let isCancelled: Bool

    init(_ moment: Moment = .published, isCancelled: Bool = false) {
        self.moment = moment
        self.isCancelled = isCancelled
    }

    var now: Moment { lock.locked { moment } }
    /// The seconds of each sleep.
    var sleeps: [Int64] { lock.locked { slept } }

    func sleep(until moment: Moment) async throws(CancellationError) {
        if isCancelled { throw CancellationError() }
        lock.locked {
            slept.append((moment - self.moment).inSeconds)
            self.moment = moment
        }
    }
}

struct FixedCredentials: CredentialSource {
    var known: Credentials? = Credentials(accessKeyID: "AKIDEXAMPLE", secret: "secret", sessionToken: "token")

    func credentials() throws(CredentialsError) -> Credentials {
        guard let known else { throw CredentialsError("no credentials anywhere") }
        return known
    }
}

/// A client over the fakes.
struct Bench {
    let transport: FakeTransport
    let clock: FakeClock
    let client: AWSClient

    init(
        _ script: [FakeTransport.Answer], clock: FakeClock = FakeClock(), credentials: FixedCredentials = .init(),
        random: Double = 1, environment: [String: String] = [:], commons: AWSCommons = AWSCommons()
    ) throws {
        transport = FakeTransport(script)
        self.clock = clock
        client = AWSClient(
            settings: try AWSSettings(environment: environment), credentials: credentials, transport: transport,
            clock: clock, random: { random }, commons: commons)
    }

    var ec2: EC2Client { EC2Client(client) }
    var lightsail: LightsailClient { LightsailClient(client) }
    var sts: STSClient { STSClient(client) }
}

extension FakeTransport.Answer {
    static func reply(_ status: Int, _ text: String, _ headers: [Header] = []) -> Self {
        .success(HTTPReply(status: status, headers: headers, body: Array(text.utf8)))
    }

    static func refusal(_ status: Int, _ code: String, _ headers: [Header] = []) -> Self {
        .reply(status, QueryReply.ec2.error(code: code, message: "m", requestID: "r-1"), headers)
    }

    static let notSent = Self.failure(TransportError(wasNotSent: true, code: "ConnectionRefused", message: "refused"))
    static let lost = Self.failure(TransportError(wasNotSent: false, code: "ConnectionLost", message: "empty reply"))
    static let created = Self.reply(200, "<CreateSnapshotsResponse><snapshotSet/></CreateSnapshotsResponse>")
    static let described = Self.reply(200, "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>")
}
