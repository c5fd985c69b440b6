import BackupCore
import Testing

@testable import AWS

/// The server's half: a good signature passes, and one with any part altered fails.
@Suite struct VerifyTests {
    /// What a server sees of one request.
    struct Received: Sendable {
        var method = "POST"
        var path = "/"
        var query = "b=2&a=1"
        var headers: [Header]
        var body = Array("Action=DescribeSnapshots&Version=2016-11-15".utf8)

        func verified(at now: Moment = .published, region: String? = nil, service: String? = nil)
            throws(SignatureFailure) -> VerifiedSignature
        {
            try SignatureV4.verify(
                method: method, path: path, query: query, headers: headers, body: body, now: now,
                expectedRegion: region.map { Region($0) }, expectedService: service,
                secretFor: { $0 == "AKIDEXAMPLE" ? "secret" : nil })
        }

        mutating func set(_ name: String, _ value: String?) {
            headers.removeAll { $0.name.lowercased() == name.lowercased() }
            if let value { headers.append(Header(name, value)) }
        }

        mutating func replace(_ part: String, with other: String) {
            let text = headers.first { $0.name == "authorization" }?.value ?? ""
            set("Authorization", text.split(separator: part, omittingEmptySubsequences: false).joined(separator: other))
        }
    }

    static let good: Received = {
        let signer = SignatureV4(
            credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secret: "secret", sessionToken: "token"),
            region: Region("eu-west-1"), service: "ec2")
        let headers = signer.headers(
            signing: [
                Header("Content-Type", "application/x-www-form-urlencoded"), Header("X-Amz-Target", "T.Op"),
                Header("Host", "127.0.0.1:5000"),
            ], method: "POST", path: "/", query: "b=2&a=1",
            body: Array("Action=DescribeSnapshots&Version=2016-11-15".utf8), at: .published)
        return Received(headers: [Header("User-Agent", "x")] + headers)
    }()

    @Test func acceptsWhatWeSign() throws {
        let verified = try Self.good.verified(region: "eu-west-1", service: "ec2")
        #expect(verified == VerifiedSignature(accessKeyID: "AKIDEXAMPLE", region: "eu-west-1", service: "ec2"))
    }

    @Test func acceptsWhatBotocoreSigns() throws {
        for vector in try SignatureVectors.load().headers {
            var headers = vector.sent + [Header("X-Amz-Date", vector.date)]
            if let token = vector.sessionToken { headers.append(Header("X-Amz-Security-Token", token)) }
            headers.append(Header("Authorization", vector.authorization))
            let now = try #require(Moment(compact: vector.date))
            let verified = try SignatureV4.verify(
                method: vector.method, path: vector.path, query: vector.query, headers: headers,
                body: Array(vector.body.utf8), now: now, secretFor: { _ in vector.secret })
            #expect(verified.service == vector.service)
        }
    }

    /// One change to a good request, and the failure it must give (a mismatch if nil).
    struct Change: Sendable, CustomTestStringConvertible {
        let name: String
        let expected: SignatureFailure?
        let apply: @Sendable (inout Received) -> Void
        var testDescription: String { name }

        init(_ name: String, _ expected: SignatureFailure? = nil, _ apply: @escaping @Sendable (inout Received) -> Void)
        {
            (self.name, self.expected, self.apply) = (name, expected, apply)
        }
    }

    @Test(arguments: [
        Change("method") { $0.method = "GET" },
        Change("path") { $0.path = "/other" },
        Change("query") { $0.query = "b=2&a=2" },
        Change("body") { $0.body += [33] },
        Change("host") { $0.set("Host", "127.0.0.1:5001") },
        Change("content type") { $0.set("Content-Type", "text/plain") },
        Change("target") { $0.set("X-Amz-Target", "T.Delete") },
        Change("session token") { $0.set("X-Amz-Security-Token", "other") },
        Change("token removed") { $0.set("X-Amz-Security-Token", nil) },
        Change("date, same day") { $0.set("X-Amz-Date", "20150830T123601Z") },
        Change("signature") { $0.replace("Signature=", with: "Signature=0") },
        Change("region in the scope") { $0.replace("eu-west-1", with: "eu-west-2") },
        Change("service in the scope") { $0.replace("/ec2/", with: "/sts/") },
        Change("no authorization", .missing) { $0.set("Authorization", nil) },
        Change("another algorithm", .incomplete("it must begin with AWS4-HMAC-SHA256")) {
            $0.replace("AWS4-HMAC-SHA256", with: "AWS3")
        },
        Change("no credential", .incomplete("Credential is missing")) { $0.replace("Credential", with: "Cred") },
        Change("no signed headers", .incomplete("SignedHeaders is missing")) {
            $0.replace("SignedHeaders", with: "Signed")
        },
        Change("no signature", .incomplete("Signature is missing")) { $0.replace(" Signature", with: " Sig") },
        Change(
            "short scope", .incomplete("Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request")
        ) { $0.replace("/aws4_request", with: "") },
        Change("no date", .incomplete("X-Amz-Date is missing or not of the form 20261120T020000Z")) {
            $0.set("X-Amz-Date", nil)
        },
        Change("unknown key", .unknownKey("AKIDOTHER")) { $0.replace("AKIDEXAMPLE", with: "AKIDOTHER") },
        Change("unsigned target", .unsigned(header: "x-amz-target")) {
            $0.replace("x-amz-target", with: "x-amz-other")
        },
        Change("added header", .unsigned(header: "x-amz-acl")) { $0.set("X-Amz-Acl", "public") },
        Change("unsigned host", .unsigned(header: "host")) { $0.replace(";host", with: "") },
        Change("scope of another day", .wrongScope(part: "date", found: "20150830", expected: "20150829")) {
            $0.set("X-Amz-Date", "20150829T235959Z")
        },
    ])
    func refuses(_ change: Change) {
        var received = Self.good
        change.apply(&received)
        let failure = #expect(throws: SignatureFailure.self) { try received.verified() }
        if let expected = change.expected {
            #expect(failure == expected)
        } else if case .mismatch? = failure {
        } else {
            Issue.record("\(change.name): \(String(describing: failure)) is no mismatch")
        }
    }

    @Test func judgesTheDate() throws {
        let limit = SignatureV4.allowedSkew
        _ = try Self.good.verified(at: .published + limit)
        _ = try Self.good.verified(at: .published - limit)
        #expect(throws: SignatureFailure.skewed(date: "20150830T123600Z", now: "20150830T125101Z")) {
            try Self.good.verified(at: .published + limit + .seconds(1))
        }
        #expect(throws: SignatureFailure.skewed(date: "20150830T123600Z", now: "20150830T122059Z")) {
            try Self.good.verified(at: .published - limit - .seconds(1))
        }
    }

    @Test func judgesTheScope() {
        #expect(throws: SignatureFailure.wrongScope(part: "region", found: "eu-west-1", expected: "us-east-1")) {
            try Self.good.verified(region: "us-east-1")
        }
        #expect(throws: SignatureFailure.wrongScope(part: "service", found: "ec2", expected: "lightsail")) {
            try Self.good.verified(service: "lightsail")
        }
    }
}
