import AWS
import ArgumentParser
import BackupCore
import BackupDaemon
import CLinux

struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Restore a point of a policy now, check it, and remove what was made.",
        discussion: """
            Does what the policy's drill: says, as if its schedule had come: restores the point of the resource whose turn \
            it is, waits until it runs and passes its check, tells how long that took, and removes what it made. A policy \
            without drill: is drilled with its newest copy, else with its newest point, and no check.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy.") var policy: String
    @Option(help: "Lines on standard error: text or json.") var logFormat = LogFormat.text
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
        linux_line_buffer_stdout()
        let (options, policy, format, output) = (options, policy, logFormat, output)
        Turns.run { turn in
            let events = Events.sink(format, clock: turn)
            let session = try Session(options, clock: turn, events: events)
            let name = PolicyName(policy)
            guard let found = session.configuration.policies.first(where: { $0.name == name }) else {
                throw Session.unknownPolicy(policy, session.configuration, session.configPath)
            }
            let rule = found.drill ?? DrillRule.byHand(found)
            return try await StateDirectory.withLedger(of: session.stateDirectory, events) { ledger in
                let runner = session.runner(ledger, events)
                await runner.open()
                let inventory = await session.inventory(pointsOnly: true)
                _ = session.report(gapsIn: inventory)
                let now = session.time.now
                let points = rule.points(of: found, in: inventory, await runner.memory.drills, slot: now)
                guard !points.isEmpty else {
                    Terminal.complain(
                        "snapwarden: policy \"\(policy)\" has no usable \(rule.isOfCopies ? "copy" : "point at home") to restore"
                    )
                    return .failed
                }
                let drills = session.drills(runner, events)
                var rows: [(Drill, DrillRecord)] = []
                for point in points {
                    let drill = Drill(
                        fleet: session.configuration.fleet, policy: name, rule: rule, slot: now, point: point,
                        began: session.time.now)
                    rows.append((drill, await drills.perform(drill)))
                }
                try show(rows, output)
                let passed = rows.count { $0.1.hasPassed }
                return passed == rows.count ? .done : passed > 0 ? .partlyDone : .failed
            }
        }
    }
}

private func show(_ rows: [(Drill, DrillRecord)], _ output: OutputFormat) throws {
    if output == .json { return try JSON.list(rows.map { $1.json }).write() }
    for (drill, record) in rows {
        Terminal.say("\(drill.point.title) in \(drill.point.site): \(record.summary)")
        if let until = record.keptUntil { Terminal.say("  what was restored stays until \(until): \(drill.name)") }
    }
}

extension DrillRecord {
    var json: JSON {
        .object([
            "policy": .text(policy), "resource": .optional(subject?.resource.rawValue), "slot": .text(slot),
            "set": .optional(subject?.point.set.rawValue),
            "region": .optional(place?.region.rawValue), "account": place.map { .account($0.account) } ?? .null,
            "began": .text(began),
            "ended": .text(ended), "passed": .bool(hasPassed), "restored-seconds": .seconds(restored),
            "rto-seconds": .seconds(recoveryTime), "failure": .optional(failure), "kept-until": .text(keptUntil),
        ])
    }
}

extension DrillRule {
    /// What is drilled of a policy that says nothing about drills.
    fileprivate static func byHand(_ policy: Policy) -> DrillRule {
        DrillRule(schedule: policy.schedules[0], isOfCopies: !policy.copies.isEmpty)
    }
}

extension Session {
    func drills(_ runner: PlanRunner, _ events: any EventSink) -> Drills {
        let (accounts, timing, search) = (accounts, configuration.timing, sidecarSearch)
        let driller = AWSDriller(
            clock: time, timing: { timing },
            completed: { point in
                await search.completed(point, await runner.memory) { what in
                    let fields = Event.Fields(
                        policy: point.policy, resource: point.resource, site: point.site, action: "read-sidecar",
                        reason: what)
                    events.emit(Event(.actionFailed, what, fields))
                }
            }
        ) { account in
            accounts.client(of: account).map { RestoreClients(ec2: EC2Client($0), lightsail: LightsailClient($0)) }
        }
        return Drills(
            runner: runner, driller: driller, prober: DrillProbe(transport: transport, clock: time), clock: time,
            events: events)
    }
}
