import ArgumentParser
import BackupConfig
import BackupCore

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the config, and say everything that is wrong with it.",
        discussion: """
            Prints each problem as file:line:column: what is wrong: what to write instead. AWS is not asked.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let reading = ConfigurationFile.load(options.path)
        for problem in reading.problems { Terminal.complain(problem.description) }
        for warning in reading.warnings { Terminal.complain("warning: \(warning)") }
        guard let configuration = reading.configuration else {
            Terminal.complain(reading.problems.count == 1 ? "1 problem" : "\(reading.problems.count) problems")
            throw ExitStatus.invalidConfig.code
        }
        Terminal.say("\(options.path): fleet \(configuration.fleet), \(configuration.policies.counted): no problems")
    }
}
