package import BackupCore

/// What the service clients share: credentials, signing, sending, and sending again where that is allowed.
package struct AWSClient: Sendable {
    private let settings: AWSSettings
    let source: any CredentialSource
    private let transport: any Transport
    private let clock: any WallClock
    private let policy: RetryPolicy
    private let random: @Sendable () -> Double
    private let commons: AWSCommons
    private let account: String

    /// A client that shares `commons` with every other of the process.
    ///
    /// `account` is whose limits its calls count against, by any name; clients of the same account give the same.
    package init(
        settings: AWSSettings, credentials: any CredentialSource, transport: any Transport, clock: any WallClock,
        policy: RetryPolicy = RetryPolicy(), random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        commons: AWSCommons = AWSCommons(), account: String = ""
    ) {
        self.settings = settings
        source = credentials
        self.transport = DatedTransport(inner: transport, local: clock, skew: commons.skew)
        self.clock = CorrectedClock(local: clock, skew: commons.skew)
        self.commons = commons
        self.account = account
        self.policy = policy
        self.random = random
    }

    /// What a service's dialect says of a request and of its replies.
    struct Message: Sendable {
        var operation: Operation
        var region: Region
        var method = HTTPRequest.Method.post
        /// Of characters alone that no URL has to encode.
        var path = "/"
        /// Stands before AWS's own host, where there is one.
        var subdomain: String?
        var headers: [Header]
        var body: [UInt8]
        /// Seconds for one attempt; nil for the transport's own limit.
        var timeout: Int?
        /// Whether it is made again after a failure of the moment; if not, it takes none of the calls' common repeats.
        var isRepeated = true
        /// STS takes a web identity's token in place of a signature.
        var isSigned = true
        /// What of the body no text may show.
        var secrets: [String] = []
        /// Reads code and message from the body of an error.
        var readError: @Sendable (HTTPReply) -> (code: String, message: String, requestID: String?)
    }

    /// The body of the good reply, once `read` could make something of it.
    ///
    /// A reply that cannot be read leaves it open whether the call was performed, and is a failure like a lost one.
    func perform<Reply: Sendable>(
        _ message: Message, read: @Sendable ([UInt8]) throws -> Reply
    ) async throws(AWSError) -> Reply {
        var repeating = Repeating(message, account: account, commons: commons, policy: policy, clock: clock)
        while true {
            do {
                try await repeating.begin()
            } catch {
                throw AWSError(message, code: AWSError.cancelled, "cancelled before it was sent", fate: .notPerformed)
            }
            let (error, retryAfter): (AWSError, Double?)
            switch await attemptOnce(message, read) {
            case .success(let reply):
                repeating.succeeded()
                return reply
            case .failure(let failure): (error, retryAfter) = (failure.error, failure.retryAfter)
            }
            guard let wait = repeating.wait(after: error, retryAfter: retryAfter, random: random()) else { throw error }
            do {
                try await clock.sleep(until: clock.now + .seconds(Int64(wait.rounded(.up))))
            } catch {
                throw AWSError(
                    message, code: AWSError.cancelled, "cancelled while waiting to repeat", fate: .notPerformed)
            }
        }
    }

    private struct AttemptFailure: Error {
        var error: AWSError
        var retryAfter: Double?
    }

    private func attemptOnce<Reply: Sendable>(
        _ message: Message, _ read: @Sendable ([UInt8]) throws -> Reply
    ) async -> Result<Reply, AttemptFailure> {
        do throws(AWSError) {
            let reply = try await send(message)
            guard (200..<300).contains(reply.status) else {
                return .failure(
                    AttemptFailure(error: refusal(message, reply), retryAfter: RetryAfter.seconds(of: reply)))
            }
            do {
                return .success(try read(reply.body))
            } catch {
                throw AWSError(
                    message, code: "UnreadableReply", "the reply cannot be read: \(AWSClient.text(of: error))",
                    status: reply.status, fate: .outcomeUnknown)
            }
        } catch {
            return .failure(AttemptFailure(error: error, retryAfter: nil))
        }
    }

    /// One attempt, signed by these credentials, or by none.
    func send(_ message: Message, signedBy credentials: Credentials?) async throws(AWSError) -> HTTPReply {
        var endpoint = settings.endpoint(message.operation.service, in: message.region)
        if let subdomain = message.subdomain { endpoint.host = "\(subdomain).\(endpoint.host)" }
        var headers = message.headers + [Header("host", endpoint.host)]
        if let credentials {
            let signature = SignatureV4(
                credentials: credentials, region: message.region, service: message.operation.service.rawValue)
            headers = signature.headers(
                signing: headers, method: message.method.rawValue, path: message.path, body: message.body, at: clock.now
            )
        }
        var request = HTTPRequest(
            message.method, url: endpoint.url + message.path.dropFirst(), headers: headers, body: message.body,
            mustNotRepeat: !message.operation.isRepeatable)
        request.timeout = message.timeout
        do throws(TransportError) {
            return try await transport.send(request)
        } catch {
            throw AWSError(
                message, code: error.code, "\(endpoint.url): \(error.message)\(settings.hint(on: error))",
                fate: error.wasNotSent ? .notPerformed : .outcomeUnknown)
        }
    }

    private func refusal(_ message: Message, _ reply: HTTPReply) -> AWSError {
        let (code, text, requestID) = message.readError(reply)
        var error = AWSError(message, code: code, text, status: reply.status, fate: .notPerformed)
        error.requestID = requestID ?? reply[header: "x-amzn-requestid"] ?? reply[header: "x-amz-request-id"]
        // A call that is too much was not performed, whatever its status; another 5xx may have been.
        if reply.status >= 500, !error.isThrottling, !error.isQuota { error.fate = .outcomeUnknown }
        return error
    }

    /// The URL of the same call signed for another region, as EC2's CopySnapshot wants it of its source region.
    func presignedURL(
        _ message: Message, _ parameters: [(String, String)], in region: Region
    ) async throws(AWSError) -> String {
        let endpoint = settings.endpoint(message.operation.service, in: region)
        let signature = SignatureV4(
            credentials: try await credentials(for: message), region: region,
            service: message.operation.service.rawValue)
        let query = signature.presignedQuery(
            parameters, method: "GET", host: endpoint.host, path: "/", expires: 3600, at: clock.now)
        return "\(endpoint.url)?\(query)"
    }

    /// Whether a service is asked where the environment says, and not where AWS has it.
    func hasGivenEndpoint(_ service: Service) -> Bool { settings.isGiven(service) }

    package static func text(of error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context),
            DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            context.debugDescription
        default: "\(error)"
        }
    }
}

extension AWSError {
    init(_ message: AWSClient.Message, code: String, _ text: String, status: Int? = nil, fate: Fate) {
        self.init(
            service: message.operation.service, operation: message.operation.name, region: message.region, code: code,
            message: text, status: status, fate: fate)
    }

    /// A request that AWS would refuse, refused before the call.
    init(refusing operation: Operation, in region: Region, _ text: String) {
        self.init(
            service: operation.service, operation: operation.name, region: region, code: "InvalidParameter",
            message: text, fate: .notPerformed)
    }
}
