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
        #expect(vectors.count >= 60)
        let keys = SigningKeyCache()
        for vector in vectors {
            let date = try #require(Moment(compact: vector.date))
            let signer = SignatureV4(region: Region(vector.region), service: vector.service, date: date)
            let credentials = Credentials(
                accessKeyID: vector.accessKeyID, secret: vector.secret, sessionToken: vector.sessionToken)
            let signed = signer.signed(vector.request, as: credentials, keys: keys)
            #expect(signed.headers.value(of: "Authorization") == vector.authorization, "\(vector.name)")
            #expect(signed == signer.signed(vector.request, as: credentials), "\(vector.name), without the cache")
        }
    }

    @Test func presignsAsBotocoreDoes() throws {
        let vectors = try SignatureVectors.load().presigned
        #expect(vectors.count == 12)
        for vector in vectors {
            let date = try #require(Moment(compact: vector.date))
            let request = HTTPRequest(
                method: "GET", endpoint: Endpoint(.https, authority: vector.authority), query: vector.query)
            let url = SignatureV4(region: Region(vector.region), service: vector.service, date: date).presigned(
                request,
                as: Credentials(
                    accessKeyID: vector.accessKeyID, secret: vector.secret, sessionToken: vector.sessionToken),
                validFor: 3600)
            #expect(url.hasSuffix("&X-Amz-Signature=\(vector.signature)"), "\(vector.name) \(vector.date)")
        }
    }
}

extension SignatureVectors.Signed {
    var request: HTTPRequest {
        HTTPRequest(
            method: method, endpoint: Endpoint(.https, authority: authority, path: path), query: query,
            headers: headers.map { Header($0.name, $0.value) }, body: Array(body.utf8))
    }
}
