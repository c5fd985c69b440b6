import BackupCore
import Testing

@testable import AWS

/// AWS's own published examples, as exact strings.
@Suite struct PublishedSignatureTests {
    static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    static let headers = [
        Header("Host", "iam.amazonaws.com"),
        Header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        Header("X-Amz-Date", "20150830T123600Z"),
    ]
    static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let listUsers = SignatureV4(
        credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secret: Self.secret), region: Region("us-east-1"),
        service: "iam")

    @Test func canonicalRequest() {
        let text = SignatureV4.canonicalRequest(
            method: "GET", path: "/", query: "Version=2010-05-08&Action=ListUsers",
            headers: SignedHeaders(Self.headers),
            payloadHash: Self.empty)
        #expect(
            text == """
                GET
                /
                Action=ListUsers&Version=2010-05-08
                content-type:application/x-www-form-urlencoded; charset=utf-8
                host:iam.amazonaws.com
                x-amz-date:20150830T123600Z

                content-type;host;x-amz-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """)
        #expect(
            listUsers.stringToSign(text, at: .published) == """
                AWS4-HMAC-SHA256
                20150830T123600Z
                20150830/us-east-1/iam/aws4_request
                f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59
                """)
    }

    @Test func signingKeyAndSignature() {
        let key = SignatureV4.signingKey(
            secret: Self.secret, day: "20150830", region: "us-east-1", service: "iam")
        #expect(Hash.hex(key) == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
        let headers = listUsers.headers(
            signing: Self.headers.filter { $0.name != "x-amz-date" }, method: "GET", path: "/",
            query: "Action=ListUsers&Version=2010-05-08", body: [], at: .published)
        #expect(
            headers.last
                == Header(
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                        + "SignedHeaders=content-type;host;x-amz-date, "
                        + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var method = "GET"
        var query = ""
        var headers: [Header] = []
        var body = ""
        let signature: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Row(
            name: "get-vanilla-query-order-key-case", query: "Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Row(
            name: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Row(
            name: "post-x-www-form-urlencoded", method: "POST",
            headers: [Header("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ])
    func suite(_ row: Row) throws {
        let signer = SignatureV4(
            credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secret: Self.secret), region: Region("us-east-1"),
            service: "service")
        let headers = signer.headers(
            signing: row.headers + [Header("Host", "example.amazonaws.com")], method: row.method, path: "/",
            query: row.query, body: Array(row.body.utf8), at: .published)
        let authorization = try #require(headers.last)
        #expect(authorization.name == "authorization")
        #expect(authorization.value.hasSuffix("Signature=\(row.signature)"))
    }
}

extension Moment {
    /// The moment of AWS's published examples: 2015-08-30T12:36:00Z.
    static let published = Moment(seconds: 1_440_938_160)
}
