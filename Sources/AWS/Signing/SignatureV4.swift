package import BackupCore

/// AWS's Signature Version 4: values in, values out, the date a parameter.
///
/// The stages are named as AWS names them.
/// Source: IAM User Guide, "Create a signed AWS API request" (reference_sigv-create-signed-request).
package struct SignatureV4: Sendable {
    package var credentials: Credentials
    package var region: Region
    package var service: String

    package static let algorithm = "AWS4-HMAC-SHA256"

    package init(credentials: Credentials, region: Region, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers of a signed request: those given, and `x-amz-date`, `x-amz-security-token`, `authorization`.
    package func headers(
        signing headers: [Header], method: String, path: String, query: String = "", body: [UInt8], at date: Moment
    ) -> [Header] {
        var headers = headers + [Header("x-amz-date", date.compact)]
        if let token = credentials.sessionToken { headers.append(Header("x-amz-security-token", token)) }
        let signed = SignedHeaders(headers)
        let request = SignatureV4.canonicalRequest(
            method: method, path: path, query: query, headers: signed, payloadHash: Hash.hex(Hash.sha256(body)))
        let authorization =
            "\(SignatureV4.algorithm) Credential=\(credentials.accessKeyID)/\(scope(date)), "
            + "SignedHeaders=\(signed.names), Signature=\(signature(of: request, at: date))"
        return headers + [Header("authorization", authorization)]
    }

    /// The query of a presigned URL: the parameters given, and the signature's own.
    package func presignedQuery(
        _ parameters: [(String, String)], method: String, host: String, path: String, expires: Int, at date: Moment
    ) -> String {
        let signed = SignedHeaders([Header("host", host)])
        var all =
            parameters + [
                ("X-Amz-Algorithm", SignatureV4.algorithm),
                ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(date))"), ("X-Amz-Date", date.compact),
                ("X-Amz-Expires", String(expires)), ("X-Amz-SignedHeaders", signed.names),
            ]
        if let token = credentials.sessionToken { all.append(("X-Amz-Security-Token", token)) }
        let query = FormText.encode(all)
        let request = SignatureV4.canonicalRequest(
            method: method, path: path, query: query, headers: signed, payloadHash: Hash.hex(Hash.sha256([])))
        return query + "&X-Amz-Signature=" + signature(of: request, at: date)
    }

    /// Stage 1.
    package static func canonicalRequest(
        method: String, path: String, query: String, headers: SignedHeaders, payloadHash: String
    ) -> String {
        let pairs = query.isEmpty ? [] : query.split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }
        return [
            method, canonicalPath(path), pairs.sorted(by: FormText.precedes).joined(separator: "&"),
            headers.canonical, headers.names, payloadHash,
        ].joined(separator: "\n")
    }

    /// A path without empty parts, `.` and `..`, every other byte but slashes and the unreserved ones encoded once more.
    static func canonicalPath(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        guard !parts.isEmpty else { return "/" }
        return "/" + parts.map { FormText.encode(String($0)) }.joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
    }

    /// Stage 2.
    func stringToSign(_ canonicalRequest: String, at date: Moment) -> String {
        [
            SignatureV4.algorithm, date.compact, scope(date),
            Hash.hex(Hash.sha256(Array(canonicalRequest.utf8))),
        ].joined(separator: "\n")
    }

    /// Stage 3, the same for a day, region and service.
    static func signingKey(secret: String, day: String, region: String, service: String) -> [UInt8] {
        var key = Array(("AWS4" + secret).utf8)
        for part in [day, region, service, "aws4_request"] { key = Hash.hmac(Array(part.utf8), key: key) }
        return key
    }

    package func signature(of canonicalRequest: String, at date: Moment) -> String {
        let key = SigningKeyCache.shared.key(
            secret: credentials.secret, day: String(date.compact.prefix(8)), region: region.rawValue, service: service)
        return Hash.hex(Hash.hmac(Array(stringToSign(canonicalRequest, at: date).utf8), key: key))
    }

    package func scope(_ date: Moment) -> String { "\(date.compact.prefix(8))/\(region)/\(service)/aws4_request" }
}

/// A header of a request or reply; names compare without regard to case.
package struct Header: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name.lowercased()
        self.value = value
    }
}

/// The headers that are signed, in the two forms the canonical request needs.
package struct SignedHeaders: Sendable {
    /// `content-type;host;x-amz-date`.
    let names: String
    /// A line for each, with runs of blanks folded to one, and an empty line.
    let canonical: String

    package init(_ headers: [Header]) {
        // The values of one name stand in one line, joined by commas.
        var values: [String: [String]] = [:]
        for header in headers { values[header.name, default: []].append(SignedHeaders.folded(header.value)) }
        let sorted = values.sorted { $0.key < $1.key }
        names = sorted.map(\.key).joined(separator: ";")
        canonical = sorted.map { "\($0.key):\($0.value.joined(separator: ","))\n" }.joined()
    }

    private static func folded(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}
