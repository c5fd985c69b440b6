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
        let digester = Digester()
        let signed = SignedHeaders(all)
        let request = SignatureV4.canonicalBytes(
            method: method, path: path, query: query, headers: signed,
            payloadHash: Hash.hexBytes(digester.digest(of: body)))
        let signature = signature(of: request, stamp: stamp, by: digester)
        all.append(Header(lowercase: "authorization", authorization(signed, signature, stamp)))
        return all
    }

    private func authorization(_ signed: SignedHeaders, _ signature: [UInt8], _ stamp: String) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(160 + credentials.accessKeyID.utf8.count + signed.nameBytes.count)
        text.append(SignatureV4.algorithm)
        text.append(" Credential=")
        text.append(credentials.accessKeyID)
        text.append(SignatureV4.slash)
        appendScope(stamp, to: &text)
        text.append(", SignedHeaders=")
        text.append(contentsOf: signed.nameBytes)
        text.append(", Signature=")
        text.append(contentsOf: signature)
        return String(decoding: text, as: UTF8.self)
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
        String(
            decoding: canonicalBytes(
                method: method, path: path, query: query, headers: headers, payloadHash: Array(payloadHash.utf8)),
            as: UTF8.self)
    }

    private static func canonicalBytes(
        method: String, path: String, query: String, headers: SignedHeaders, payloadHash: [UInt8]
    ) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(
            method.utf8.count + path.utf8.count + query.utf8.count + headers.bytes.count + headers.nameBytes.count
                + payloadHash.count + 8)
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
        text.append(contentsOf: payloadHash)
        return text
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
        let hash = Digester().digest(of: Array(canonicalRequest.utf8))
        return String(decoding: bytesToSign(hash, stamp: date.compact), as: UTF8.self)
    }

    private func bytesToSign(_ hash: [UInt8], stamp: String) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(160)
        text.append(SignatureV4.algorithm)
        text.append(SignatureV4.newline)
        text.append(stamp)
        text.append(SignatureV4.newline)
        appendScope(stamp, to: &text)
        text.append(SignatureV4.newline)
        text.append(contentsOf: Hash.hexBytes(hash))
        return text
    }

    /// Stage 3, the same for a day, region and service.
    static func signingKey(secret: String, day: String, region: String, service: String) -> [UInt8] {
        var key = Array(("AWS4" + secret).utf8)
        for part in [day, region, service, "aws4_request"] { key = Hash.hmac(Array(part.utf8), key: key) }
        return key
    }

    package func signature(of canonicalRequest: String, at date: Moment) -> String {
        String(
            decoding: signature(of: Array(canonicalRequest.utf8), stamp: date.compact, by: Digester()), as: UTF8.self)
    }

    private func signature(of request: [UInt8], stamp: String, by digester: borrowing Digester) -> [UInt8] {
        let key = SigningKeyCache.shared.key(
            secret: credentials.secret, day: String(stamp.prefix(SignatureV4.dayLength)), region: region.rawValue,
            service: service)
        let text = bytesToSign(digester.digest(of: request), stamp: stamp)
        return Hash.hexBytes(key.code(of: text, by: digester))
    }

    package func scope(_ date: Moment) -> String {
        var text: [UInt8] = []
        appendScope(date.compact, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// `20261120/us-east-1/ec2/aws4_request`.
    private func appendScope(_ stamp: String, to text: inout [UInt8]) {
        text.append(stamp)
        text.removeLast(stamp.utf8.count - SignatureV4.dayLength)
        text.append(SignatureV4.slash)
        text.append(region.rawValue)
        text.append(SignatureV4.slash)
        text.append(service)
        text.append("/aws4_request")
    }

    /// Of `20261120` in `20261120T020000Z`.
    private static let dayLength = 8
    private static let newline = UInt8(ascii: "\n")
    private static let slash = UInt8(ascii: "/")
}

/// A header of a request or reply; names compare without regard to case.
package struct Header: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name.lowercased()
        self.value = value
    }

    /// A name that is in lower case already.
    init(lowercase name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The headers that are signed, in the two forms the canonical request needs.
package struct SignedHeaders: Sendable {
    /// `content-type;host;x-amz-date`.
    fileprivate let nameBytes: [UInt8]
    /// A line for each, with runs of blanks folded to one, and an empty line.
    fileprivate let bytes: [UInt8]

    var names: String { String(decoding: nameBytes, as: UTF8.self) }

    package init(_ headers: [Header]) {
        var (names, lines): ([UInt8], [UInt8]) = ([], [])
        names.reserveCapacity(64)
        lines.reserveCapacity(256)
        var last: Int?
        // A stable order: the values of one name stand in one line as they came, joined by commas.
        for index in SignedHeaders.order(of: headers) {
            let name = headers[index].name
            if let last, headers[last].name == name {
                lines[lines.endIndex - 1] = UInt8(ascii: ",")
            } else {
                if last != nil { names.append(UInt8(ascii: ";")) }
                names.append(name)
                lines.append(name)
                lines.append(UInt8(ascii: ":"))
            }
            last = index
            SignedHeaders.append(folding: headers[index].value, to: &lines)
            lines.append(UInt8(ascii: "\n"))
        }
        (nameBytes, bytes) = (names, lines)
    }

    /// By insertion: there are five of them.
    private static func order(of headers: [Header]) -> [Int] {
        var order = Array(headers.indices)
        for position in order.indices.dropFirst() {
            let index = order[position]
            var place = position
            while place > 0, headers[index].name < headers[order[place - 1]].name {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = index
        }
        return order
    }

    private static func append(folding value: String, to lines: inout [UInt8]) {
        let start = lines.count
        lines.append(value)
        let kept = lines.withUnsafeMutableBufferPointer { folded($0, from: start) }
        lines.removeLast(lines.count - kept)
    }
    /// Moves the text from `start` on together; returns where it ends then.
    private static func folded(_ text: UnsafeMutableBufferPointer<UInt8>, from start: Int) -> Int {
        var (kept, pending) = (start, false)
        for index in start..<text.count {
            let byte = text[index]
            if byte == 0x20 || byte == 0x09 {
                pending = kept > start
                continue
            }
            if pending {
                text[kept] = 0x20
                kept += 1
                pending = false
            }
            text[kept] = byte
            kept += 1
        }
        return kept
    }
}

extension [UInt8] {
    /// The bytes of a text, in one piece where they lie in one.
    fileprivate mutating func append(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
            append(contentsOf: text.utf8)
        }
    }
}
