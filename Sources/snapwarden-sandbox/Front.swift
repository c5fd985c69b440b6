import AWS
import BackupCore
import Simulation

/// The way in: finds out which service is meant, checks the signature, and hands on.
struct Front: Sendable {
    private let world: Guarded<World>
    private let credentials: Credentials

    init(world: World, credentials: Credentials) {
        self.world = Guarded(world)
        self.credentials = credentials
    }

    func answer(_ request: ReceivedRequest, now: Moment) -> Answer {
        if request.path.hasPrefix("/_sandbox/") { return .reply(Admin(world: world).answer(request, now: now)) }
        let call = Call(request)
        let exchange = Exchanging(world: world, call: call, request: request, credentials: credentials, now: now)
        do throws(SignatureFailure) {
            let signature = try SignatureV4.verify(
                method: request.method, path: request.path, query: request.query, headers: request.headers,
                body: request.body, now: now, expectedService: call.service.rawValue,
                secretFor: { $0 == credentials.accessKeyID ? credentials.secret : nil })
            return exchange.answer(signature)
        } catch {
            return exchange.refuse(error)
        }
    }
}

/// Which operation of which service a request calls, by its shape alone.
struct Call: Sendable {
    let service: Service
    let operation: String
    /// The parameters of a Query API; empty for those that speak JSON.
    let parameters: [(name: String, value: String)]

    /// Before the operation's name in `X-Amz-Target` (Lightsail's model, `targetPrefix`).
    private static let targetPrefix = "Lightsail_20161128."

    init(_ request: ReceivedRequest) {
        if let target = request.headers.first(where: { $0.name == "x-amz-target" })?.value {
            service = target.hasPrefix(KMS.targetPrefix) ? .kms : .lightsail
            let prefix = service == .kms ? KMS.targetPrefix : Call.targetPrefix
            operation = target.hasPrefix(prefix) ? String(target.dropFirst(prefix.count)) : target
            parameters = []
        } else {
            let texts = [request.query, String(decoding: request.body, as: UTF8.self)]
            parameters = texts.flatMap { FormText.decode($0) ?? [] }
            let version = parameters.first { $0.name == "Version" }?.value
            service = version == STS.version ? .sts : .ec2
            operation = QueryReply.action(of: parameters) ?? ""
        }
    }
}
