import ArgumentParser
import BackupCore
import BackupDaemon
import BackupLedger

struct PruneCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Show what would be deleted now and what is withheld; approve what the cap withholds.",
        discussion: """
            Nothing is deleted by this command. The daemon, or `run --once`, deletes what no rule keeps as soon as every \
            rule of the interlock agrees. If a pass would delete far more of a policy than new points push out \
            (max-prunes, max-prune-share), it deletes nothing of it until a person has looked:

              snapwarden prune web              what would go, and why the rest may not
              snapwarden prune web --approve    lets go, within a day, exactly the points that the cap withholds now

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy; all of them if left out.") var policy: String?
    @Flag(help: "Approve the points that the cap withholds now, and no others.") var approve = false
    @Option(help: "table or json.") var output = OutputFormat.table

    /// How long an approval holds.
    private static let validity = Duration.seconds(86_400)

    func answer(_ session: Session) async throws -> ExitStatus {
        if let policy, !session.configuration.policies.contains(where: { $0.name.rawValue == policy }) {
            throw Session.unknownPolicy(policy, session.configuration, session.configPath)
        }
        let inventory = await session.inventory()
        let isComplete = session.report(gapsIn: inventory)
        let plan = Planner(
            configuration: session.configuration, inventory: inventory,
            memory: await session.memory(seeing: inventory, now: session.time.now), now: session.time.now
        ).plan()
        let actions = plan.actions.filter { action in
            action.pruned != nil && (policy == nil || action.pair.policy.rawValue == policy)
        }
        switch output {
        case .json: try JSON.list(actions.map(\.json)).write()
        case .table: Terminal.say(actions.isEmpty ? "nothing to delete" : actions.table.text)
        }
        let status = isComplete ? ExitStatus.done : .partlyDone
        guard approve else { return status }
        // Standard output is one JSON text, or for people.
        let tell = output == .json ? Terminal.complain : Terminal.say
        let capped = actions.filter { $0.rule == "cap" }.compactMap(\.pruned)
        guard !capped.isEmpty else {
            tell("nothing is withheld by the cap: nothing to approve")
            return status
        }
        let until = session.time.now + PruneCommand.validity
        try InstructionFiles(directory: session.stateDirectory).approve(
            capped.map(\.id), until: until, now: session.time.now)
        await session.daemon?.scheduler.lookAgain()
        tell("\(capped.count) points may be deleted until \(until)")
        return status
    }
}

extension Action {
    /// The point whose deletion this is about.
    fileprivate var pruned: RecoveryPoint? {
        switch work {
        case .prune(let point), .withhold(let point), .removeFailed(let point, _), .removeSurplus(let point, _): point
        case .create, .copy, .refuse, .unshare, .repair, .adopt, .setAutomatic: nil
        }
    }
}
