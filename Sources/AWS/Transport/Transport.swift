/// The only door to the network.
package protocol Transport: Sendable {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply
}

/// An HTTP request to be sent as it is.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    package var method: Method
    package var url: String
    package var headers: [Header]
    package var body: [UInt8]
    /// Goes out on a connection of its own: on a reused one that dies without a reply libcurl sends a POST again.
    package var mustNotRepeat: Bool
    /// Seconds for the whole exchange; nil for the transport's own limit.
    package var timeout: Int?
    /// Past every proxy: what is asked of this machine or its host must not go to another one.
    package var isDirect = false

    package init(
        _ method: Method = .post, url: String, headers: [Header], body: [UInt8] = [], mustNotRepeat: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.mustNotRepeat = mustNotRepeat
    }
}

/// A whole reply.
package struct HTTPReply: Sendable {
    package var status: Int
    package var headers: [Header]
    package var body: [UInt8]

    package init(status: Int, headers: [Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package subscript(header name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// No reply, or not a whole one.
package struct TransportError: Error, Sendable, Equatable {
    /// The request cannot have reached the server: no name, no connection, no trust.
    package var wasNotSent: Bool
    package var code: String
    package var message: String

    package init(wasNotSent: Bool, code: String, message: String) {
        self.wasNotSent = wasNotSent
        self.code = code
        self.message = message
    }

    /// The code of a host that no name server knows.
    static let nameNotResolved = "NameNotResolved"
}
