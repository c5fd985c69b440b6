import ArgumentParser
import BackupConfig
import BackupDaemon

struct ReloadCommand: AnsweredByDaemon {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Have the running daemon read its config again, and wait until it has.",
        discussion: """
            As `systemctl reload snapwarden` does. If the config has problems they are printed, and the one before stays \
            in force.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws {
        if let code = try RunningDaemon.ask(Arguments.all, options, anyConfig: options.config == nil) { throw code }
        Terminal.complain("snapwarden: no daemon runs here\(options.config.map { " that works by \($0)" } ?? "")")
        throw ExitStatus.failed.code
    }

    func answer(_ session: Session) async throws -> ExitStatus {
        guard let scheduler = session.daemon?.scheduler else { return .failed }
        if await scheduler.reloaded() { return .done }
        for problem in ConfigurationFile.load(session.configPath).problems { Terminal.complain(problem.description) }
        Terminal.complain("snapwarden: the config before stays in force")
        return .invalidConfig
    }
}
