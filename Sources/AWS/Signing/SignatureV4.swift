package import BackupCore

/// AWS's Signature Version 4 for one region, service and moment: pure functions from values to values.
///
/// The stages carry AWS's own names. Source: IAM User Guide, "Create a signed AWS API request"
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
package struct SignatureV4: Sendable {
    package static let algorithm = "AWS4-HMAC-SHA256"

    package let region: String
    /// The service's signing name: `ec2`, `lightsail`, `sts`.
    package let service: String
    package let date: Moment

    package init(region: Region, service: String, date: Moment) {
        self.region = region.rawValue
        self.service = service
        self.date = date
    }

    /// `20150830T123600Z`, as in `X-Amz-Date`.
    package var timestamp: String { date.compact }
    /// `20150830`.
    package var day: String { String(date.compact.prefix(8)) }
    /// `20150830/us-east-1/iam/aws4_request`.
    package var scope: String { "\(day)/\(region)/\(service)/aws4_request" }

    /// Stage 1: the request in the one spelling that both sides can rebuild.
    ///
    /// `path` and `query` are as they stand in the URL, the query without its `?`. `headers` are those that are
    /// signed, `host` among them, in any order.
    package static func canonicalRequest(
        method: String, path: String, query: String, headers: [Header], payloadHash: String
    ) -> String {
        let canonical = canonicalHeaders(headers)
        let lines = canonical.map { "\($0.name):\($0.value)\n" }.joined()
        let names = canonical.map(\.name).joined(separator: ";")
        return [method, canonicalPath(path), canonicalQuery(query), lines, names, payloadHash].joined(separator: "\n")
    }

    /// Stage 2.
    package func stringToSign(_ canonicalRequest: String) -> String {
        [SignatureV4.algorithm, timestamp, scope, Hash.hex(Hash.sha256(canonicalRequest))].joined(separator: "\n")
    }

    /// Stage 3: the key for this day, region and service alone, so that the secret itself signs nothing else.
    package func signingKey(secret: String) -> [UInt8] {
        [day, region, service, "aws4_request"].reduce(Array("AWS4\(secret)".utf8)) { key, part in
            Hash.hmacSHA256(key: key, Array(part.utf8))
        }
    }

    /// Stage 4.
    package func signature(_ stringToSign: String, key: [UInt8]) -> String {
        Hash.hex(Hash.hmacSHA256(key: key, Array(stringToSign.utf8)))
    }
}

extension SignatureV4 {
    /// Lower-case names in order; values without outer blanks, runs of blanks as one, equal names joined by commas.
    static func canonicalHeaders(_ headers: [Header]) -> [Header] {
        var values: [String: [String]] = [:]
        for header in headers {
            values[header.name.lowercased(), default: []].append(trimmed(header.value))
        }
        return values.sorted { $0.key < $1.key }.map { Header($0.key, $0.value.joined(separator: ",")) }
    }

    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }.joined(separator: " ")
    }

    /// The path without dot segments and doubled slashes, each segment encoded once more than on the wire.
    static func canonicalPath(_ path: String) -> String {
        var kept: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = kept.popLast()
            } else {
                kept.append(segment)
            }
        }
        let end = path.hasSuffix("/") && !kept.isEmpty ? "/" : ""
        return "/" + kept.map { Percent.encoded($0) }.joined(separator: "/") + end
    }

    /// The parameters encoded in one way, by name and then by value.
    static func canonicalQuery(_ query: String) -> String {
        let pairs = query.split(separator: "&").map { part -> (name: String, value: String) in
            let cut = part.firstIndex(of: "=") ?? part.endIndex
            return (normal(part[..<cut]), normal(part[cut...].dropFirst()))
        }
        return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private static func normal(_ text: Substring) -> String { Percent.encoded(Percent.decoded(text)) }
}
