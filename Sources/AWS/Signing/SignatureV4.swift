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
        let stamp = date.compact
        var all = headers
        all.reserveCapacity(headers.count + 3)
        all.append(Header(lowercase: "x-amz-date", stamp))
        if let token = credentials.sessionToken { all.append(Header(lowercase: "x-amz-security-token", token)) }
        let authorization = SigningBench.shared.use { bench, digester in
            bench.headers.replace(by: all)
            let payload = digester.digest(of: body)
            bench.write { text, headers in
                SignatureV4.write(method: method, path: path, query: query, headers: headers, to: &text)
                text.append(hex: payload)
            }
            let key = key(at: stamp, &bench)
            let signature = signature(of: &bench, key, stamp, by: digester)
            bench.write { text, headers in writeAuthorization(headers, signature, key, to: &text) }
            return String(decoding: bench.text, as: UTF8.self)
        }
        all.append(Header(lowercase: "authorization", authorization))
        return all
    }

    private func writeAuthorization(
        _ headers: SignedHeaders, _ signature: Digest, _ key: SigningKey, to text: inout [UInt8]
    ) {
        text.append("AWS4-HMAC-SHA256 Credential=")
        text.append(credentials.accessKeyID)
        text.append(UInt8(ascii: "/"))
        text.append(contentsOf: key.scope)
        text.append(", SignedHeaders=")
        text.append(contentsOf: headers.nameBytes)
        text.append(", Signature=")
        text.append(hex: signature)
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
        var text: [UInt8] = []
        write(method: method, path: path, query: query, headers: headers, to: &text)
        return String(decoding: text, as: UTF8.self) + payloadHash
    }

    /// All of it but the payload's hash at the end.
    private static func write(
        method: String, path: String, query: String, headers: SignedHeaders, to text: inout [UInt8]
    ) {
        text.append(method)
        text.append(newline)
        text.append(canonicalPath(path))
        text.append(newline)
        text.append(canonicalQuery(query))
        text.append(newline)
        text.append(contentsOf: headers.bytes)
        text.append(newline)
        text.append(contentsOf: headers.nameBytes)
        text.append(newline)
    }

    private static func canonicalQuery(_ query: String) -> String {
        guard !query.isEmpty else { return "" }
        let pairs = query.split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }
        return pairs.sorted(by: FormText.precedes).joined(separator: "&")
    }

    /// A path without empty parts, `.` and `..`, every other byte but slashes and the unreserved ones encoded once more.
    static func canonicalPath(_ path: String) -> String {
        guard path != "/" else { return path }
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        guard !parts.isEmpty else { return "/" }
        return "/" + parts.map { FormText.encode(String($0)) }.joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
    }

    /// Stage 2.
    func stringToSign(_ canonicalRequest: String, at date: Moment) -> String {
        SigningBench.shared.use { bench, digester in
            let hash = digester.digest(of: Array(canonicalRequest.utf8))
            let key = key(at: date.compact, &bench)
            bench.write { text, _ in SignatureV4.write(stringOf: hash, key, date.compact, to: &text) }
            return String(decoding: bench.text, as: UTF8.self)
        }
    }

    private static func write(
        stringOf hash: Digest, _ key: SigningKey, _ stamp: String, to text: inout [UInt8]
    ) {
        text.append("AWS4-HMAC-SHA256\n")
        text.append(stamp)
        text.append(newline)
        text.append(contentsOf: key.scope)
        text.append(newline)
        text.append(hex: hash)
    }

    /// Stage 3, the same for a day, region and service.
    static func signingKey(secret: String, day: String, region: String, service: String) -> [UInt8] {
        var key = Array(("AWS4" + secret).utf8)
        for part in [day, region, service, "aws4_request"] { key = Hash.hmac(Array(part.utf8), key: key) }
        return key
    }

    private func key(at stamp: String, _ bench: inout SigningBench.Scratch) -> SigningKey {
        // `20261120` of `20261120T020000Z`.
        let day = String(decoding: stamp.utf8.prefix(8), as: UTF8.self)
        return bench.keys.key(secret: credentials.secret, day: day, region: region.rawValue, service: service)
    }

    package func signature(of canonicalRequest: String, at date: Moment) -> String {
        SigningBench.shared.use { bench, digester in
            bench.write { text, _ in text.append(canonicalRequest) }
            let key = key(at: date.compact, &bench)
            let signature = signature(of: &bench, key, date.compact, by: digester)
            bench.write { text, _ in text.append(hex: signature) }
            return String(decoding: bench.text, as: UTF8.self)
        }
    }

    /// Of the canonical request that lies on the bench.
    private func signature(
        of bench: inout SigningBench.Scratch, _ key: SigningKey, _ stamp: String, by digester: borrowing Digester
    ) -> Digest {
        let hash = digester.digest(of: bench.text)
        bench.write { text, _ in SignatureV4.write(stringOf: hash, key, stamp, to: &text) }
        return key.hmac.code(of: bench.text, by: digester)
    }

    package func scope(_ date: Moment) -> String {
        SigningBench.shared.use { bench, _ in String(decoding: key(at: date.compact, &bench).scope, as: UTF8.self) }
    }

    private static let newline = UInt8(ascii: "\n")
}
