import BackupCore
import Testing

@testable import AWS

/// What `Fixtures/make-signatures.py` writes.
struct SignatureVectors: Decodable {
    struct Header: Decodable {
        let name: String
        let value: String
    }

    struct Signed: Decodable, Sendable, CustomTestStringConvertible {
        let name, method, authority, path, query, body, accessKeyID, secret, region, service, date,
            authorization: String
        let sessionToken: String?
        let headers: [SignatureVectors.Header]
        var testDescription: String { name }
    }

    struct Presigned: Decodable, Sendable {
        let name, authority, query, accessKeyID, secret, region, service, date, signature: String
        let sessionToken: String?
    }

    let headers: [Signed]
    let presigned: [Presigned]

    static func load() throws -> SignatureVectors { try Fixture.json("signatures.json", as: SignatureVectors.self) }
}

/// The same requests signed by botocore and by us.
@Suite struct BotocoreVectorTests {
    @Test func signsAsBotocoreDoes() throws {
        let vectors = try SignatureVectors.load().headers
        #expect(vectors.count + (try SignatureVectors.load().presigned.count) >= 500)
        for vector in vectors {
            let headers = vector.signer.headers(
                signing: vector.sent, method: vector.method, path: vector.path, query: vector.query,
                body: Array(vector.body.utf8), at: try #require(Moment(compact: vector.date)))
            #expect(headers.last == Header("authorization", vector.authorization), "\(vector.name)")
        }
    }

    @Test func presignsAsBotocoreDoes() throws {
        let vectors = try SignatureVectors.load().presigned
        #expect(vectors.count == 72)
        for vector in vectors {
            let signer = SignatureV4(
                credentials: Credentials(
                    accessKeyID: vector.accessKeyID, secret: vector.secret, sessionToken: vector.sessionToken),
                region: Region(vector.region), service: vector.service)
            let query = signer.presignedQuery(
                try #require(FormText.decode(vector.query)), method: "GET", host: vector.authority, path: "/",
                expires: 3600, at: try #require(Moment(compact: vector.date)))
            #expect(query.hasPrefix(vector.query + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="))
            #expect(query.hasSuffix("&X-Amz-Signature=\(vector.signature)"), "\(vector.name) \(vector.date)")
        }
    }
}

extension SignatureVectors.Signed {
    var signer: SignatureV4 {
        SignatureV4(
            credentials: Credentials(accessKeyID: accessKeyID, secret: secret, sessionToken: sessionToken),
            region: Region(region), service: service)
    }

    /// The headers before signing.
    var sent: [AWS.Header] { headers.map { AWS.Header($0.name, $0.value) } + [AWS.Header("Host", authority)] }
}
