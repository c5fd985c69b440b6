import Glibc

@testable import AWS

/// An HTTP server on 127.0.0.1 that does to a request whatever it is told, whole bytes at a time.
///
/// `@unchecked Sendable`: what changes is `Guarded`; the socket is opened before and closed after all else.
final class LoopbackServer: @unchecked Sendable {
    /// What becomes of a request once it was read whole.
    enum Answer: Sendable {
        case reply(status: Int, body: String)
        /// As they are, and the connection is closed after them.
        case raw(String)
        /// The connection is closed without a byte.
        case drop
        /// Nothing comes, and nothing closes, until the client gives up.
        case stall
    }

    /// A request as it arrived.
    struct Arrival: Sendable {
        var operation: String
        /// From 1, in the order in which they were accepted.
        var connection: Int
        /// From 1, on that connection.
        var place: Int
    }

    let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (Arrival, _ before: [Arrival]) -> Answer
    private let log = Guarded<[Arrival]>([])

    var arrivals: [Arrival] { log.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)" }

    init(answer: @escaping @Sendable (Arrival, _ before: [Arrival]) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard isListening else { throw WireError("no loopback socket: errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        try LoopbackServer.thread { [self] in acceptAll() }
    }

    /// Ends the accepting thread; those of open connections end with their clients.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func acceptAll() {
        var connections = 0
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            connections += 1
            let number = connections
            try? LoopbackServer.thread { [self] in
                serve(connection, number: number)
                close(connection)
            }
        }
    }

    private func serve(_ connection: Int32, number: Int) {
        var place = 0
        while let request = LoopbackServer.readRequest(connection) {
            place += 1
            let arrival = Arrival(operation: request, connection: number, place: place)
            let before = log.withLock { log in
                defer { log.append(arrival) }
                return log
            }
            switch answer(arrival, before) {
            case .reply(let status, let body):
                let head = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                LoopbackServer.write(head + body, to: connection)
            case .raw(let text):
                LoopbackServer.write(text, to: connection)
                return
            case .drop: return
            case .stall:
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                return
            }
        }
    }

    /// The AWS operation that a whole request names; nil when the client closes.
    private static func readRequest(_ connection: Int32) -> String? {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            received += buffer[..<count]
            let text = String(decoding: received, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound]
            let body = text[end.upperBound...]
            guard body.utf8.count >= number(after: "content-length: ", in: head) else { continue }
            return word(after: "Action=", in: body) ?? word(after: "Lightsail_20161128.", in: head)
        }
    }

    private static func number(after prefix: String, in head: Substring) -> Int {
        head.lowercased().range(of: prefix).flatMap { found in
            Int(head.lowercased()[found.upperBound...].prefix(while: \.isNumber))
        } ?? 0
    }

    private static func word(after prefix: String, in text: Substring) -> String? {
        text.range(of: prefix).map { String(text[$0.upperBound...].prefix(while: \.isLetter)) }
    }

    private static func write(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) throws {
        let box = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                context.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        guard status == 0 else { throw WireError("no thread: \(status)") }
        pthread_detach(thread)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

extension StringProtocol {
    /// Where a text first occurs; the standard library's own search needs no Foundation.
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
