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
        do throws(SignatureFailure) {
            // A web identity's token is the proof; nothing is signed.
            if call.service == .sts, call.operation == STS.assumeRoleWithWebIdentity.name {
                return exchange(call, request, credentials, now).answerUnsigned()
            }
            let (signature, signer) = try verified(request, call, now)
            return exchange(call, request, signer, now).answer(signature)
        } catch {
            return exchange(call, request, credentials, now).refuse(error)
        }
    }

    private func exchange(
        _ call: Call, _ request: ReceivedRequest, _ credentials: Credentials, _ now: Moment
    ) -> Exchanging {
        Exchanging(world: world, call: call, request: request, credentials: credentials, now: now)
    }

    /// The signature, and whose it is: ours, or a session's that began here.
    private func verified(
        _ request: ReceivedRequest, _ call: Call, _ now: Moment
    ) throws(SignatureFailure) -> (VerifiedSignature, Credentials) {
        let signature = try SignatureV4.verify(
            method: request.method, path: request.path, query: request.query, headers: request.headers,
            body: request.body, now: now, expectedService: call.service.rawValue,
            secretFor: { known($0)?.secret })
        guard let signer = known(signature.accessKeyID) else { throw .unknownKey(signature.accessKeyID) }
        let token = request.headers.first { $0.name == "x-amz-security-token" }?.value
        guard token == signer.sessionToken else { throw .wrongToken }
        if let end = signer.expiration, end <= now { throw .expiredToken }
        return (signature, signer)
    }

    private func known(_ accessKeyID: String) -> Credentials? {
        if accessKeyID == credentials.accessKeyID { return credentials }
        return world.withLock { $0.session(accessKeyID) }?.credentials
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
