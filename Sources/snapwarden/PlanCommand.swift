import ArgumentParser
import BackupCore
import BackupDaemon

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what would be done now, and why; nothing is done.",
        discussion: """
            The client it gets cannot send a call that changes anything. What `run` does at the same moment is this plan.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Plan as `run --once` would: the newest slot without a point is taken, whenever it was.")
    var once = false
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
        let (options, output, once) = (options, output, once)
        Turns.run { turn in
            let session = try Session(options, clock: turn)
            let inventory = await session.inventory()
            let isComplete = session.report(gapsIn: inventory)
            let plan = Planner(
                configuration: session.configuration, inventory: inventory,
                memory: await StateDirectory.recall(session.stateDirectory), now: turn.now,
                eagerness: once ? .newestSlot : .scheduled
            ).plan()
            switch output {
            case .json: try JSON.list(plan.actions.map(\.json)).write()
            case .table: show(plan.actions)
            }
            return isComplete ? .done : .partlyDone
        }
    }
}

private func show(_ actions: [Action]) {
    var table = Table(["ACTION", "POLICY", "RESOURCE", "SLOT", "REGION", "REASON"])
    for action in actions {
        table.add([
            action.word, action.pair.policy.rawValue, action.pair.resource.rawValue, action.slot.description,
            action.region.rawValue, action.reason.description,
        ])
    }
    Terminal.say(table.isEmpty ? "nothing to do" : table.text)
}

extension Action {
    fileprivate var json: JSON {
        .object([
            "action": .text(word), "policy": .text(pair.policy), "resource": .text(pair.resource),
            "slot": .text(slot), "region": .text(region), "reason": .text(reason.description),
        ])
    }
}
