import BackupCore
import Testing

@testable import AWS

/// The endpoint that gives a container its role.
@Suite struct ContainerTests {
    @Test(arguments: [
        ("http://169.254.170.23/v1/credentials", true), ("http://[fd00:ec2::23]/v1", true),
        ("http://localhost:8080/x", true), ("http://127.0.0.1/x", true), ("http://127.255.0.9:1/x", true),
        ("http://[::1]/x", true), ("https://vault.example.com/x", true), ("http://192.168.0.1/x", false),
        ("http://vault.example.com/x", false), ("http://169.254.170.24/", false), ("http://127.1/x", false),
        ("http://0.0.0.0/", false), ("http://[::2]/x", false), ("http://localhost.example.com/x", false),
    ])
    func goesToAllowedHostsAlone(_ url: String, _ isAllowed: Bool) {
        let endpoint = Result { () throws(CredentialsError) in
            try ContainerEndpoint(environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        }
        switch endpoint {
        case .success(let endpoint): #expect(isAllowed && endpoint?.url == url)
        case .failure(let error):
            #expect(!isAllowed && error.description.contains("without https it must be this machine or 169.254.170.2,"))
        }
    }

    @Test(arguments: [
        "ftp://localhost/", "localhost/x", "http://user@localhost/", "http://localhost@evil.example/", "http:///x",
        "http://local host/", "http://localhost\\@evil.example/",
    ])
    func refusesOddURLs(_ url: String) {
        let error = #expect(throws: CredentialsError.self) {
            try ContainerEndpoint(environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        }
        #expect(
            error?.description
                == "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL like http://169.254.170.23/v1/credentials")
    }

    @Test func aRelativeURIStaysOnItsHost() {
        let error = #expect(throws: CredentialsError.self) {
            try ContainerEndpoint(environment: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ".evil.example/x"])
        }
        #expect(error?.description == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /")
    }

    private func endpoint(_ more: [String: String] = [:]) throws -> ContainerEndpoint {
        let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/x"].merging(more) { $1 }
        return try #require(try ContainerEndpoint(environment: variables))
    }

    @Test func asksWithItsToken() async throws {
        let network = FakeNetwork { _ in .reply(200, document("C", end: "2026-11-20T08:00:00Z")) }
        let endpoint = try endpoint(["AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer x"])
        #expect("\(endpoint)".contains("Bearer") == false)
        let credentials = try await endpoint.fetch(network, FakeClock())
        #expect(
            credentials
                == Credentials(
                    accessKeyID: "C", secret: "s-C", sessionToken: "t-C",
                    expiration: Moment(rfc3339: "2026-11-20T08:00:00Z")))
        let request = try #require(await network.requests.first)
        #expect(request.method == .get && request.isDirect && request.timeout == 2)
        #expect(request.headers == [Header("accept", "application/json"), Header("authorization", "Bearer x")])
    }

    @Test func theTokensFileComesFirstAndIsReadEachTime() async throws {
        let home = try Home()
        try home.write("one", to: "token")
        let network = FakeNetwork { _ in .reply(200, document("C", end: "2026-11-20T08:00:00Z")) }
        let endpoint = try endpoint([
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": home.path + "/token",
        ])
        _ = try await endpoint.fetch(network, FakeClock())
        try home.write("two", to: "token")
        _ = try await endpoint.fetch(network, FakeClock())
        #expect(
            await network.requests.map { $0.headers.last } == [
                Header("authorization", "one"), Header("authorization", "two"),
            ])
        try home.write("secret\r\nx-evil: 1", to: "token")
        #expect(
            await failure { try await endpoint.fetch(network, FakeClock()) }
                == "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the token has a line break in it: write it without one")
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: FakeTransport.Answer
        let message: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Bad(
            name: "a refusal", answer: .reply(403, "secret"),
            message: "the endpoint answers with HTTP 403: is its authorization token right?"),
        Bad(
            name: "no JSON", answer: .reply(200, "secret"),
            message: "the answer is no JSON of credentials (it is not shown)"),
        Bad(
            name: "no end", answer: .reply(200, document("secret")), message: "the answer has no Expiration"),
        Bad(
            name: "a wrong end", answer: .reply(200, document("secret", end: "secret")),
            message: "the answer has an Expiration that is no time"),
        Bad(name: "nobody there", answer: .notSent, message: "refused"),
    ])
    func triesThreeTimes(_ bad: Bad) async throws {
        let network = FakeNetwork { _ in bad.answer }
        let clock = FakeClock()
        let endpoint = try endpoint()
        #expect(
            await failure { try await endpoint.fetch(network, clock) }
                == "the container's credentials (http://127.0.0.1:9/x): \(bad.message)")
        #expect(await network.requests.count == 3)
        #expect(clock.sleeps == [1, 1])
    }
}
