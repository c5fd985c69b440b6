import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon
import BackupLedger

struct PauseCommand: ChangesPause {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a policy start nothing for a while: no backup, no copy, no delete.",
        discussion: """
            What is under way is followed to its end. The pause survives restarts, and a running daemon heeds it at once. \
            The slots that fall into it are not missed, and not caught up on: after `resume`, or at --until, the \
            policy goes on with its next slot.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy.") var policy: String
    @Option(help: ArgumentHelp("Until this moment, in RFC 3339; without it, until `resume`.", valueName: "time"))
    var until: String?

    fileprivate func change(_ record: PauseRecord, now: Moment) throws {
        let end = until.flatMap { Moment(rfc3339: $0) }
        if until != nil && (end ?? now) <= now {
            throw ValidationError("--until takes a time to come, such as 2026-11-20T02:00:00Z.")
        }
        try record.change { pause in
            // A pause that holds goes on from where it began.
            if let pause, pause.holds(at: now) {
                return Pause(since: pause.since, until: end, earlier: pause.earlier)
            }
            return Pause(since: now, until: end, earlier: pause?.end)
        }
        Terminal.say("\(policy) is paused \(end.map { "until \($0)" } ?? "until `snapwarden resume \(policy)`")")
    }
}

struct ResumeCommand: ChangesPause {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "End a policy's pause: it goes on with its next slot.",
        discussion: ExitStatus.table)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy.") var policy: String

    fileprivate func change(_ record: PauseRecord, now: Moment) throws {
        var wasPaused = false
        try record.change { pause in
            guard let pause, pause.holds(at: now) else { return pause }
            wasPaused = true
            return Pause(since: pause.since, until: pause.until, resumed: now, earlier: pause.earlier)
        }
        Terminal.say(wasPaused ? "\(policy) goes on with its next slot" : "\(policy) was not paused")
    }
}

/// A command about one policy's pause, for which AWS is not asked.
private protocol ChangesPause: AnsweredByDaemon {
    var policy: String { get }
    func change(_ record: PauseRecord, now: Moment) throws
}

extension ChangesPause {
    func run() throws {
        if let code = try RunningDaemon.ask(Arguments.all, options) { throw code }
        let record = try PauseRecord(policy, Session.load(options.path), options.path, options.statePath)
        try change(record, now: DispatchTurn().now)
    }

    func answer(_ session: Session) async throws -> ExitStatus {
        let record = try PauseRecord(
            policy, session.configuration, session.configPath, session.stateDirectory)
        try change(record, now: session.time.now - session.time.correction)
        await session.daemon?.scheduler.lookAgain()
        return .done
    }
}

/// Where the pause of a policy that the config names is written.
private struct PauseRecord {
    private let policy: PolicyName
    private let files: InstructionFiles

    /// - Throws: `ExitCode` after saying that the config has no such policy.
    init(_ policy: String, _ configuration: Configuration, _ path: String, _ stateDirectory: String) throws {
        self.policy = PolicyName(policy)
        files = InstructionFiles(directory: stateDirectory)
        guard configuration.policies.contains(where: { $0.name == self.policy }) else {
            throw Session.unknownPolicy(policy, configuration, path)
        }
    }

    /// - Throws: `ExitCode` after saying what is wrong.
    func change(_ change: (Pause?) -> Pause?) throws {
        do throws(HistoryError) {
            try files.change(policy, change)
        } catch {
            Terminal.complain("snapwarden: \(error)")
            throw ExitStatus.failed.code
        }
    }
}
