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
        subcommands: [Run.self, Check.self, PlanCommand.self, Backup.self, Status.self, List.self])

    @OptionGroup var options: GlobalOptions
}

/// The options every command understands, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The config file.", valueName: "file"))
    var config = "/etc/snapwarden/snapwarden.yaml"

    @Option(
        help: ArgumentHelp(
            "Where the ledger lives (default: $STATE_DIRECTORY or /var/lib/snapwarden).", valueName: "dir"))
    var stateDir: String?
}
struct Run: ParsableCommand { @OptionGroup var options: GlobalOptions; func run() { print(options.config) } }
struct Check: ParsableCommand { @OptionGroup var options: GlobalOptions }
struct PlanCommand: ParsableCommand { @OptionGroup var options: GlobalOptions }
struct Backup: ParsableCommand { @OptionGroup var options: GlobalOptions }
struct Status: ParsableCommand { @OptionGroup var options: GlobalOptions }
struct List: ParsableCommand { @OptionGroup var options: GlobalOptions }
enum ExitStatus { static let table = "" }
