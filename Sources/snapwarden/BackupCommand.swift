import ArgumentParser
import BackupCore
import BackupDaemon
import CLinux

struct BackupCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Take a policy's points now, copy them as the policy says, wait, report.",
        discussion: """
            The points are marked as made by hand: they satisfy no slot, take no place of a keep rule, and are kept 30 \
            days or as long as they are held.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy.") var policy: String
    @Argument(help: "One of its resources, by id; all of them if left out.") var resource: String?
    @Option(help: "Lines on standard error: text or json.") var logFormat = LogFormat.text

    func answer(_ session: Session) async throws -> ExitStatus {
        linux_line_buffer_stdout()
        let name = PolicyName(policy)
        guard let found = session.configuration.policies.first(where: { $0.name == name }) else {
            throw Session.unknownPolicy(policy, session.configuration, session.configPath)
        }
        guard found.source == .own else {
            Terminal.complain(
                "snapwarden: policy \"\(policy)\" copies Lightsail's automatic snapshots (source: automatic): nothing of "
                    + "it is taken by hand")
            return .failed
        }
        let resources = resource.map { Set([ResourceID($0)]) }
        let report =
            if let daemon = session.daemon {
                await daemon.backUp(name, resources, Events.lines(logFormat, clock: session.time)) as RunReport?
            } else {
                try await takeHere(name, resources, session)
            }
        guard let report else {
            Terminal.complain(
                "snapwarden: the daemon was told to stop, or does too much by hand already: what was begun is followed all the same"
            )
            return .failed
        }
        if report.done == 0, report.failures.isEmpty {
            Terminal.complain("snapwarden: policy \"\(policy)\" selects nothing that could be backed up")
            return .failed
        }
        return report.conclude()
    }

    /// Without a daemon.
    private func takeHere(
        _ name: PolicyName, _ resources: Set<ResourceID>?, _ session: Session
    ) async throws -> RunReport {
        let events = Events.sink(logFormat, clock: session.time)
        return try await StateDirectory.withLedger(of: session.stateDirectory, events) { ledger in
            let runner = session.runner(ledger, events)
            await runner.open()
            let report = try await runner.runToEnd(session.configuration, .byHand(name, resources))
            await session.sidecarKeeper(runner, events).keep(session.configuration)
            return report
        }
    }
}

extension Daemon {
    /// Takes points between the daemon's own passes, and tells the policy's events meanwhile.
    fileprivate func backUp(
        _ policy: PolicyName, _ resources: Set<ResourceID>?, _ lines: EventLines
    ) async -> RunReport? {
        await events.listening { event in
            if event.fields.policy == policy { lines.show(event) }
        } during: {
            await scheduler.backUp(policy, resources)
        }
    }
}
