import ArgumentParser

/// The program: the list of its commands is the overview.
struct Snapwarden: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapwarden",
        abstract: "Backups of EC2 and Lightsail instances on a schedule, copied to another region, pruned by rule.",
        discussion: """
            Reads its policies from a config file, takes crash-consistent snapshot sets when they are due, copies them \
            to a disaster-recovery region, deletes what no rule keeps, and says why it did or did not.

            \(ExitStatus.table)
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, ReloadCommand.self, CheckCommand.self, PlanCommand.self, BackupCommand.self,
            StatusCommand.self,
            ListCommand.self, ScheduleCommand.self, PauseCommand.self, ResumeCommand.self,
            RetentionCommand.self, PruneCommand.self, SimulateCommand.self, HoldCommand.self, ReleaseCommand.self,
            RestoreCommand.self, DrillCommand.self, DoctorCommand.self, IAMPolicyCommand.self, NotifyCommand.self,
        ])

    @OptionGroup var options: GlobalOptions
}

/// The release this is.
enum Version {
    static let text = "0.1.0"
}

/// The options every command understands; they stand before or after its name.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("The config file (default: \(GlobalOptions.defaultConfig)).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Where the ledger lives (default: $STATE_DIRECTORY, else \(GlobalOptions.defaultState)).",
            valueName: "dir"))
    var stateDir: String?

    static let defaultConfig = "/etc/snapwarden/snapwarden.yaml"
    static let defaultState = "/var/lib/snapwarden"
}

/// What a command prints.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
}
