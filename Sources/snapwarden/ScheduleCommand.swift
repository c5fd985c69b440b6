import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon

struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Show the next slots of the config's policies, or try an expression.",
        discussion: """
            Without an expression: the slots of one policy, or of all. With one, no config is read:

              snapwarden schedule --cron "30 2 * * mon-fri" --time-zone Europe/Berlin
              snapwarden schedule --calendar "Mon *-*-01..07 03:00 America/New_York"
              snapwarden schedule --aws "cron(0 2 ? * 6L *)" --count 3
              snapwarden schedule --every 6h --after 2026-10-24T00:00:00Z
              snapwarden schedule --at 02:00 --at 14:00 --on mon..fri

            A slot that the clocks' change skips runs at the first valid moment after the gap; one that comes twice runs \
            the first time. What fires in every hour runs in real time through both.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The policy; all of them if left out.") var policy: String?
    @Option(help: "Five fields as in crontab(5), or @daily and the like.") var cron: String?
    @Option(help: "cron(…) or rate(…) as AWS writes them.") var aws: String?
    @Option(help: "A calendar event as systemd.time(7) describes it.") var calendar: String?
    @Option(help: ArgumentHelp("A period: 6h, 15min, 36h.", valueName: "duration")) var every: String?
    @Option(help: ArgumentHelp("A time of day; may be repeated.", valueName: "time")) var at: [String] = []
    @Option(help: ArgumentHelp("With --at: mon, or mon..fri; may be repeated.", valueName: "days")) var on: [String] =
        []
    @Option(help: ArgumentHelp("The zone the expression is read in (default: UTC).", valueName: "zone"))
    var timeZone: String?
    @Option(help: ArgumentHelp("Slots after this moment, in RFC 3339 (default: now).", valueName: "time"))
    var after: String?
    @Option(help: "So many slots.") var count = 10
    @Option(help: "table or json.") var output = OutputFormat.table

    func validate() throws {
        let expressions = [cron, aws, calendar, every].compactMap { $0 }.count + (at.isEmpty ? 0 : 1)
        guard expressions <= 1 else { throw ValidationError("Give one expression at the most.") }
        guard expressions == 0 || policy == nil else {
            throw ValidationError("Give a policy or an expression, not both.")
        }
        guard expressions == 1 || timeZone == nil else { throw ValidationError("--time-zone goes with an expression.") }
        guard on.isEmpty || !at.isEmpty else { throw ValidationError("--on goes with --at.") }
        guard count >= 1, count <= 100_000 else { throw ValidationError("--count takes 1 to 100000.") }
        guard after == nil || after.flatMap({ Moment(rfc3339: $0) }) != nil else {
            throw ValidationError("--after takes a time such as 2026-11-20T02:00:00Z.")
        }
    }

    func run() throws {
        let after = self.after.flatMap { Moment(rfc3339: $0) } ?? DispatchTurn().now
        if let (schedule, text) = try triedSchedule() { return try show(schedule, text, after: after) }
        let configuration = try Session.load(options.path)
        let policies = configuration.policies.sorted { $0.name < $1.name }
            .filter { policy == nil || $0.name.rawValue == policy }
        if let policy, policies.isEmpty { throw Session.unknownPolicy(policy, configuration, options.path) }
        let options = self.options
        let (count, output) = (self.count, self.output)
        Turns.run { _ in
            let memory = await StateDirectory.recall(options.statePath)
            // Automatic snapshots have dates, but no slots of ours.
            try SchedulePreview.show(policies.filter { $0.source == .own }, memory, after: after, count: count, output)
            return .done
        }
    }

    // MARK: Expressions

    /// The schedule that the options spell out, if they do.
    ///
    /// - Throws: Exit code 10 after saying what is wrong, and where.
    private func triedSchedule() throws -> (Schedule, text: String)? {
        let given: [(option: String, text: String?)] = [
            ("--cron", cron), ("--aws", aws), ("--calendar", calendar), ("--every", every),
        ]
        let zone = try zone(named: timeZone ?? "UTC")
        if !at.isEmpty { return (Schedule(try times(), zone: zone), (at + on).joined(separator: " ")) }
        guard let (option, text) = given.first(where: { $0.text != nil }), let text else { return nil }
        do throws(ExpressionError) {
            switch option {
            case "--cron": return (Schedule(try .cron(text), zone: zone), text)
            case "--aws": return (Schedule(try .aws(text), zone: zone), text)
            case "--every": return (Schedule(try ScheduleText.every(text), zone: zone), text)
            default: break
            }
            let calendar = try Expression.calendar(text)
            guard let own = calendar.zone else { return (Schedule(calendar.expression, zone: zone), text) }
            guard timeZone == nil else {
                throw ExpressionError(at: own.position, "the event names its own zone: leave --time-zone out")
            }
            let catalog = ZoneCatalog()
            guard let zone = catalog.zone(own.name) else {
                let hint = catalog.hint(for: own.name)
                throw ExpressionError(at: own.position, "\"\(own.name)\" is not in the system's zone database\(hint)")
            }
            return (Schedule(calendar.expression, zone: zone), text)
        } catch {
            throw refusal(of: option, text, error)
        }
    }

    private func times() throws -> Expression {
        var days: Set<Int> = []
        for text in on {
            do throws(ExpressionError) {
                days.formUnion(try WeekdayNames.days(text))
            } catch {
                throw refusal(of: "--on", text, error)
            }
        }
        do throws(Expression.AtError) {
            return try .at(at, on: on.isEmpty ? nil : days)
        } catch {
            throw refusal(of: "--at", at[error.index], error.error)
        }
    }

    private func zone(named name: String) throws -> Zone {
        if let zone = ZoneCatalog().zone(name) { return zone }
        Terminal.complain(
            "snapwarden: --time-zone: \"\(name)\" is not in the system's zone database\(ZoneCatalog().hint(for: name))")
        throw ExitStatus.invalidConfig.code
    }

    private func refusal(of option: String, _ text: String, _ error: ExpressionError) -> any Error {
        Terminal.complain("snapwarden: \(option): character \(error.position + 1): \(error.message)")
        Terminal.complain("  \(text)")
        Terminal.complain("  \(String(repeating: " ", count: error.position))^")
        return ExitStatus.invalidConfig.code
    }

    private func show(_ schedule: Schedule, _ text: String, after: Moment) throws {
        let slots = schedule.slots(after: after, count: count)
        switch output {
        case .json:
            try JSON.object([
                "expression": .text(text), "time-zone": .text(schedule.zone.name),
                "slots": .list(slots.map { .text($0) }),
            ]).write()
        case .table:
            var table = Table(["SLOT", "LOCAL TIME", "NOTE"])
            for slot in slots { table.add(schedule.preview(of: slot).row) }
            Terminal.say(table.isEmpty ? "no slots after \(after)" : table.text)
        }
    }
}
