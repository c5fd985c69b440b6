import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon
import BackupLedger

struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a policy start nothing for a while: no backup, no copy, no delete.",
        discussion: """
            What is under way is followed to its end. The pause survives restarts, and a running daemon heeds it within a \
            minute. The slots that fall into it are not missed, and not caught up on: after `resume`, or at --until, the \
            policy goes on with its next slot.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy.") var policy: String
    @Option(help: ArgumentHelp("Until this moment, in RFC 3339; without it, until `resume`.", valueName: "time"))
    var until: String?

    func run() throws {
        let now = DispatchTurn().now
        let end = until.flatMap { Moment(rfc3339: $0) }
        if until != nil && (end ?? now) <= now {
            throw ValidationError("--until takes a time to come, such as 2026-11-20T02:00:00Z.")
        }
        try options.change(policy) { pause in
            // A pause that holds goes on from where it began.
            if let pause, pause.holds(at: now) {
                return Pause(since: pause.since, until: end, earlier: pause.earlier)
            }
            return Pause(since: now, until: end, earlier: pause?.end)
        }
        Terminal.say("\(policy) is paused \(end.map { "until \($0)" } ?? "until `snapwarden resume \(policy)`")")
    }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "End a policy's pause: it goes on with its next slot.",
        discussion: ExitStatus.table)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy.") var policy: String

    func run() throws {
        let now = DispatchTurn().now
        var wasPaused = false
        try options.change(policy) { pause in
            guard let pause, pause.holds(at: now) else { return pause }
            wasPaused = true
            return Pause(since: pause.since, until: pause.until, resumed: now, earlier: pause.earlier)
        }
        Terminal.say(wasPaused ? "\(policy) goes on with its next slot" : "\(policy) was not paused")
    }
}

extension GlobalOptions {
    /// Changes the pause of a policy that the config names.
    ///
    /// - Throws: `ExitCode` after saying what is wrong.
    fileprivate func change(_ policy: String, _ change: (Pause?) -> Pause?) throws {
        let configuration = try Session.load(path)
        guard configuration.policies.contains(where: { $0.name.rawValue == policy }) else {
            throw Session.unknownPolicy(policy, configuration, path)
        }
        do throws(HistoryError) {
            try InstructionFiles(directory: statePath).change(PolicyName(policy), change)
        } catch {
            Terminal.complain("snapwarden: \(error)")
            throw ExitStatus.failed.code
        }
    }
}
