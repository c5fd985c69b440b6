import BackupCore
import CLinux
@preconcurrency import Dispatch
import Glibc

/// Who has connected, as the kernel says (unix(7)).
package struct Peer: Sendable {
    package var user: UInt32
    package var groups: [UInt32]
}

/// A Unix socket at which peers ask: each sends one line, and gets lines until it is told all.
///
/// `@unchecked Sendable`: touched on the turn's queue alone.
package final class LineServer: @unchecked Sendable {
    package typealias Answer = @Sendable (_ question: String, _ connection: LineConnection) async -> Void

    private let path: String
    private let turn: DispatchTurn
    private let refusal: @Sendable (Refusal) -> [UInt8]
    private let mayAsk: @Sendable (Peer) -> Bool
    private let answer: Answer
    private var registration: SourceRegistration?
    private var spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    private var connections: [ObjectIdentifier: LineConnection] = [:]

    /// So many may ask at once; who comes then is sent away.
    private static let width = 32
    /// Seconds within which the question must be there.
    private static let patience = 10

    /// Why somebody is sent away.
    package enum Refusal: Sendable {
        case notAllowed
        case tooMany
    }

    /// Listens until ``close()``; `refusal` gives the line for those who are sent away.
    ///
    /// - Throws: ``LineServer/Unavailable`` if no socket can be made at that path.
    package init(
        path: String, turn: DispatchTurn, mayAsk: @escaping @Sendable (Peer) -> Bool,
        refusal: @escaping @Sendable (Refusal) -> [UInt8], answer: @escaping Answer
    ) throws(Unavailable) {
        (self.path, self.turn, self.mayAsk, self.refusal, self.answer) = (path, turn, mayAsk, refusal, answer)
        let listener = linux_listen(path)
        guard listener >= 0 else {
            throw Unavailable(description: "cannot listen at \(path): \(String(cString: strerror(-listener)))")
        }
        registration = turn.whenReadable(listener) { [weak self] in self?.accept(listener) }
    }

    package struct Unavailable: Error, CustomStringConvertible {
        package var description: String
    }

    package func close() {
        unlink(path)
        registration = nil
        for connection in connections.values { connection.drop() }
    }

    private func accept(_ listener: Int32) {
        while true {
            let descriptor = linux_accept(listener)
            guard descriptor >= 0 else {
                if errno == EMFILE || errno == ENFILE { dismissOne(listener) }
                return
            }
            guard let peer = LineServer.peer(of: descriptor) else {
                Glibc.close(descriptor)
                continue
            }
            if !mayAsk(peer) {
                sendAway(descriptor, refusal(.notAllowed))
            } else if connections.count >= LineServer.width {
                sendAway(descriptor, refusal(.tooMany))
            } else {
                serve(descriptor)
            }
        }
    }

    /// A line always fits into a connection of which nothing was used.
    private func sendAway(_ descriptor: Int32, _ line: [UInt8]) {
        let bytes = line + [UInt8(ascii: "\n")]
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        Glibc.close(descriptor)
    }

    /// No descriptor is left for who waits: the spare one is given for sending it away, or it would be announced for ever.
    private func dismissOne(_ listener: Int32) {
        Glibc.close(spare)
        let descriptor = linux_accept(listener)
        if descriptor >= 0 { Glibc.close(descriptor) }
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    private static func peer(of descriptor: Int32) -> Peer? {
        var user: UInt32 = 0
        var groups = [UInt32](repeating: 0, count: 256)
        let count = linux_peer(descriptor, &user, &groups, Int32(groups.count))
        return count < 1 ? nil : Peer(user: user, groups: Array(groups.prefix(Int(count))))
    }

    private func serve(_ descriptor: Int32) {
        let (turn, answer) = (turn, answer)
        let connection = LineConnection(descriptor, turn)
        let id = ObjectIdentifier(connection)
        connections[id] = connection
        connection.onQuestion = { [weak connection] question in
            guard let connection else { return nil }
            return turn.start {
                await answer(question, connection)
                connection.finish()
            }
        }
        connection.onEnd = { [weak self] in _ = self?.connections.removeValue(forKey: id) }
        turn.start { [weak connection] in
            try? await turn.sleep(until: turn.now + .seconds(Int64(LineServer.patience)))
            connection?.expire()
        }
    }
}

/// One who asks, until all is sent or the other end is gone.
///
/// `@unchecked Sendable`: touched on the turn's queue alone, to which what others call is handed.
package final class LineConnection: @unchecked Sendable {
    private let turn: DispatchTurn
    private let descriptor: Int32
    private var reading: SourceRegistration?
    private var writing: SourceRegistration?
    private var received: [UInt8] = []
    private var unsent: ArraySlice<UInt8> = []
    private var isFinished = false
    /// What answers; nil until the question is there.
    private var answering: Task<Void, Never>?

    fileprivate var onQuestion: ((String) -> Task<Void, Never>?)?
    fileprivate var onEnd: (() -> Void)?

    /// Whoever sends more at once waits for the others.
    private static let mostChunks = 32
    private static let longestQuestion = 1 << 16
    /// Who does not read what it asked for is left alone when so much is waiting.
    private static let mostUnsent = 1 << 26

    fileprivate init(_ descriptor: Int32, _ turn: DispatchTurn) {
        self.descriptor = descriptor
        self.turn = turn
        reading = turn.whenReadable(descriptor) { [weak self] in self?.receive() }
    }

    /// Whether what was sent has not been taken yet; known on the turn's queue.
    package var isBehind: Bool { !unsent.isEmpty }

    /// Sends a line, as soon as the other end takes it; from any thread, in this order.
    package func send(_ line: [UInt8]) { turn.queue.async { self.add(line) } }

    /// Nothing more comes.
    fileprivate func finish() {
        turn.queue.async {
            self.isFinished = true
            self.flush()
        }
    }

    private func add(_ line: [UInt8]) {
        guard reading != nil, !isFinished else { return }
        unsent += line + [UInt8(ascii: "\n")]
        guard unsent.count <= LineConnection.mostUnsent else { return drop() }
        flush()
    }

    /// No question has come in time.
    fileprivate func expire() { if answering == nil { drop() } }

    fileprivate func drop() {
        guard reading != nil else { return }
        answering?.cancel()
        (reading, writing) = (nil, nil)
        onEnd?()
    }

    /// All that is there: when its end comes with the last of it, it is told once.
    private func receive() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<LineConnection.mostChunks where reading != nil {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return drop() }
            if answering == nil { take(chunk[..<count]) }
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        received += bytes
        guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else {
            if received.count > LineConnection.longestQuestion { drop() }
            return
        }
        answering = onQuestion?(String(decoding: received[..<end], as: UTF8.self)) ?? nil
    }

    private func flush() {
        guard reading != nil else { return }
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return waitForRoom() }
            guard count > 0 else { return drop() }
            unsent = unsent.dropFirst(count)
        }
        unsent = []
        writing = nil
        if isFinished { drop() }
    }

    /// A descriptor of its own: each source closes the one that it watches.
    private func waitForRoom() {
        guard writing == nil else { return }
        let second = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard second >= 0 else { return drop() }
        writing = turn.whenWritable(second) { [weak self] in self?.flush() }
    }
}

extension DispatchTurn {
    /// Calls `handler` on the turn while there is something to read; closes the descriptor when what is given back goes.
    func whenReadable(_ descriptor: Int32, _ handler: @escaping () -> Void) -> SourceRegistration {
        watch(DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue), descriptor, handler)
    }

    /// The same while there is room to write.
    func whenWritable(_ descriptor: Int32, _ handler: @escaping () -> Void) -> SourceRegistration {
        watch(DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue), descriptor, handler)
    }

    private func watch(
        _ source: any DispatchSourceProtocol, _ descriptor: Int32, _ handler: @escaping () -> Void
    ) -> SourceRegistration {
        source.setEventHandler(handler: handler)
        source.setCancelHandler { close(descriptor) }
        source.activate()
        return SourceRegistration(source: source)
    }
}
