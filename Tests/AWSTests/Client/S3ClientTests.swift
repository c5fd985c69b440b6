import BackupCore
import Testing

@testable import AWS

/// What is asked of S3, and what follows from its answers.
@Suite struct S3ClientTests {
    private static func bucket(_ name: String = "dr-records") -> SidecarBucket {
        SidecarBucket(name: name, prefix: "acme", region: Region("eu-west-1"))
    }

    private static func error(_ code: String) -> String {
        "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>m</Message><RequestId>R1</RequestId></Error>"
    }

    @Test(
        arguments: [
            ("the bucket's own host", "dr-records", [:], "https://dr-records.s3.eu-west-1.amazonaws.com/acme/k.json"),
            ("dots in its name", "dr.records", [:], "https://s3.eu-west-1.amazonaws.com/dr.records/acme/k.json"),
            (
                "a given endpoint", "dr-records", ["AWS_ENDPOINT_URL_S3": "http://localhost:9000"],
                "http://localhost:9000/dr-records/acme/k.json"
            ),
            (
                "FIPS", "dr-records", ["AWS_USE_FIPS_ENDPOINT": "true"],
                "https://dr-records.s3-fips.eu-west-1.amazonaws.com/acme/k.json"
            ),
            (
                "dual-stack", "dr-records", ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
                "https://dr-records.s3.dualstack.eu-west-1.amazonaws.com/acme/k.json"
            ),
        ] as [(String, String, [String: String], String)])
    func whereABucketIs(what: String, name: String, environment: [String: String], url: String) async throws {
        let bench = try Bench([.reply(200, "")], environment: environment)
        try await S3Client(bench.client).putOnce(
            [1], type: "application/json", key: "acme/k.json", in: S3ClientTests.bucket(name))
        let request = try #require(await bench.transport.requests.first)
        #expect(request.url == url, "\(what)")
        #expect(request.method == .put && request.body == [1])
        #expect(request.headers.contains(Header("if-none-match", "*")))
        #expect(
            request.headers.contains(
                Header("x-amz-content-sha256", "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a")))
    }

    @Test func whatIsThereStays() async throws {
        let bench = try Bench([.reply(412, S3ClientTests.error("PreconditionFailed"))])
        try await S3Client(bench.client).putOnce([], type: "text/plain", key: "k", in: S3ClientTests.bucket())
        #expect(await bench.transport.requests.count == 1)
    }

    /// Once more after a lost reply, and that is all: backups may need the repeats.
    @Test(arguments: [
        (TransportError(wasNotSent: false, code: "ConnectionLost", message: ""), 2),
        (TransportError(wasNotSent: true, code: "ConnectionRefused", message: ""), 1),
    ])
    func aPutIsHardlyRepeated(error: TransportError, attempts: Int) async throws {
        let bench = try Bench([.failure(error), .failure(error), .failure(error)])
        await #expect(throws: AWSError.self) {
            try await S3Client(bench.client).putOnce([], type: "text/plain", key: "k", in: S3ClientTests.bucket())
        }
        let requests = await bench.transport.requests
        #expect(requests.count == attempts && requests.allSatisfy { $0.timeout == 10 })
        #expect(bench.clock.sleeps.isEmpty)
    }

    @Test func whatIsNotThereIsNil() async throws {
        let bench = try Bench([.reply(404, S3ClientTests.error("NoSuchKey")), .reply(200, "{}")])
        let s3 = S3Client(bench.client)
        #expect(try await s3.get("k", in: S3ClientTests.bucket()) == nil)
        #expect(try await s3.get("k", in: S3ClientTests.bucket()) == Array("{}".utf8))
    }

    /// S3 says where the bucket is in any answer from elsewhere; that is remembered.
    @Test(arguments: [
        (301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed"), (307, "TemporaryRedirect"),
    ])
    func followsToAnotherRegion(status: Int, code: String) async throws {
        let told = [Header("x-amz-bucket-region", "ap-south-1")]
        let bench = try Bench([
            .reply(status, S3ClientTests.error(code), told), .reply(200, "a"), .reply(200, "b"),
        ])
        let s3 = S3Client(bench.client)
        #expect(try await s3.get("k", in: S3ClientTests.bucket()) == Array("a".utf8))
        #expect(try await s3.get("k", in: S3ClientTests.bucket()) == Array("b".utf8))
        let hosts = await bench.transport.requests.map { $0.url.split(separator: "/")[1] }
        #expect(
            hosts == [
                "dr-records.s3.eu-west-1.amazonaws.com", "dr-records.s3.ap-south-1.amazonaws.com",
                "dr-records.s3.ap-south-1.amazonaws.com",
            ])
    }

    @Test func aRefusalIsNoRedirect() async throws {
        let told = [Header("x-amz-bucket-region", "eu-west-1")]
        let bench = try Bench([.reply(403, S3ClientTests.error("AccessDenied"), told)])
        let error = await #expect(throws: AWSError.self) {
            try await S3Client(bench.client).get("k", in: S3ClientTests.bucket())
        }
        #expect(error?.code == "AccessDenied" && error?.requestID == "R1" && error?.needsPerson == true)
        #expect(await bench.transport.requests.count == 1)
    }
}
