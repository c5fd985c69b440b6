import BackupCore
import Testing

@testable import AWS

/// The instance metadata service: version 2, and version 1 only if somebody says so.
@Suite struct InstanceTests {
    private static let base = "http://169.254.169.254/"
    private static let path = "\(base)latest/meta-data/iam/security-credentials/"
    private static let later = "2026-11-20T08:00:00Z"

    private func metadata(_ variables: [String: String] = [:], _ profile: [String: String] = [:]) throws
        -> InstanceMetadata
    {
        try #require(try InstanceMetadata(environment: variables, profile: profile))
    }

    /// A service that has one role.
    private static func service(
        token: FakeTransport.Answer = .reply(200, "TOKEN"), list: FakeTransport.Answer = .reply(200, "backup\n"),
        role: FakeTransport.Answer = .reply(200, document("I", end: later, more: #""Code":"Success","#))
    ) -> FakeNetwork {
        FakeNetwork { request in
            switch request.url {
            case "\(base)latest/api/token": token
            case path: list
            case path + "backup": role
            default: .reply(500, "")
            }
        }
    }

    @Test func asksByVersion2() async throws {
        let network = InstanceTests.service()
        let credentials = try await metadata().fetch(network, now: .published)
        #expect(
            credentials
                == Credentials(
                    accessKeyID: "I", secret: "s-I", sessionToken: "t-I",
                    expiration: Moment(rfc3339: InstanceTests.later)))
        #expect(
            await network.lines == [
                "PUT \(InstanceTests.base)latest/api/token", "GET \(InstanceTests.path)",
                "GET \(InstanceTests.path)backup",
            ])
        let requests = await network.requests
        #expect(requests[0].headers == [Header("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
        #expect(requests[1].headers == [Header("x-aws-ec2-metadata-token", "TOKEN")])
        #expect(requests[2].headers == [Header("x-aws-ec2-metadata-token", "TOKEN")])
        #expect(requests.allSatisfy { $0.isDirect && $0.timeout == 1 })
    }

    @Test(
        arguments: [
            ([:], [:], false), (["AWS_EC2_METADATA_V1_DISABLED": "true"], [:], false),
            (["AWS_EC2_METADATA_V1_DISABLED": "0"], [:], false), (["AWS_EC2_METADATA_V1_DISABLED": "False"], [:], true),
            ([:], ["ec2_metadata_v1_disabled": "false"], true),
            (["AWS_EC2_METADATA_V1_DISABLED": "true"], ["ec2_metadata_v1_disabled": "false"], false),
        ] as [([String: String], [String: String], Bool)])
    func version1OnlyIfAskedFor(_ variables: [String: String], _ profile: [String: String], _ isAsked: Bool)
        async throws
    {
        let network = InstanceTests.service(token: .reply(403, ""))
        let metadata = try metadata(variables, profile)
        let key = try? await metadata.fetch(network, now: .published).accessKeyID
        #expect(key == (isAsked ? "I" : nil))
        let requests = await network.requests
        #expect(requests.count == (isAsked ? 3 : 1))
        #expect(requests.dropFirst().allSatisfy { $0.headers.isEmpty })
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        var attempts = 1
        let network: FakeNetwork
        let requests: Int
        let message: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Bad(name: "nobody there", network: service(token: .notSent), requests: 1, message: "refused"),
        Bad(
            name: "nobody there, thrice", attempts: 3, network: service(token: .notSent), requests: 3,
            message: "refused"),
        Bad(
            name: "no version 2", attempts: 3, network: service(token: .reply(404, "")), requests: 1,
            message: "it gives no token for version 2 (HTTP 404)"),
        Bad(
            name: "trouble", attempts: 2, network: service(token: .reply(503, "")), requests: 2,
            message: "it gives no token for version 2 (HTTP 503)"),
        Bad(
            name: "no role", network: service(list: .reply(404, "")), requests: 2, message: "this instance has no role"),
        Bad(
            name: "an empty list", attempts: 2, network: service(list: .reply(200, "")), requests: 3,
            message: "its answer to /latest/meta-data/iam/security-credentials/ cannot be read"),
        Bad(
            name: "a role that is none", network: service(list: .reply(200, "../../secret")), requests: 2,
            message: "it names a role that is none"),
        Bad(
            name: "no JSON", attempts: 2, network: service(role: .reply(200, "secret")), requests: 4,
            message: "its answer to /latest/meta-data/iam/security-credentials/backup cannot be read"),
        Bad(
            name: "an error in place of credentials",
            network: service(role: .reply(200, #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"secret"}"#)),
            requests: 3, message: "it has no credentials for the role backup: AssumeRoleUnauthorizedAccess"),
        Bad(
            name: "half of them", network: service(role: .reply(200, document("secret"))), requests: 3,
            message: "its answer has no Expiration"),
    ])
    func saysWhatIsWrong(_ bad: Bad) async throws {
        let metadata = try metadata(["AWS_METADATA_SERVICE_NUM_ATTEMPTS": "\(bad.attempts)"])
        #expect(
            await failure { try await metadata.fetch(bad.network, now: .published) }
                == "the instance metadata service \(InstanceTests.base): \(bad.message); set AWS_ACCESS_KEY_ID and "
                + "AWS_SECRET_ACCESS_KEY, write a profile into one of these files, or give the instance a role")
        #expect(await bad.network.requests.count == bad.requests)
    }

