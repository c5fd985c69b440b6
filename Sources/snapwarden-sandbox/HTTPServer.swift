import AWS
import CMicrohttpd

/// A request as it came over the wire.
struct ReceivedRequest: Sendable {
    var method: String
    /// Percent-encoded, as received.
    var path: String
    /// Percent-encoded, as received, without the `?`.
    var query: String
    var headers: [Header]
    var body: [UInt8]
}

/// What the server does with a request.
enum Answer: Sendable {
    case reply(HTTPReply)
    /// Closes the connection without a byte.
    case drop
}

/// A small HTTP server on 127.0.0.1 with one thread of its own, on libmicrohttpd.
///
/// `@unchecked Sendable` is safe: `daemon` is set once, before the object can be seen by others, and stopped once;
/// the handler is the only thing that the server's thread touches, and it is Sendable.
final class HTTPServer: @unchecked Sendable {
    fileprivate let handler: @Sendable (ReceivedRequest) -> Answer
    private var daemon: OpaquePointer?
    private(set) var port: UInt16 = 0

    /// Bodies above this are refused with 413.
    fileprivate static let longestBody = 1 << 20

    /// Starts to listen on a port, or on a free one for 0; nil if it cannot be had.
    init?(port: UInt16, handler: @escaping @Sendable (ReceivedRequest) -> Answer) {
        self.handler = handler
        let context = Unmanaged.passUnretained(self).toOpaque()
        daemon = shim_mhd_start(port, onData, onBegin, onEnd, context)
        guard let daemon else { return nil }
        self.port = shim_mhd_port(daemon)
    }

    /// Ends the server's thread; open connections are closed.
    func stop() {
        if let daemon { MHD_stop_daemon(daemon) }
        daemon = nil
    }

    deinit { stop() }
}

/// One request while it arrives; owned by the connection from ``onBegin`` to ``onEnd``.
private final class Exchange {
    let uri: String
    var hasBegun = false
    var body: [UInt8] = []

    init(uri: String) { self.uri = uri }

    var path: String { String(uri.prefix { $0 != "?" }) }
    var query: String { String(uri.dropFirst(path.count + 1)) }
}

/// The first that is heard of a request, with the URI as it was sent; what it returns is the request's state.
private func onBegin(context: UnsafeMutableRawPointer?, uri: UnsafePointer<CChar>?, connection: OpaquePointer?)
    -> UnsafeMutableRawPointer?
{
    Unmanaged.passRetained(Exchange(uri: uri.map { String(cString: $0) } ?? "/")).toOpaque()
}

/// The last that is heard of a request.
private func onEnd(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    reason: MHD_RequestTerminationCode
) {
    guard let exchange = state?.pointee else { return }
    Unmanaged<Exchange>.fromOpaque(exchange).release()
    state?.pointee = nil
}

/// Called once with the headers, for each part of the body, and once more when it is complete.
private func onData(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, data: UnsafePointer<CChar>?,
    size: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let method, let size, let opaque = state?.pointee else { return .NO }
    let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
    let exchange = Unmanaged<Exchange>.fromOpaque(opaque).takeUnretainedValue()
    guard exchange.hasBegun else {
        exchange.hasBegun = true
        return .YES
    }
    if let data, size.pointee > 0 {
        if exchange.body.count <= HTTPServer.longestBody {
            data.withMemoryRebound(to: UInt8.self, capacity: size.pointee) {
                exchange.body.append(contentsOf: UnsafeBufferPointer(start: $0, count: size.pointee))
            }
        }
        size.pointee = 0
        return .YES
    }
    guard exchange.body.count <= HTTPServer.longestBody else {
        return send(HTTPReply(status: 413, headers: [], body: Array("The request is too long.\n".utf8)), on: connection)
    }
    let request = ReceivedRequest(
        method: String(cString: method), path: exchange.path, query: exchange.query, headers: headers(of: connection),
        body: exchange.body)
    switch server.handler(request) {
    case .drop: return .NO
    case .reply(let reply): return send(reply, on: connection)
    }
}

private func headers(of connection: OpaquePointer) -> [Header] {
    var headers: [Header] = []
    withUnsafeMutablePointer(to: &headers) { list in
        _ = MHD_get_connection_values(
            connection, .HEADER_KIND,
            { context, _, name, value in
                guard let name else { return .YES }
                let header = Header(String(cString: name), value.map { String(cString: $0) } ?? "")
                context?.assumingMemoryBound(to: [Header].self).pointee.append(header)
                return .YES
            }, list)
    }
    return headers
}

private func send(_ reply: HTTPReply, on connection: OpaquePointer) -> MHD_Result {
    var body = reply.body
    guard let response = MHD_create_response_from_buffer(body.count, &body, .RESPMEM_MUST_COPY) else {
        return .NO
    }
    defer { MHD_destroy_response(response) }
    for header in reply.headers { _ = MHD_add_response_header(response, header.name, header.value) }
    return MHD_queue_response(connection, UInt32(reply.status), response)
}
