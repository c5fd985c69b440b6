import BackupCore

@testable import AWS

/// A network that answers each request by a rule, and keeps what was sent.
actor FakeNetwork: Transport {
    typealias Rule = @Sendable (HTTPRequest) -> FakeTransport.Answer

    private let rule: Rule
    private(set) var requests: [HTTPRequest] = []

    init(_ rule: @escaping Rule) { self.rule = rule }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
        requests.append(request)
        return try rule(request).get()
    }

    /// `PUT http://…`, one for each request.
    var lines: [String] { requests.map { "\($0.method.rawValue) \($0.url)" } }
}

/// A program that does what it is told.
struct FakeChild: ChildRunner {
    var outcome: ChildOutcome
    func run(_ words: [String], seconds: Int) async -> ChildOutcome { outcome }
}

extension CredentialDoors {
    /// Through which nothing comes.
    static var none: CredentialDoors { clocked(FakeClock()) }

    static func clocked(
        _ clock: FakeClock, _ transport: any Transport = FakeTransport([]), child: ChildOutcome = .tookTooLong,
        commons: AWSCommons = AWSCommons()
    ) -> CredentialDoors {
        CredentialDoors(
            settings: .plain, transport: transport, clock: clock, commons: commons,
            children: FakeChild(outcome: child))
    }
}

extension AWSSettings {
    /// AWS itself.
    static var plain: AWSSettings {
        guard let settings = try? AWSSettings(environment: [:]) else {
            preconditionFailure("no variables, no mistakes")
        }
        return settings
    }
}

/// The JSON in which credentials are handed over.
func document(_ key: String, end: String? = nil, token: String = "Token", more: String = "") -> String {
    let expiration = end.map { #","Expiration":"\#($0)""# } ?? ""
    return #"{\#(more)"AccessKeyId":"\#(key)","SecretAccessKey":"s-\#(key)","\#(token)":"t-\#(key)"\#(expiration)}"#
}

/// What is thrown, in its own words.
func failure(_ body: () async throws -> some Sendable) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
