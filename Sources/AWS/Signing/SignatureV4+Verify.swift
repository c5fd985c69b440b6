package import BackupCore

/// Whose request it is, by a signature that was found good.
package struct VerifiedSignature: Sendable, Equatable {
    package let accessKeyID: String
    package let region: String
    package let service: String
}

/// Why a signature is not accepted, in the order in which it is looked for.
package enum SignatureFailure: Error, Sendable, Equatable {
    case missing
    /// What lacks or cannot be read.
    case incomplete(String)
    case unknownKey(String)
    /// The session token is missing, or not that of the key.
    case wrongToken
    case expiredToken
    /// The scope names another day, region or service.
    case wrongScope(part: String, found: String, expected: String)
    /// More than 15 minutes behind or ahead.
    case skewed(date: String, now: String)
    /// A header that has to be signed is not.
    case unsigned(header: String)
    /// The canonical request and string to sign as the verifier built them, for finding the difference.
    case mismatch(canonicalRequest: String, stringToSign: String)
}

extension SignatureFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing:
            "Request is missing Authentication Token"
        case .incomplete(let what):
            "Authorization header is incomplete: \(what)"
        case .unknownKey(let id):
            "AWS was not able to validate the provided access credentials: there is no access key \(id)"
        case .wrongToken: "The security token included in the request is invalid"
        case .expiredToken: "The security token included in the request is expired"
        case .wrongScope(let part, let found, let expected):
            "Credential should be scoped to a valid \(part): found '\(found)', expected '\(expected)'"
        case .skewed(let date, let now):
            "Signature expired or not yet current: \(date) is more than 15 min. away from \(now)"
        case .unsigned(let header):
            "The header '\(header)' must be signed: it is not in SignedHeaders"
        case .mismatch(let canonicalRequest, let stringToSign):
            "The request signature we calculated does not match the signature you provided. The Canonical String for "
                + "this request should have been\n'\(canonicalRequest)'\n\nThe String-to-Sign should have been\n"
                + "'\(stringToSign)'"
        }
    }
}

extension SignatureV4 {
    /// How far a request's date may be from the server's.
    package static let allowedSkew = Duration.seconds(15 * 60)

    /// Checks a request's `Authorization` header as a server does.
    ///
    /// `path` and `query` are as received, the query without its `?`; `headers` are all that were received.
    /// `expectedRegion` and `expectedService` are the only ones accepted; nil accepts any and reports it. `secretFor`
    /// gives the secret of an access key's id, or nil if there is no such key.
    package static func verify(
        method: String, path: String, query: String, headers: [Header], body: [UInt8], now: Moment,
        expectedRegion: Region? = nil, expectedService: String? = nil, secretFor: (String) -> String?
    ) throws(SignatureFailure) -> VerifiedSignature {
        let claim = try AuthorizationClaim(headers: headers)
        guard let secret = secretFor(claim.accessKeyID) else { throw .unknownKey(claim.accessKeyID) }
        try claim.checkScope(region: expectedRegion?.rawValue, service: expectedService, now: now)
        try claim.checkSignedHeaders(of: headers)
        let signer = SignatureV4(
            credentials: Credentials(accessKeyID: claim.accessKeyID, secret: secret), region: Region(claim.region),
            service: claim.service)
        let canonical = canonicalRequest(
            method: method, path: path, query: query,
            headers: SignedHeaders(headers.filter { claim.signedHeaders.contains($0.name) }),
            payloadHash: Hash.hex(Hash.sha256(body)))
        guard Hash.areEqual(signer.signature(of: canonical, at: claim.date), claim.signature) else {
            throw .mismatch(
                canonicalRequest: canonical, stringToSign: signer.stringToSign(canonical, at: claim.date))
        }
        return VerifiedSignature(accessKeyID: claim.accessKeyID, region: claim.region, service: claim.service)
    }
}

/// What a request's `Authorization` and `X-Amz-Date` headers say, not yet checked.
private struct AuthorizationClaim {
    let accessKeyID: String
    let day: String
    let region: String
    let service: String
    let signedHeaders: [String]
    let signature: String
    let date: Moment

    init(headers: [Header]) throws(SignatureFailure) {
        func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        guard let text = value("authorization") else { throw .missing }
        let words = text.split(separator: " ", maxSplits: 1)
        guard let algorithm = words.first, algorithm == SignatureV4.algorithm, words.count == 2 else {
            throw .incomplete("it must begin with \(SignatureV4.algorithm)")
        }
        var fields: [Substring: Substring] = [:]
        for part in words[1].split(whereSeparator: { $0 == "," || $0 == " " }) {
            let cut = part.firstIndex(of: "=") ?? part.endIndex
            fields[part[..<cut]] = part[cut...].dropFirst()
        }
        guard let credential = fields["Credential"] else { throw .incomplete("Credential is missing") }
        guard let names = fields["SignedHeaders"] else { throw .incomplete("SignedHeaders is missing") }
        guard let signature = fields["Signature"] else { throw .incomplete("Signature is missing") }
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard scope.count == 5, scope[4] == "aws4_request", !scope.contains("") else {
            throw .incomplete("Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request")
        }
        guard let date = value("x-amz-date").flatMap({ Moment(compact: $0) }) else {
            throw .incomplete("X-Amz-Date is missing or not of the form 20261120T020000Z")
        }
        (accessKeyID, day, region, service) = (scope[0], scope[1], scope[2], scope[3])
        signedHeaders = names.split(separator: ";").map(String.init)
        self.signature = String(signature)
        self.date = date
    }

    func checkScope(region expectedRegion: String?, service expectedService: String?, now: Moment)
        throws(SignatureFailure)
    {
        let dateDay = String(date.compact.prefix(8))
        guard day == dateDay else { throw .wrongScope(part: "date", found: day, expected: dateDay) }
        if let expectedRegion, region != expectedRegion {
            throw .wrongScope(part: "region", found: region, expected: expectedRegion)
        }
        if let expectedService, service != expectedService {
            throw .wrongScope(part: "service", found: service, expected: expectedService)
        }
        let away = date > now ? date - now : now - date
        guard away <= SignatureV4.allowedSkew else { throw .skewed(date: date.compact, now: now.compact) }
    }

    /// AWS insists on `host` and on every `x-amz-` header that is there.
    func checkSignedHeaders(of headers: [Header]) throws(SignatureFailure) {
        for name in ["host"] + headers.map(\.name) where name == "host" || name.hasPrefix("x-amz-") {
            guard signedHeaders.contains(name) else { throw .unsigned(header: name) }
        }
    }
}
