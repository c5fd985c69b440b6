import AWS
import ArgumentParser
import BackupCore
import BackupDaemon
import CLinux

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make what a recovery point is of anew, beside what is there.",
        discussion: """
            With --plan it shows every call that it would make, and makes none. Without it, it shows the same and asks \
            first (--yes does not ask). Whatever it makes bears the tag snapwarden:restore; killed half-way, the same \
            command goes on where it was; --undo removes what it made. Snapshots are never touched.

              snapwarden restore blog --plan                        the newest point of the Lightsail instance blog
              snapwarden restore i-0a1b2c3d --at 2026-11-19T12:00:00Z --new-instance
              snapwarden restore web/i-0a1b2c3d/2026-11-20T02:00:00Z --attach-to i-0e5f6a7b --device /dev/xvda=/dev/sdf
              snapwarden restore blog --region eu-west-1            from the copy; no other region is asked

            Lightsail instances get back their disks, firewall, tags and add-ons; EC2 instances their type, network, key, \
            profile, volumes and tags, as far as the region has them. What cannot be put back is said beforehand.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(
        help: "POLICY/RESOURCE/SLOT as the journal writes it, a set's id, or a resource: its id or its name.")
    var point: String
    @Option(help: ArgumentHelp("Of a resource: the newest point with data no later than this.", valueName: "time"))
    var at: String?
    @Option(help: "Restore the point, or its copy, in this region; no other region is asked for points.")
    var region: String?
    @Flag(help: "Show what would be done, and do nothing.") var plan = false
    @Flag(help: "Do not ask.") var yes = false
    @Flag(help: "Remove what an earlier restore of this point made.") var undo = false
    @Option(help: "table or json.") var output = OutputFormat.table
    @OptionGroup(title: "What is made") var made: RestoreOptions

    func validate() throws {
        if let at, Moment(rfc3339: at) == nil {
            throw ValidationError("--at takes a time such as 2026-11-20T02:00:00Z: not \"\(at)\".")
        }
        if at != nil, made.latestAutomatic { throw ValidationError("--at and --latest-automatic exclude each other.") }
        if output == .json, !plan, !yes { throw ValidationError("--output json asks nothing: add --plan or --yes.") }
    }

    func run() throws {
        linux_line_buffer_stdout()
        let command = self
        Turns.run { turn in try await command.restore(Session(command.options, clock: turn)) }
    }

    private func restore(_ session: Session) async throws -> ExitStatus {
        let order = try made.order()
        let points = try await choose(session, takesIncomplete: order.ec2.takesIncomplete || undo)
        var point = try await begun(points, order, session) ?? points[0]
        if !undo {
            point = await session.sidecarSearch.completed(
                point, await StateDirectory.recall(session.stateDirectory)
            ) { Terminal.complain("snapwarden: \($0)") }
        }
        let strangers = made.strangers(to: point.resourceKind)
        guard strangers.isEmpty else {
            let what = "\(strangers.joined(separator: ", ")) \(strangers.count == 1 ? "means" : "mean") nothing here"
            Terminal.complain("snapwarden: \(what): the point is of \(point.resourceKind.rawValue)")
            return .failed
        }
        let clients = session.accounts.restoreClients(of: point.site.account)
        do {
            let work: any RestoreWork =
                undo
                ? try await Restores.undo(point, order, clients.reading)
                : try await Restores.restore(
                    point, order, clients.reading, clock: session.time,
                    settled: session.configuration.timing.consistency)
            let outlook = try await look(at: work, session)
            let text = RestoreText(point: point, work: work, isUndo: undo)
            if plan {
                try text.show(outlook, output)
                return .done
            }
            if outlook.isDone { return try text.conclude(outlook, output, madeNothing: true) }
            if !yes {
                try text.show(outlook, output)
                guard Terminal.agrees("Go on?") else { return .failed }
            }
            let progress = RestoreProgress(clock: session.time, isQuiet: output == .json)
            let runner = RestoreRunner(clients, clock: session.time, timing: session.configuration.timing)
            let end = try await runner.run(work) { progress.tell($0) }
            progress.end()
            return try text.conclude(end, output, madeNothing: false)
        } catch let error as RestoreError {
            Terminal.complain("snapwarden: \(error)")
            return .failed
        }
    }

    /// What is left to do; that nothing is left to remove must be seen twice.
    private func look(at work: any RestoreWork, _ session: Session) async throws -> RestoreOutlook {
        let outlook = try await work.look()
        guard outlook.isDone, work.isRemoval, !plan else { return outlook }
        try await session.time.sleep(until: session.time.now + session.configuration.timing.consistency)
        return try await work.look()
    }

    /// Of a resource the point of which a restore was begun, or is there: the newest one may be another by now.
    ///
    /// - Throws: `ExitCode` after saying that AWS could not be read.
    private func begun(
        _ points: [RecoveryPoint], _ order: RestoreOrder, _ session: Session
    ) async throws -> RecoveryPoint? {
        // A time names the point as well.
        guard points.count > 1, at == nil else { return nil }
        let reading = session.accounts.restoreClients(of: points[0].site.account).reading
        do throws(RestoreError) {
            guard let begun = try await Restores.begun(points, order, reading).first, begun.id != points[0].id else {
                return nil
            }
            Terminal.complain(
                "snapwarden: a restore of \(begun.title) is there, and this goes on with it: name a point, or another name with "
                    + "--as, for anything else")
            return begun
        } catch {
            Terminal.complain("snapwarden: \(error)")
            throw ExitStatus.failed.code
        }
    }

    /// - Throws: `ExitCode` after saying that there is no such point.
    private func choose(_ session: Session, takesIncomplete: Bool) async throws -> [RecoveryPoint] {
        let choice = PointChoice(
            text: point, at: at.flatMap { Moment(rfc3339: $0) }, region: region, takesIncomplete: takesIncomplete)
        let only = try region.map { try session.region(named: Site($0).region.rawValue) }
        let inventory = await session.inventory(in: only).claimingLookalikes()
        let isComplete = session.report(gapsIn: inventory, of: only)
        do {
            let found = try choice.points(
                in: inventory, names: inventory.names(of: inventory.points + inventory.knownByName))
            // Another place may hold a newer one, or the point itself.
            guard isComplete || only != nil else {
                Terminal.complain(
                    "snapwarden: what was not read may hold a better point: say which region with --region")
                throw ExitStatus.failed.code
            }
            return found
        } catch let refusal as PointChoice.Refusal {
            Terminal.complain("snapwarden: \(refusal)")
            throw ExitStatus.failed.code
        }
    }
}

extension AccountBook {
    /// What restores are done with in an account that the config names.
    func restoreClients(of account: AccountID) -> RestoreClients {
        guard let client = client(of: account) else {
            preconditionFailure("no point is of an account that the config does not have")
        }
        return RestoreClients(ec2: EC2Client(client), lightsail: LightsailClient(client))
    }
}
