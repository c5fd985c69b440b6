import AWS
import ArgumentParser
import BackupCore

struct IAMPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iam-policy", abstract: "Print the least-privilege IAM policy for exactly this config.",
        discussion: """
            It allows what the config needs, in its regions: reading, making what bears the fleet's tag, and changing and \
            deleting what bears it. Lightsail's CopySnapshot knows neither resources nor tags: who may copy there may also \
            tag, and then delete, a foreign snapshot in the region of the copies. AWS is not asked. Standard output holds the JSON and nothing else; standard error \
            says if it is too large for one managed policy.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let policy = LeastPrivilege(for: try Session.load(options.path)).policy
        Terminal.say(try policy.text)
        if let warning = try policy.sizeWarning { Terminal.complain("warning: \(warning)") }
    }
}
