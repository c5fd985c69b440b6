import ArgumentParser
import BackupCore
import BackupDaemon

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the age of every resource's newest usable point against its objective.",
        discussion: """
            Exit status 12 tells monitoring that an objective is missed, or that the last drill of a policy or of one of its \
            resources failed.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
        let (options, output) = (options, output)
        Turns.run { turn in
            let session = try Session(options, clock: turn)
            let inventory = await session.inventory()
            let isComplete = session.report(gapsIn: inventory)
            let memory = await StateDirectory.recall(session.stateDirectory)
            let taught = session.taught(memory, by: inventory, now: session.time.now)
            let plan = session.planner(inventory, taught).plan()
            let standings = inventory.standings(under: session.configuration, memory, now: session.time.now)
            let gone = inventory.goneResources(under: session.configuration, memory, now: session.time.now)
            let drills = memory.drills.last(under: session.configuration, in: inventory)
            switch output {
            case .json:
                try JSON.object([
                    "now": .text(session.time.now), "complete": .bool(isComplete),
                    "resources": .list(standings.map(\.json)), "gone": .list(gone.map(\.json)),
                    "waiting": .list(plan.waits.map(\.json)), "stepped-back": .text(memory.steppedBack),
                    "drills": .list(drills.map(\.json)),
                ]).write()
            case .table:
                show(standings)
                show(plan.waits)
                show(drills)
                for resource in gone { Terminal.say(resource.line) }
                if let since = memory.steppedBack {
                    Terminal.say(
                        "another snapwarden on this fleet goes first since \(since): EC2 slots that it leaves empty are taken late"
                    )
                }
                Terminal.say(session.configuration.statusLine(inventory, memory, now: session.time.now))
            }
            let hasFailedDrill = drills.contains { $0.hasFailed && session.configuration.drills($0.policy) }
            if hasFailedDrill || standings.contains(where: { $0.isMet == false }) { return .objectiveMissed }
            return isComplete ? .done : .partlyDone
        }
    }
}

private func show(_ standings: [Standing]) {
    var table = Table([
        "POLICY", "RESOURCE", "REGION", "USABLE", "PENDING", "NEWEST DATA", "AGE", "OBJECTIVE", "NEXT SLOT", "MISSED",
        "FAILING",
    ])
    for standing in standings {
        table.add([
            standing.pair.policy.rawValue, standing.title,
            standing.site.description + (standing.isDestination ? " (copies)" : ""), String(standing.usable),
            String(standing.pending), standing.newestUsable?.description ?? "none", standing.achieved?.short ?? "-",
            standing.verdict, standing.next, standing.missed.map { "\($0.count), last \($0.newest)" } ?? "-",
            standing.failing.map { "\($0.verb.rawValue), \($0.count) times since \($0.since): \($0.code)" } ?? "-",
        ])
    }
    Terminal.say(table.isEmpty ? "no resources are selected" : table.text)
}

/// What it is time for and waits, and until when.
private func show(_ waits: [Wait]) {
    guard !waits.isEmpty else { return }
    var table = Table(["WAITING", "POLICY", "RESOURCE", "SLOT", "REGION", "UNTIL", "FOR"])
    for wait in waits {
        table.add([
            wait.action?.rawValue ?? "-", wait.pair.policy.rawValue, wait.pair.resource.rawValue,
            wait.slot?.description ?? "-", wait.site.description, wait.until?.description ?? "there is room",
            wait.cause.description,
        ])
    }
    Terminal.say("\n" + table.text)
}

private func show(_ drills: [DrillRecord]) {
    guard !drills.isEmpty else { return }
    var table = Table(["LAST DRILL", "POLICY", "RESOURCE", "REGION", "RTO", "RESULT"])
    for record in drills {
        table.add([
            record.slot.description, record.policy.rawValue, record.subject?.resource.rawValue ?? "-",
            record.place?.site.description ?? "-",
            record.recoveryTime?.short ?? "-", record.summary,
        ])
    }
    Terminal.say("\n" + table.text)
}

extension Wait {
    fileprivate var json: JSON {
        .object([
            "action": .optional(action?.rawValue), "policy": .text(pair.policy), "resource": .text(pair.resource),
            "slot": .text(slot), "region": .text(site.region), "account": .account(site.account),
            "until": .text(until), "for": .text(cause.word), "why": .text(cause.description),
        ])
    }
}

extension GoneResource {
    fileprivate var line: String {
        "\(pair.policy)/\(pair.resource) is gone since \(since): \(points) points (\(gibibytes) GiB of volumes) are left; "
            + "when-resource-gone: \(rule)"
    }

    fileprivate var json: JSON {
        .object([
            "policy": .text(pair.policy), "resource": .text(pair.resource), "since": .text(since),
            "points": .number(Int64(points)), "gib": .number(Int64(gibibytes)), "rule": .text("\(rule)"),
        ])
    }
}

extension Standing {
    fileprivate var verdict: String {
        guard let objective, let isMet else { return "-" }
        return "\(objective.short) \(isMet ? "met" : "MISSED")"
    }

    /// When it goes on, or that it does not.
    fileprivate var next: String {
        if let pause, pause.until == nil { return "paused" }
        return (nextSlot?.description ?? "-") + (pause == nil ? "" : " (paused)")
    }

    fileprivate var json: JSON {
        .object([
            "policy": .text(pair.policy), "resource": .text(pair.resource), "region": .text(site.region),
            "account": .account(site.account),
            "newest-usable": .text(newestUsable), "achieved-rpo-seconds": .seconds(achieved),
            "rpo-met": .optional(isMet), "next-slot": .text(nextSlot), "usable": .number(Int64(usable)),
            "pending": .number(Int64(pending)), "paused": .bool(pause != nil), "paused-until": .text(pause?.until),
            "missed": missed.map { missed in
                .object([
                    "count": .number(Int64(missed.count)), "oldest": .text(missed.oldest),
                    "newest": .text(missed.newest),
                ])
            } ?? .null,
            "failing": failing.map { failing in
                .object([
                    "action": .text(failing.verb.rawValue), "count": .number(Int64(failing.count)),
                    "since": .text(failing.since), "code": .text(failing.code),
                ])
            } ?? .null,
        ])
    }
}
