import BackupCore
import Testing

@testable import AWS

/// What a call does when AWS says that its credentials have expired, and what of a refusal may be shown.
@Suite struct ExpiryAnswerTests {
    private let region = Region("us-east-1")

    /// Gives `first`, and after it was called expired `then`, nil for none or an error.
    private actor Expiring: CredentialSource {
        private var current = Credentials(accessKeyID: "OLD", secret: "old-secret", sessionToken: "old/token+==")
        private let next: Result<Credentials?, CredentialsError>

        init(_ next: Result<Credentials?, CredentialsError>) { self.next = next }

        func credentials() async throws(CredentialsError) -> Credentials { current }

        func credentials(after expired: Credentials) async throws(CredentialsError) -> Credentials? {
            let fresh = try next.get()
            if let fresh { current = fresh }
            return fresh
        }
    }

    private static let fresh = Credentials(accessKeyID: "NEW", secret: "new-secret", sessionToken: "new/token+==")

    private func client(_ network: FakeNetwork, _ source: any CredentialSource) -> AWSClient {
        AWSClient(
            settings: .plain, credentials: source, transport: network, clock: FakeClock(), random: { 0 })
    }

    private static func signer(_ request: HTTPRequest) -> String {
        let header = request.headers.first { $0.name == "authorization" }?.value ?? ""
        return String(header.dropFirst("AWS4-HMAC-SHA256 Credential=".count).prefix { $0 != "/" })
    }

    /// Even a call that must not happen twice: AWS has done nothing.
    @Test(arguments: ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
    func othersAreFetchedAndTheCallIsRepeatedOnce(_ code: String) async throws {
        let network = FakeNetwork { request in
            ExpiryAnswerTests.signer(request) == "OLD" ? .refusal(400, code) : .created
        }
        let client = client(network, Expiring(.success(ExpiryAnswerTests.fresh)))
        let request = CreateSnapshotsRequest(instanceSpecification: InstanceSpecification(instanceId: "i-1"))
        #expect(try await EC2Client(client).createSnapshots(request, in: region).snapshots.isEmpty)
        #expect(await network.requests.map(ExpiryAnswerTests.signer) == ["OLD", "NEW"])
    }

    @Test func onceOnly() async throws {
        let network = FakeNetwork { _ in .refusal(400, "ExpiredToken") }
        let client = client(network, Expiring(.success(ExpiryAnswerTests.fresh)))
        let error = await #expect(throws: AWSError.self) { try await STSClient(client).getCallerIdentity(in: region) }
        #expect(error?.code == "ExpiredToken" && error?.needsPerson == true)
        #expect(await network.requests.count == 2)
    }

    @Test func keysThatCannotBeRenewed() async throws {
        let network = FakeNetwork { _ in .refusal(400, "RequestExpired") }
        let error = await #expect(throws: AWSError.self) {
            try await STSClient(client(network, Expiring(.success(nil)))).getCallerIdentity(in: region)
        }
        #expect(error?.code == "RequestExpired")
        #expect(await network.requests.count == 1)
    }

    @Test func theRenewalFails() async throws {
        let network = FakeNetwork { _ in .refusal(400, "ExpiredToken") }
        let client = client(network, Expiring(.failure(CredentialsError("the role is gone"))))
        let error = await #expect(throws: AWSError.self) { try await STSClient(client).getCallerIdentity(in: region) }
        #expect(error?.code == "NoCredentials" && error?.message == "the role is gone" && error?.fate == .notPerformed)
        #expect(await network.requests.count == 1)
    }

    /// AWS quotes the canonical request when a signature does not match: nothing of it that is secret is kept.
    @Test func noSecretComesBack() async throws {
        let network = FakeNetwork { request in
            let sent = request.headers.map { "\($0.name):\($0.value)" }.joined(separator: "\n")
            let url =
                "X-Amz-Security-Token=\(FormText.encode("old/token+=="))&X-Amz-Signature=\(String(repeating: "aB", count: 32))"
            let text =
                "should have been \(sent) old-secret old\\/token+== %3D\(String(repeating: "0", count: 64)) \(url)"
            return .reply(403, QueryReply.sts.error(code: "SignatureDoesNotMatch", message: text, requestID: "r"))
        }
        let error = await #expect(throws: AWSError.self) {
            try await STSClient(client(network, Expiring(.success(nil)))).getCallerIdentity(in: region)
        }
        let text = try #require(error?.message)
        let sent = try #require(await network.requests.first?.headers.last?.value)
        let signature = try #require(sent.split(separator: "Signature=").last)
        #expect(signature.count == 64)
        for secret in ["old-secret", "token+", "token%2B", String(signature), "aBaB", "0000000000"] {
            #expect(!text.contains(secret), "\(secret)")
        }
        #expect(text.contains("Credential=OLD/") && text.contains("x-amz-security-token:(secret)"))
    }

    /// What is no refusal is left alone: ids and digests of things that are there.
    @Test func goodRepliesAreNotTouched() {
        let body = Array(String(repeating: "a", count: 64).utf8)
        #expect(HTTPReply(status: 200, headers: [], body: body).withoutSecrets(["a"]).body == body)
        let short = Array("\(String(repeating: "a", count: 63)) z".utf8)
        #expect(HTTPReply(status: 400, headers: [], body: short).withoutSecrets([]).body == short)
    }
}
