extension SignatureV4 {
    /// Headers that proxies and HTTP libraries change, and that are therefore never signed (botocore, `auth.py`).
    static let unsigned: Set<String> = [
        "authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    /// The request with `X-Amz-Date`, `X-Amz-Security-Token` (for temporary keys) and `Authorization`.
    ///
    /// `keys` is where derived keys are kept; without it the key is derived anew.
    package func signed(_ request: HTTPRequest, as credentials: Credentials, keys: SigningKeyCache? = nil)
        -> HTTPRequest
    {
        var request = request
        request.headers.append(Header("X-Amz-Date", timestamp))
        if let token = credentials.sessionToken { request.headers.append(Header("X-Amz-Security-Token", token)) }
        let headers = signedHeaders(of: request)
        let text = stringToSign(
            SignatureV4.canonicalRequest(
                method: request.method, path: request.endpoint.path, query: request.query, headers: headers,
                payloadHash: Hash.hex(Hash.sha256(request.body))))
        let key = keys?.key(for: self, of: credentials) ?? signingKey(secret: credentials.secret)
        let names = SignatureV4.canonicalHeaders(headers).map(\.name).joined(separator: ";")
        request.headers.append(
            Header(
                "Authorization",
                "\(SignatureV4.algorithm) Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
                    + "Signature=\(signature(text, key: key))"))
        return request
    }

    /// A URL that carries the whole signed request in its query, good for anyone who has it until it expires.
    ///
    /// EC2's CopySnapshot takes one for the source region. Source: IAM User Guide, "Add the signature to the request",
    /// query form.
    ///
    /// Of the request only method, host, path and query are signed. `seconds`, 1 … 604,800, is how long the URL is
    /// good for.
    package func presigned(_ request: HTTPRequest, as credentials: Credentials, validFor seconds: Int) -> String {
        var parts = request.query.isEmpty ? [] : [request.query]
        parts.append("X-Amz-Algorithm=\(SignatureV4.algorithm)")
        parts.append("X-Amz-Credential=\(Percent.encoded("\(credentials.accessKeyID)/\(scope)"))")
        parts.append("X-Amz-Date=\(timestamp)")
        parts.append("X-Amz-Expires=\(seconds)")
        parts.append("X-Amz-SignedHeaders=host")
        if let token = credentials.sessionToken { parts.append("X-Amz-Security-Token=\(Percent.encoded(token))") }
        let query = parts.joined(separator: "&")
        let text = stringToSign(
            SignatureV4.canonicalRequest(
                method: request.method, path: request.endpoint.path, query: query,
                headers: [Header("host", request.endpoint.authority)], payloadHash: Hash.hex(Hash.sha256([]))))
        let signature = signature(text, key: signingKey(secret: credentials.secret))
        return "\(request.endpoint.url)?\(query)&X-Amz-Signature=\(signature)"
    }

    private func signedHeaders(of request: HTTPRequest) -> [Header] {
        [Header("host", request.endpoint.authority)]
            + request.headers.filter { !SignatureV4.unsigned.contains($0.name.lowercased()) }
    }
}
