/// One line of an HTTP header.
package struct Header: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [Header] {
    /// The first value under that name; case does not count (RFC 9110, section 5.1).
    package func value(of name: String) -> String? {
        let wanted = name.lowercased()
        return first { $0.name.lowercased() == wanted }?.value
    }
}

/// A request, as it goes to the wire.
package struct HTTPRequest: Sendable, Equatable {
    package var method: String
    package var endpoint: Endpoint
    /// Percent-encoded, without the `?`; empty if there is none.
    package var query: String
    /// All but `Host` and `Content-Length`, which follow from the endpoint and the body.
    package var headers: [Header]
    package var body: [UInt8]
    /// The request must reach the server at most once: it gets a fresh connection, since libcurl by itself sends a
    /// request again when a reused connection dies without a reply.
    package var mustNotRepeat: Bool

    package init(
        method: String = "POST", endpoint: Endpoint, query: String = "", headers: [Header] = [], body: [UInt8] = [],
        mustNotRepeat: Bool = false
    ) {
        self.method = method
        self.endpoint = endpoint
        self.query = query
        self.headers = headers
        self.body = body
        self.mustNotRepeat = mustNotRepeat
    }

    package var url: String { endpoint.url + (query.isEmpty ? "" : "?" + query) }
}

/// What a server answered.
package struct HTTPReply: Sendable, Equatable {
    package var status: Int
    package var headers: [Header]
    package var body: [UInt8]

    package init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
