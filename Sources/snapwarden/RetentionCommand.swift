import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon

struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Try retention rules on a list of times: which would be kept, and why.",
        discussion: """
            Reads one RFC 3339 time a line from standard input; no config and no AWS are asked:

              snapwarden retention --keep-daily 7 --keep-monthly 12 --time-zone Europe/Berlin < times

            Rules only keep, and add up; each of the six that count (--keep-last … --keep-yearly) takes a number or \
            all, each of the six that measure (--keep-within … --keep-within-yearly) a span such as 30d or 1y6mo, \
            counted back from the newest time. --delete-after is the one cap, counted back from now.

            \(ExitStatus.table)
            """)

    @OptionGroup var rules: RuleOptions
    @Option(help: ArgumentHelp("The zone of hours, days, weeks … (default: UTC).", valueName: "zone"))
    var timeZone = "UTC"
    @Option(help: ArgumentHelp("What --delete-after counts from, in RFC 3339 (default: now).", valueName: "time"))
    var now: String?
    @Option(help: "table or json.") var output = OutputFormat.table

    func validate() throws {
        guard now == nil || now.flatMap({ Moment(rfc3339: $0) }) != nil else {
            throw ValidationError("--now takes a time such as 2026-11-20T02:00:00Z.")
        }
    }

    func run() throws {
        let retention = try rules.retention()
        guard let zone = ZoneCatalog().zone(timeZone) else {
            let hint = ZoneCatalog().hint(for: timeZone)
            throw refusal("--time-zone: \"\(timeZone)\" is not in the system's zone database\(hint)")
        }
        let now = self.now.flatMap { Moment(rfc3339: $0) } ?? DispatchTurn().now
        let times = try RetentionCommand.times().sorted(by: >)
        let verdicts = retention.withFloor(
            retention.verdicts(on: times.map { Dated(slot: $0, taken: $0) }, in: zone, now: now))
        let rows = zip(times, verdicts).map { time, verdict in
            let why =
                verdict.isKept ? verdict.reasons.map(\.description) : ["\(retention.whyItGoes(.scheduled, verdict))"]
            return (time: time, isKept: verdict.isKept, reasons: why)
        }
        switch output {
        case .json:
            try JSON.list(
                rows.map { row in
                    .object([
                        "time": .text(row.time), "kept": .bool(row.isKept),
                        "reasons": .list(row.reasons.map { .text($0) }),
                    ])
                }
            ).write()
        case .table:
            var table = Table(["TIME", "KEPT", "REASONS"])
            for row in rows {
                table.add([row.time.description, row.isKept ? "yes" : "no", row.reasons.joined(separator: ", ")])
            }
            Terminal.say(table.isEmpty ? "no times on standard input" : table.text)
        }
    }

    /// - Throws: Exit code 10 after saying which line is no time.
    private static func times() throws -> [Moment] {
        var times: [Moment] = []
        var number = 0
        while let line = readLine() {
            number += 1
            let words = line.split { $0.isWhitespace }
            guard let text = words.first else { continue }
            guard words.count == 1, let time = Moment(rfc3339: text) else {
                throw refusal("line \(number): expected one time such as 2026-11-20T02:00:00Z, got \"\(line)\"")
            }
            times.append(time)
        }
        return times
    }
}

/// The retention rules as options, named as in the config.
struct RuleOptions: ParsableArguments {
    @Option(help: "The newest N points.") var keepLast: String?
    @Option(help: "The newest point of each of the latest N hours that have one.") var keepHourly: String?
    @Option(help: "Of each day.") var keepDaily: String?
    @Option(help: "Of each ISO week.") var keepWeekly: String?
    @Option(help: "Of each month.") var keepMonthly: String?
    @Option(help: "Of each year.") var keepYearly: String?
    @Option(help: "Every point within this span of the newest.") var keepWithin: String?
    @Option(help: "The newest point of each hour within this span.") var keepWithinHourly: String?
    @Option(help: "Of each day within it.") var keepWithinDaily: String?
    @Option(help: "Of each ISO week within it.") var keepWithinWeekly: String?
    @Option(help: "Of each month within it.") var keepWithinMonthly: String?
    @Option(help: "Of each year within it.") var keepWithinYearly: String?
    @Option(help: "Nothing older than this is kept by a rule.") var deleteAfter: String?
    @Option(help: "So many of the newest are kept whatever else is said.") var keepAtLeast = 1

    func validate() throws {
        guard keepAtLeast >= 1 else { throw ValidationError("--keep-at-least takes 1 or more.") }
    }

    /// - Throws: Exit code 10 after saying what is wrong.
    func retention() throws -> Retention {
        let counts = zip(
            KeepRule.counted, [keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly])
        let spans = zip(
            KeepRule.within,
            [
                keepWithin, keepWithinHourly, keepWithinDaily, keepWithinWeekly, keepWithinMonthly,
                keepWithinYearly,
            ])
        var rules: [KeepRule] = []
        for case (let rule, let text?) in counts {
            guard text == "all" || (text.allSatisfy(\.isNumber) && (Int(text) ?? 0) >= 1) else {
                throw refusal("--\(rule.key): expected a whole number of 1 or more, or all, got \"\(text)\"")
            }
            rules.append(KeepRule(rule.division, .latest(Int(text))))
        }
        for case (let rule, let text?) in spans {
            rules.append(KeepRule(rule.division, .within(try span(text, "--\(rule.key)"))))
        }
        return Retention(
            rules, deleteAfter: try deleteAfter.map { try span($0, "--delete-after") }, atLeast: keepAtLeast)
    }

    private func span(_ text: String, _ option: String) throws -> CalendarSpan {
        do throws(ExpressionError) {
            return try SpanText.read(text)
        } catch {
            throw refusal("\(option): \(error.message)")
        }
    }
}

/// Says what is wrong with an option or a line.
private func refusal(_ message: String) -> any Error {
    Terminal.complain("snapwarden: \(message)")
    return ExitStatus.invalidConfig.code
}
