import ArgumentParser
import BackupCore
import BackupDaemon
import FoundationEssentials
import Glibc

/// The daemon, seen from a command that it carries out.
struct Daemon: Sendable {
    let scheduler: Scheduler
    let runner: PlanRunner
    let events: EventTap
}

/// Carries out what people ask a running daemon.
struct ControlDesk: Sendable {
    let session: Session
    let daemon: Daemon

    /// Begins to answer; nil, after saying so, if there can be no socket.
    func open(_ options: GlobalOptions, _ turn: DispatchTurn) -> LineServer? {
        let path = ControlSocket.path(of: options)
        do throws(LineServer.Unavailable) {
            return try LineServer(path: path, turn: turn, mayAsk: ControlDesk.mayAsk, refusal: ControlDesk.refusal) {
                question, connection in await answer(question, connection)
            }
        } catch {
            daemon.events.emit(
                Event(
                    .actionFailed, "commands cannot ask this daemon: \(error)",
                    Event.Fields(action: "listen", reason: error.description)))
            return nil
        }
    }

    /// Root, whoever runs the daemon, and the group made for that.
    private static func mayAsk(_ peer: Peer) -> Bool {
        if [0, geteuid()].contains(peer.user) { return true }
        guard let group = getgrnam(ControlSocket.group)?.pointee.gr_gid else { return false }
        return peer.groups.contains(group)
    }

    private static func refusal(_ reason: LineServer.Refusal) -> [UInt8] {
        let words =
            switch reason {
            case .notAllowed: "only root and members of the group \(ControlSocket.group) may ask the daemon"
            case .tooMany: "too many ask the daemon at once: try again"
            }
        let replies = [ControlReply(error: "snapwarden: \(words)\n"), ControlReply(exit: ExitStatus.failed.rawValue)]
        return Array(replies.map(\.line).joined(separator: [UInt8(ascii: "\n")]))
    }

    private func answer(_ line: String, _ connection: LineConnection) async {
        guard let question = try? JSONDecoder().decode(ControlQuestion.self, from: Data(line.utf8)) else {
            connection.send(
                ControlReply(error: "snapwarden: the daemon (\(Version.text)) does not understand the question\n"))
            return connection.send(ControlReply(exit: ExitStatus.failed.rawValue))
        }
        guard question.config.isEmpty || question.config == resolvedPath(session.configPath) else {
            return connection.send(ControlReply(otherConfig: session.configPath))
        }
        let output = RemoteTerminal(
            connection: connection, isTerminal: question.isTerminal, hasColour: question.hasColour)
        let code = await Terminal.$output.withValue(output) { await carryOut(question.arguments) }
        connection.send(ControlReply(exit: code.rawValue))
    }

    private func carryOut(_ arguments: [String]) async -> ExitCode {
        do {
            guard let command = try Snapwarden.parseAsRoot(arguments) as? any AnsweredByDaemon else {
                Terminal.complain("snapwarden: the daemon (\(Version.text)) does not know this command")
                return ExitStatus.usage.code
            }
            var session = session
            session.daemon = daemon
            session.configuration = await daemon.scheduler.configuration
            return try await command.answer(session).code
        } catch let code as ExitCode {
            return code
        } catch is CancellationError {
            return ExitStatus.failed.code
        } catch {
            Terminal.complain(Snapwarden.fullMessage(for: error))
            return Snapwarden.exitCode(for: error)
        }
    }
}

/// The terminal of a person who asked.
private struct RemoteTerminal: TerminalOutput {
    let connection: LineConnection
    let isTerminal: Bool
    let hasColour: Bool
    var isBehind: Bool { connection.isBehind }

    func write(_ text: String, to stream: TerminalStream) {
        connection.send(stream == .out ? ControlReply(out: text) : ControlReply(error: text))
    }
}

extension LineConnection {
    fileprivate func send(_ reply: ControlReply) { send(reply.line) }
}

extension ControlReply {
    /// Text and numbers can always be written.
    fileprivate var line: [UInt8] { (try? JSONEncoder().encode(self)).map { Array($0) } ?? [] }
}
