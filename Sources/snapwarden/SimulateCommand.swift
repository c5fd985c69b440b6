import ArgumentParser
import BackupConfig
import BackupCore

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Live through months or years of the config in seconds, and see what would exist.",
        discussion: """
            The real daemon runs on an AWS account in memory, with its clock set forward from slot to slot; AWS itself is \
            not asked. Each policy gets resources such as it selects.

              snapwarden simulate --from 2027-01-01T00:00:00Z --to 2028-01-01T00:00:00Z
              snapwarden simulate --from … --to … --policy web --outage 2027-03-01T00:00:00Z..2027-03-04T12:00:00Z
              snapwarden simulate --from … --to … --output html > rehearsal.html

            Assumed: snapshots and copies complete at once, and each day's changes take up --change-rate of a resource's \
            size; AWS bills a snapshot's changed blocks only.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: ArgumentHelp("When it begins, in RFC 3339.", valueName: "time")) var from: String
    @Option(help: ArgumentHelp("When it ends.", valueName: "time")) var to: String
    @Option(help: "Only this policy.") var policy: String?
    @Option(help: ArgumentHelp("Nothing of ours runs in this time; may be repeated.", valueName: "time..time"))
    var outage: [String] = []
    @Option(help: ArgumentHelp("So many of the slots fail whenever they are tried.", valueName: "percent"))
    var skipRate = "0%"
    @Option(help: "So many resources for each kind and region that a policy selects.") var resources = 1
    @Option(help: "GiB of each resource.") var gib = 100
    @Option(help: ArgumentHelp("How much of it changes in a day.", valueName: "percent")) var changeRate = "3%"
    @Option(help: "table, json or html.") var output = SimulationOutput.table

    func validate() throws {
        guard let from = Moment(rfc3339: from), let to = Moment(rfc3339: to), from < to else {
            throw ValidationError("--from and --to take two times in order, such as 2027-01-01T00:00:00Z.")
        }
        guard to - from <= .seconds(3660 * 86_400) else { throw ValidationError("Ten years at the most.") }
        for text in outage where SimulateCommand.range(text) == nil {
            throw ValidationError("--outage takes two times in order: 2027-03-01T00:00:00Z..2027-03-02T00:00:00Z.")
        }
        guard Percent(skipRate) != nil, Percent(changeRate) != nil else {
            throw ValidationError("--skip-rate and --change-rate take 0% to 100%, such as 2.5%.")
        }
        guard (1...10_000).contains(resources), (1...65_536).contains(gib) else {
            throw ValidationError("--resources takes 1 to 10000, --gib 1 to 65536.")
        }
    }

    func run() throws {
        var configuration = try Session.load(options.path)
        if let policy {
            guard configuration.policies.contains(where: { $0.name.rawValue == policy }) else {
                throw Session.unknownPolicy(policy, configuration, options.path)
            }
            configuration.policies.removeAll { $0.name.rawValue != policy }
        }
        guard let from = Moment(rfc3339: from), let to = Moment(rfc3339: to), let skips = Percent(skipRate),
            let changes = Percent(changeRate)
        else { return }
        let rehearsal = Rehearsal(
            configuration: configuration, fleet: SimulatedFleet(resources: resources, gibibytes: gib), from: from,
            to: to,
            outages: outage.compactMap(SimulateCommand.range), skipRate: skips.tenThousandths)
        let recording: Recording
        do {
            recording = try rehearsal.run()
        } catch {
            Terminal.complain("snapwarden: no account holds what this config selects: \(error)")
            throw ExitStatus.failed.code
        }
        let report = SimulationReport(rehearsal, recording, changeRate: changes)
        switch output {
        case .table: Terminal.say(report.text)
        case .json: try report.json.write()
        case .html: Terminal.say(TimelinePage(report).text)
        }
    }

    private static func range(_ text: String) -> Range<Moment>? {
        guard let dots = text.firstRange(of: ".."), let start = Moment(rfc3339: text[..<dots.lowerBound]),
            let end = Moment(rfc3339: text[dots.upperBound...]), start < end
        else { return nil }
        return start..<end
    }
}

/// What `simulate` prints.
enum SimulationOutput: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case html
}

/// A share, as `5%` or `2.5%`.
struct Percent: Sendable {
    /// Of 10,000.
    let tenThousandths: Int

    init?(_ text: String) {
        guard text.hasSuffix("%"), let value = Double(text.dropLast()), (0...100).contains(value) else { return nil }
        tenThousandths = Int((value * 100).rounded())
    }

    var fraction: Double { Double(tenThousandths) / 10_000 }
}