    /// Old credentials from a service in trouble go on being used, for 17 to 25 minutes.
    @Test func oldCredentialsLiveOn() async throws {
        let network = InstanceTests.service(role: .reply(200, document("I", end: "2015-08-30T12:00:00Z")))
        let credentials = try await metadata().fetch(network, now: .published)
        let left = try #require(credentials.expiration) - .published
        #expect((17 * 60...25 * 60).contains(left.inSeconds))
    }

    @Test(
        arguments: [
            ([:], [:], "http://169.254.169.254/ 1 × 1"), (["AWS_EC2_METADATA_DISABLED": "TRUE"], [:], "off"),
            (["AWS_EC2_METADATA_DISABLED": "1"], [:], "http://169.254.169.254/ 1 × 1"),
            (["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://m:1"], [:], "http://m:1/ 1 × 1"),
            ([:], ["ec2_metadata_service_endpoint": "http://m/"], "http://m/ 1 × 1"),
            (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], [:], "http://[fd00:ec2::254]/ 1 × 1"),
            (["AWS_IMDS_USE_IPV6": "true"], [:], "http://[fd00:ec2::254]/ 1 × 1"),
            (
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv4"], ["imds_use_ipv6": "true"],
                "http://169.254.169.254/ 1 × 1"
            ),
            (
                ["AWS_METADATA_SERVICE_TIMEOUT": "5"],
                ["metadata_service_timeout": "7", "metadata_service_num_attempts": "4"], "http://169.254.169.254/ 4 × 5"
            ),
            (
                ["AWS_METADATA_SERVICE_TIMEOUT": "0.5"], [:],
                "AWS_METADATA_SERVICE_TIMEOUT (metadata_service_timeout in a profile) is \"0.5\": write a whole number from 1"
            ),
            (
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "v6"], [:],
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"v6\": write ipv4 or ipv6"
            ),
            (
                ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "m"], [:],
                "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL like http://169.254.169.254/"
            ),
        ] as [([String: String], [String: String], String)])
    func settings(_ variables: [String: String], _ profile: [String: String], _ expected: String) {
        do throws(CredentialsError) {
            let found = try InstanceMetadata(environment: variables, profile: profile)
            #expect((found.map { "\($0.base) \($0.attempts) × \($0.timeout)" } ?? "off") == expected)
        } catch {
            #expect(error.description == expected)
        }
    }

    /// The last of the chain says where all was looked.
    @Test func theChainsEnd() async throws {
        let home = try Home()
        let source = StandardCredentials(
            environment: home.environment(), doors: .clocked(FakeClock(), InstanceTests.service(token: .notSent)))
        let text = await failure { try await source.credentials() }
        #expect(
            text?.replacing(home.path, with: "~") == """
                no AWS credentials for profile "default": looked in AWS_ACCESS_KEY_ID, ~/.aws/credentials (No such file or \
                directory), ~/.aws/config (No such file or directory); the instance metadata service \
                http://169.254.169.254/: refused; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write a profile into \
                one of these files, or give the instance a role
                """)
    }
}
