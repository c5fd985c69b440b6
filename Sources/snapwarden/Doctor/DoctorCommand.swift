import ArgumentParser
import BackupCore

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything this config needs, and say what to do about what is missing.",
        discussion: """
            Looks at the config, the state directory, the time zones, the clock, the credentials, each permission (EC2 by \
            DryRun, the rest by reading), the KMS keys of copies, the bucket of sidecars and the quotas in use. Nothing is \
            changed. What can only be tried on a snapshot of ours is tried once there is one.

            EXIT STATUS
              0   all is well
              1   something fails (FAIL)
              2   nothing fails, something deserves a look (WARN)
              10  the config is invalid
              64  wrong usage
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: "table or json.") var output = OutputFormat.table

    func run() throws {
        let (options, output) = (options, output)
        Turns.run { turn in
            let (installation, configuration) = await Findings.ofInstallation(options)
            var findings = installation
            if configuration != nil {
                let session = try Session(options, clock: turn)
                findings.append(await AccountChecks(session: session, clock: turn).findings())
            }
            try show(findings.all, output)
            guard configuration != nil else { return .invalidConfig }
            return switch findings.worst {
            case .ok: .done
            case .warn: .partlyDone
            case .fail: .failed
            }
        }
    }
}

private func show(_ findings: [Finding], _ output: OutputFormat) throws {
    guard output == .table else { return try JSON.list(findings.map(\.json)).write() }
    var table = Table(["RESULT", "CHECK", "FOUND", "REMEDY"])
    for finding in findings {
        table.add([finding.verdict.rawValue, finding.check, finding.text, finding.remedy ?? "-"])
    }
    Terminal.say(table.text)
}
