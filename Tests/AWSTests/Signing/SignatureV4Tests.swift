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

    static let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    /// The session token of the suite's STS cases.
    static let token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwA"
        + "eMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsbu"
        + "rEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64"
        + "lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

    /// A case of AWS's published test suite: `aws4_testsuite`.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var method = "GET"
        var path = "/"
        var query = ""
        var headers: [Header] = []
        var body = ""
        var token: String?
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
        Row(
            name: "get-header-key-duplicate",
            headers: [Header("My-Header1", "value2"), Header("My-Header1", "value2"), Header("My-Header1", "value1")],
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Row(
            name: "get-header-value-order",
            headers: [
                Header("My-Header1", "value4"), Header("My-Header1", "value1"), Header("My-Header1", "value3"),
                Header("My-Header1", "value2"),
            ], signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        Row(
            name: "get-header-value-trim",
            headers: [Header("My-Header1", " value1"), Header("My-Header2", " \"a   b   c\"")],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Row(
            name: "get-unreserved", path: "/" + unreserved,
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Row(
            name: "get-utf8", path: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Row(
            name: "get-space", path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Row(
            name: "get-slash-pointless-dot", path: "/./example",
            signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        Row(
            name: "get-slashes", path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        Row(
            name: "get-relative", path: "/example/..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Row(
            name: "get-vanilla-query-unreserved", query: "\(unreserved)=\(unreserved)",
            signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        Row(
            name: "get-vanilla-utf8-query", query: "%E1%88%B4=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Row(
            name: "get-vanilla-empty-query-key", query: "Param1=value1",
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        Row(
            name: "get-vanilla-query-order-key", query: "Param1=value2&Param1=Value1",
            signature: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
        Row(
            name: "get-vanilla-query-order-value", query: "Param1=value2&Param1=value1",
            signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
        Row(
            name: "post-header-key-sort", method: "POST", headers: [Header("My-Header1", "value1")],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Row(
            name: "post-header-value-case", method: "POST", headers: [Header("My-Header1", "VALUE1")],
            signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        Row(
            name: "post-vanilla-query", method: "POST", query: "Param1=value1",
            signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        Row(
            name: "post-sts-header-before", method: "POST", token: token,
            signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
        Row(
            name: "post-x-www-form-urlencoded-parameters", method: "POST",
            headers: [Header("Content-Type", "application/x-www-form-urlencoded; charset=utf8")], body: "Param1=value1",
            signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"),
        Row(
            name: "get-header-value-multiline",
            headers: [Header("My-Header1", "value1"), Header("My-Header1", "value2"), Header("My-Header1", "value3")],
            signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790"),
        Row(
            name: "get-relative-relative", path: "/example1/example2/../..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Row(
            name: "get-slash", path: "//", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        Row(
            name: "get-slash-dot-slash", path: "/./",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ])
    func suite(_ row: Row) throws {
        let signer = SignatureV4(
            credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secret: Self.secret, sessionToken: row.token),
            region: Region("us-east-1"), service: "service")
        let headers = signer.headers(
            signing: row.headers + [Header("Host", "example.amazonaws.com")], method: row.method, path: row.path,
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
