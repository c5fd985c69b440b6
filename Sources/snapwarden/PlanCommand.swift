import ArgumentParser
import BackupCore
import BackupDaemon

struct PlanCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what would be done now, and why; nothing is done.",
        discussion: """
            The client it gets cannot send a call that changes anything. What `run` does at the same moment is this plan. \
            With --explain also every point that stays, with each rule that keeps it and the place it takes in it.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Plan as `run --once` would: the newest slot without a point is taken, whenever it was.")
    var once = false
    @Flag(help: "Also show what keeps each point.") var explain = false
    @Option(help: "table or json.") var output = OutputFormat.table

    func answer(_ session: Session) async throws -> ExitStatus {
        let inventory = await session.inventory()
        let isComplete = session.report(gapsIn: inventory)
        let memory = await session.memory(seeing: inventory, now: session.time.now)
        let planner = await session.planner(inventory, memory, once ? .newestSlot : .scheduled)
        let plan = planner.plan()
        let actions = plan.actions + plan.queued
        let kept = planner.inventory.points.compactMap { point in
            plan.kept[point.id].flatMap { $0.isEmpty ? nil : KeptPoint(point: point, reasons: $0) }
        }.sorted { $0.order < $1.order }
        switch output {
        case .json where explain:
            try JSON.object([
                "actions": .list(actions.map(\.json)), "kept": .list(kept.map(\.json)),
                "orphans": .list(plan.orphans.map { .text("\($0.id)") }),
                "waiting": .list(plan.waits.map(\.json)),
            ]).write()
        case .json:
            try JSON.list(actions.map(\.json)).write()
        case .table:
            Terminal.say(actions.isEmpty ? "nothing to do" : actions.grouped.table.text)
            plan.waits.show()
            if explain { Terminal.say("\n\(kept.table.text)") }
        }
        return isComplete ? .done : .partlyDone
    }
}

extension [Action] {
    /// By what is done, in the order in which it is done, then by whom it concerns.
    fileprivate var grouped: [Action] {
        sorted {
            ($0.urgency, $0.word, $0.pair, $0.slot, $0.site) < ($1.urgency, $1.word, $1.pair, $1.slot, $1.site)
        }
    }

    var table: Table {
        var table = Table(["ACTION", "POLICY", "RESOURCE", "SLOT", "REGION", "REASON"])
        for action in self {
            table.add([
                action.word, action.pair.policy.rawValue, action.pair.resource.rawValue,
                action.pointSlot?.description ?? "-", action.site.description, action.explanation,
            ])
        }
        return table
    }
}

extension Action {
    var json: JSON {
        .object([
            "action": .text(word), "policy": .text(pair.policy), "resource": .text(pair.resource),
            "slot": .text(pointSlot), "region": .text(site.region), "account": .account(site.account),
            "reason": .text(explanation),
            "withheld-by": .optional(rule),
        ])
    }
}

/// A point that stays.
private struct KeptPoint {
    var point: RecoveryPoint
    var reasons: [KeepReason]

    /// Newest first within a resource and region.
    var order: (PolicyName, ResourceID, Site, Int64) {
        (point.policy, point.resource, point.site, -point.slot.seconds)
    }

    var json: JSON {
        .object([
            "policy": .text(point.policy), "resource": .text(point.resource), "slot": .text(point.slot),
            "region": .text(point.site.region), "account": .account(point.site.account),
            "reasons": .list(reasons.map { .text($0.description) }),
        ])
    }
}

extension [KeptPoint] {
    fileprivate var table: Table {
        var table = Table(["KEPT", "RESOURCE", "SLOT", "REGION", "BY"])
        for kept in self {
            table.add([
                kept.point.policy.rawValue, kept.point.resource.rawValue, kept.point.slot.description,
                kept.point.site.description, kept.reasons.map(\.description).joined(separator: ", "),
            ])
        }
        return table
    }
}
