import ArgumentParser
import CLinux
import FoundationEssentials
import Glibc

/// A command that a running daemon carries out, with its credentials and what it knows; where none runs, the command does it
/// itself.
protocol AnsweredByDaemon: ParsableCommand, Sendable {
    var options: GlobalOptions { get }
    /// Carries it out; `session.daemon` is there if the daemon does.
    func answer(_ session: Session) async throws -> ExitStatus
}

extension AnsweredByDaemon {
    func run() throws {
        if let code = try RunningDaemon.ask(Arguments.all, options) { throw code }
        let command = self
        Turns.run { turn in try await command.answer(Session(command.options, clock: turn)) }
    }
}

/// The daemon of a state directory, seen from a command.
enum RunningDaemon {
    /// Has the daemon carry out a command line, and prints what it says as it comes.
    ///
    /// - Returns: The exit code; nil if no daemon runs there, or only one that works by another config.
    /// - Throws: Exit code 1, after saying why, if there is one that does not answer.
    static func ask(
        _ arguments: [String], _ options: GlobalOptions, anyConfig: Bool = false
    ) throws -> ExitCode? {
        guard let descriptor = try connect(options) else { return nil }
        defer { close(descriptor) }
        let terminal = OwnTerminal()
        let question = ControlQuestion(
            version: Version.text, arguments: arguments, config: anyConfig ? "" : resolvedPath(options.path),
            isTerminal: terminal.isTerminal, hasColour: terminal.hasColour)
        send(Array(try JSONEncoder().encode(question)) + [UInt8(ascii: "\n")], to: descriptor)
        var lines = ReplyLines(descriptor)
        while let line = lines.next() {
            guard let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(line)) else { continue }
            if reply.otherConfig != nil { return nil }
            if let text = reply.out { terminal.write(text, to: .out) }
            if let text = reply.error { terminal.write(text, to: .error) }
            if let code = reply.exit { return ExitCode(code) }
        }
        Terminal.complain("snapwarden: the daemon ended before it had answered: see journalctl -u snapwarden")
        throw ExitStatus.failed.code
    }

    private static func connect(_ options: GlobalOptions) throws -> Int32? {
        for path in ControlSocket.candidates(for: options) {
            let descriptor = linux_connect(path)
            if descriptor >= 0 { return descriptor }
            guard [-EACCES, -EPERM].contains(descriptor) else { continue }
            // Who names a config of its own does without the daemon.
            if options.path != GlobalOptions.defaultConfig { return nil }
            Terminal.complain(
                "snapwarden: a daemon listens at \(path), and this user may not ask it: be root, or a member of the group "
                    + "\(ControlSocket.group) (usermod -aG \(ControlSocket.group) NAME, and log in anew)")
            throw ExitStatus.failed.code
        }
        return nil
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 && errno != EINTR { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}

/// What comes out of a connection, line by line.
private struct ReplyLines {
    private let descriptor: Int32
    private var unread: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    mutating func next() -> [UInt8]? {
        var searched = 0
        while true {
            if let end = unread[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return Array(unread[..<end])
            }
            searched = unread.count
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            unread += chunk[..<count]
        }
    }
}
