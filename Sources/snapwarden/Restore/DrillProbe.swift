import AWS
import BackupCore
import Glibc

/// Tries whether what a drill restored answers.
struct DrillProbe: Prober {
    let transport: any Transport
    let clock: any WallClock

    /// How many seconds one connection or answer may take.
    private static let patience: Int64 = 10

    func probe(_ kind: DrillCheck.Kind, at address: String?, within: Duration) async throws(DrillFailure) {
        let patience = min(DrillProbe.patience, within.inSeconds)
        switch kind {
        case .running: return
        case .tcp(let port): try await connect(to: port, at: required(address), patience)
        case .http(let path, let port): try await get(path, port, at: required(address), patience)
        case .command(let words): try await run(words, address, within.inSeconds)
        }
    }

    private func required(_ address: String?) throws(DrillFailure) -> String {
        guard let address else { throw DrillFailure("what was restored has no address") }
        return address
    }

    /// One second later.
    private func wait() async { try? await clock.sleep(until: clock.now + .seconds(1)) }

    // MARK: TCP

    private func connect(to port: Int, at address: String, _ patience: Int64) async throws(DrillFailure) {
        let socket = try SocketToDial(address, port)
        defer { close(socket.descriptor) }
        let end = clock.now + .seconds(patience)
        while true {
            if let result = socket.result {
                if result == 0 { return }
                throw DrillFailure(String(cString: strerror(result)))
            }
            guard clock.now < end, !Task.isCancelled else {
                throw DrillFailure("no connection after \(patience)s")
            }
            await wait()
        }
    }

    // MARK: HTTP

    private func get(_ path: String, _ port: Int, at address: String, _ patience: Int64) async throws(DrillFailure) {
        let host = address.contains(":") ? "[\(address)]" : address
        var request = HTTPRequest(.get, url: "http://\(host):\(port)\(path)", headers: [])
        request.timeout = Int(patience)
        request.isDirect = true
        let reply: HTTPReply
        do throws(TransportError) { reply = try await transport.send(request) } catch {
            throw DrillFailure(error.message)
        }
        guard (200...399).contains(reply.status) else { throw DrillFailure("the answer is \(reply.status)") }
    }

    // MARK: Programs

    private func run(_ words: [String], _ address: String?, _ seconds: Int64) async throws(DrillFailure) {
        let variables = ["SNAPWARDEN_DRILL_ADDRESS=\(address ?? "")"]
        let program = words.first ?? "the program"
        switch await ChildProcesses(environment: variables).run(words, seconds: Int(seconds)) {
        case .printed: return
        case .notStarted(let why): throw DrillFailure("\(program) cannot be started: \(why)")
        case .failed(let how): throw DrillFailure("\(program) \(how)")
        case .tookTooLong: throw DrillFailure("\(program) did not end within \(seconds)s")
        case .tooMuch: throw DrillFailure("\(program) printed too much")
        }
    }
}

/// A socket that is being connected, and does not block.
private struct SocketToDial {
    let descriptor: Int32
    /// What kept it from being dialled at all; the socket's own error does not tell.
    private let refusal: Int32?

    init(_ address: String, _ port: Int) throws(DrillFailure) {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &found) == 0, let found else {
            throw DrillFailure("\(address) is no address")
        }
        defer { freeaddrinfo(found) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(found.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { throw DrillFailure(String(cString: strerror(errno))) }
        let status = Glibc.connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen)
        refusal = status == 0 || errno == EINPROGRESS ? nil : errno
    }

    /// 0 once it is connected, the error once that failed; nil until then.
    var result: Int32? {
        if let refusal { return refusal }
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, 0) > 0 else { return nil }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
        // Hung up, and nobody says why.
        return error == 0 && poll.revents & Int16(POLLHUP | POLLERR) != 0 ? ECONNRESET : error
    }
}
