import ArgumentParser
import BackupCore
import BackupDaemon

struct StatusCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the age of every resource's newest usable point against its objective.",
        discussion: """
            A running daemon answers from what it read of AWS last, at most an hour ago and seconds ago of what is under \
            way; without one AWS is read now. With --watch it is shown again and again, with what is under way and for how \
            long still, until ctrl-C.

            Exit status 12 tells monitoring that an objective is missed, or that the last drill of a policy or of one of its \
            resources failed.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: "table or json.") var output = OutputFormat.table
    @Flag(help: "Show it again and again, for people.") var watch = false

    func validate() throws {
        if watch, output == .json {
            throw ValidationError("--watch is for people: ask for JSON once, as often as needed.")
        }
    }

    func answer(_ session: Session) async throws -> ExitStatus {
        guard watch else { return try await show(FleetStatus(session)) }
        var session = session
        while true {
            if let daemon = session.daemon { session.configuration = await daemon.scheduler.configuration }
            // Whoever does not look sees the next one.
            if !Terminal.output.isBehind {
                let status = await FleetStatus(session)
                try await Terminal.redraw { _ = try show(status) }
            }
            // The daemon's knowledge costs nothing; otherwise AWS is read each time.
            try await session.time.sleep(until: session.time.now + .seconds(session.daemon == nil ? 15 : 2))
        }
    }

    private func show(_ status: FleetStatus) throws -> ExitStatus {
        switch output {
        case .json: try status.json.write()
        case .table: status.show()
        }
        return status.exit
    }
}

/// All that `status` tells of a moment.
private struct FleetStatus {
    let configuration: Configuration
    let now: Moment
    let isComplete: Bool
    let memory: Memory
    let standings: [Standing]
    let gone: [GoneResource]
    let waits: [Wait]
    let underWay: [Progress]
    let drills: [DrillRecord]
    let line: String

    /// What the daemon knows, or what AWS shows now; says what could not be read.
    init(_ session: Session) async {
        configuration = session.configuration
        now = session.time.now
        let inventory = await session.knownInventory()
        isComplete = session.report(gapsIn: inventory)
        memory = await session.recall()
        let taught = session.taught(memory, by: inventory, now: now)
        waits = await session.planner(inventory, taught).plan().waits
        standings = inventory.standings(under: configuration, memory, now: now)
        gone = inventory.goneResources(under: configuration, memory, now: now)
        underWay = inventory.progress(under: configuration, now: now)
        drills = memory.drills.last(under: configuration, in: inventory)
        line = configuration.statusLine(inventory, memory, now: now)
    }

    var exit: ExitStatus {
        let hasFailedDrill = drills.contains { $0.hasFailed && configuration.drills($0.policy) }
        if hasFailedDrill || standings.contains(where: { $0.isMet == false }) { return .objectiveMissed }
        return isComplete ? .done : .partlyDone
    }

    var json: JSON {
        .object([
            "now": .text(now), "complete": .bool(isComplete),
            "resources": .list(standings.map(\.json)), "gone": .list(gone.map(\.json)),
            "under-way": .list(underWay.map(\.json)),
            "waiting": .list(waits.map(\.json)), "stepped-back": .text(memory.steppedBack),
            "drills": .list(drills.map(\.json)),
        ])
    }

    func show() {
        snapwarden.show(standings)
        snapwarden.show(underWay)
        waits.show()
        snapwarden.show(drills)
        for resource in gone { Terminal.say(resource.line) }
        if let since = memory.steppedBack {
            Terminal.say(
                "another snapwarden on this fleet goes first since \(since): EC2 slots that it leaves empty are taken late"
            )
        }
        Terminal.say(line)
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

/// What AWS is making, how far it is, and how long it will take at this pace.
private func show(_ underWay: [Progress]) {
    guard !underWay.isEmpty else { return }
    var table = Table(["UNDER WAY", "POLICY", "RESOURCE", "SLOT", "REGION", "GIB", "DONE", "LEFT"])
    for progress in underWay {
        table.add([
            progress.isCopy ? "copy" : "create", progress.pair.policy.rawValue, progress.pair.resource.rawValue,
            progress.slot.description, progress.site.description, String(progress.gibibytes),
            progress.percent.map(bar) ?? "-", progress.left.map { "about \($0.short)" } ?? "-",
        ])
    }
    Terminal.say("\n" + table.text)
}

/// `[########------------]  40 %`.
private func bar(_ percent: Int) -> String {
    let width = 20
    let full = width * percent / 100
    let number = String(percent)
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: width - full) + "] "
        + String(repeating: " ", count: 3 - number.count) + number + " %"
}

extension [Wait] {
    /// Shows what it is time for and waits, and until when.
    func show() {
        guard !isEmpty else { return }
        var table = Table(["WAITING", "POLICY", "RESOURCE", "SLOT", "REGION", "UNTIL", "FOR"])
        for wait in self {
            table.add([
                wait.action?.rawValue ?? "-", wait.pair.policy.rawValue, wait.pair.resource.rawValue,
                wait.slot?.description ?? "-", wait.site.description, wait.until?.description ?? "there is room",
                wait.cause.description,
            ])
        }
        Terminal.say("\n" + table.text)
    }
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

extension Progress {
    fileprivate var json: JSON {
        .object([
            "action": .text(isCopy ? "copy" : "create"), "policy": .text(pair.policy), "resource": .text(pair.resource),
            "slot": .text(slot), "region": .text(site.region), "account": .account(site.account),
            "gib": .number(Int64(gibibytes)), "began": .text(began),
            "percent": percent.map { .number(Int64($0)) } ?? .null, "seconds-left": .seconds(left),
        ])
    }
}

extension Wait {
    var json: JSON {
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
