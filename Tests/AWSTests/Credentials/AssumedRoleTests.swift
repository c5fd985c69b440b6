import BackupCore
import Testing

@testable import AWS

/// Roles: what STS is asked, by whom, and what is said if it refuses.
@Suite struct AssumedRoleTests {
    private static let arn = "arn:aws:iam::111122223333:role/backup"

    private static func assumed(_ operation: Operation, _ key: String) -> FakeTransport.Answer {
        let credentials = Credentials(
            accessKeyID: key, secret: "s", sessionToken: "t", expiration: .published + .seconds(3600))
        let reply = AssumedRoleReply(credentials: SessionCredentials(credentials), assumedRoleUser: nil)
        return .reply(200, (try? QueryReply.sts.document(operation, reply, requestID: "r")) ?? "")
    }

    private func role(
        _ request: AssumeRoleRequest, _ network: FakeNetwork, base: any CredentialSource = FixedCredentials()
    ) -> RenewedCredentials {
        .role(
            request, in: Region("eu-west-1"), base: base, settings: .plain, transport: network, clock: FakeClock())
    }

    @Test func isTakenOnByTheBase() async throws {
        let network = FakeNetwork { _ in AssumedRoleTests.assumed(STS.assumeRole, "ASIA1") }
        let request = AssumeRoleRequest(
            roleArn: AssumedRoleTests.arn, roleSessionName: "nightly", externalId: "x/1", durationSeconds: 900)
        let credentials = try await role(request, network).credentials()
        #expect(
            credentials
                == Credentials(
                    accessKeyID: "ASIA1", secret: "s", sessionToken: "t", expiration: .published + .seconds(3600)))
        let sent = try #require(await network.requests.first)
        #expect(sent.url == "https://sts.eu-west-1.amazonaws.com/")
        #expect(
            String(decoding: sent.body, as: UTF8.self)
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fbackup"
                + "&RoleSessionName=nightly&ExternalId=x%2F1&DurationSeconds=900")
        #expect(sent.headers.contains { $0.name == "authorization" && $0.value.contains("Credential=AKIDEXAMPLE/") })
    }

    /// The token is the proof: no signature, and no credentials are looked for.
    @Test func aWebIdentitySignsNothing() async throws {
        let home = try Home()
        try home.write("web-token\n", to: "token")
        let network = FakeNetwork { _ in AssumedRoleTests.assumed(STS.assumeRoleWithWebIdentity, "ASIA2") }
        let variables = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": home.path + "/token", "AWS_ROLE_ARN": AssumedRoleTests.arn,
            "AWS_ROLE_SESSION_NAME": "pod", "AWS_REGION": "eu-west-1",
        ]
        let source = StandardCredentials(
            environment: home.environment(variables), doors: .clocked(FakeClock(), network))
        #expect(try await source.credentials().accessKeyID == "ASIA2")
        let sent = try #require(await network.requests.first)
        #expect(
            String(decoding: sent.body, as: UTF8.self)
                == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                + "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fbackup&RoleSessionName=pod"
                + "&WebIdentityToken=web-token")
        #expect(sent.headers.map(\.name) == ["content-type", "host"])
    }

    @Test func aWebIdentityNeedsItsToken() async throws {
        let home = try Home()
        let identity = WebIdentity(
            tokenFile: home.path + "/token", role: "R", sessionName: "s", region: Region("us-east-1"))
        let sts = try Bench([]).sts
        #expect(
            await failure { try await identity.fetch(from: sts) }
                == "the web identity token file \(home.path)/token cannot be read: No such file or directory; whoever "
                + "gives this service its identity must write it")
        try home.write(" \n", to: "token")
        #expect(await failure { try await identity.fetch(from: sts) }?.contains("/token is empty; whoever") == true)
    }

    @Test func aRefusalNamesTheRemedy() async throws {
        let network = FakeNetwork { _ in
            .reply(403, QueryReply.sts.error(code: "AccessDenied", message: "not authorized", requestID: "r"))
        }
        let plain = AssumeRoleRequest(roleArn: "R")
        let external = AssumeRoleRequest(roleArn: "R", externalId: "x")
        #expect(
            await failure { try await role(plain, network).credentials() }
                == "the role R cannot be taken on: AssumeRole: AccessDenied: not authorized: the role's trust policy must "
                + "name this caller, and the caller must have the right to sts:AssumeRole")
        #expect(
            await failure { try await role(external, network).credentials() }?
                .contains("must name this caller, and this external id, and the caller") == true)
        #expect(
            await failure { try await role(plain, network, base: FixedCredentials(known: nil)).credentials() }
                == "the role R cannot be taken on: AssumeRole: NoCredentials: no credentials anywhere")
    }

    /// A chain of two roles: each is signed by the one before.
    @Test func aRoleOfARole() async throws {
        let home = try Home(
            config: """
                [default]
                role_arn = outer
                source_profile = inner
                [profile inner]
                role_arn = inner
                source_profile = keys
                [profile keys]
                aws_access_key_id = K
                aws_secret_access_key = k
                """)
        let network = FakeNetwork { request in
            let isInner = String(decoding: request.body, as: UTF8.self).contains("RoleArn=inner")
            return AssumedRoleTests.assumed(STS.assumeRole, isInner ? "INNER" : "OUTER")
        }
        let source = StandardCredentials(environment: home.environment(), doors: .clocked(FakeClock(), network))
        #expect(try await source.credentials().accessKeyID == "OUTER")
        #expect(try await source.credentials().accessKeyID == "OUTER")
        let signers = await network.requests.map { request in
            request.headers.first { $0.name == "authorization" }?.value.split(separator: "/").first
        }
        #expect(
            signers == ["AWS4-HMAC-SHA256 Credential=K", "AWS4-HMAC-SHA256 Credential=INNER"],
            "each once: they are kept")
    }

    /// A clock two hours ahead, which the reply's Date shows: new credentials have not ended, and are renewed in time.
    @Test func aWrongClockEndsNothing() async throws {
        let home = try Home(
            config: "[default]\nrole_arn=R\nsource_profile=b\n[profile b]\naws_access_key_id=B\naws_secret_access_key=b"
        )
        let clock = FakeClock(.published + .seconds(7200))
        let network = FakeNetwork { _ in
            guard case .success(var reply) = AssumedRoleTests.assumed(STS.assumeRole, "ASIA3") else { return .notSent }
            reply.headers = [Header("date", "Sun, 30 Aug 2015 12:36:00 GMT")]
            return .success(reply)
        }
        let source = StandardCredentials(environment: home.environment(), doors: .clocked(clock, network))
        #expect(try await source.credentials().accessKeyID == "ASIA3")
        try await clock.sleep(until: clock.now + .seconds(2000))
        #expect(try await source.credentials().accessKeyID == "ASIA3")
        #expect(await network.requests.count == 1)
    }
}
