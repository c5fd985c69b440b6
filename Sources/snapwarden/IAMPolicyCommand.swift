import AWS
import ArgumentParser
import BackupConfig
import BackupCore

struct IAMPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iam-policy", abstract: "Print the least-privilege IAM policy for exactly this config.",
        discussion: """
            With accounts in the config, each has a policy of its own; that of the standard credentials lets them take on \
            the accounts' roles. It allows what the config needs, in its regions: reading, making what bears the fleet's tag, and changing and \
            deleting what bears it. Lightsail's CopySnapshot knows neither resources nor tags: who may copy there may also \
            tag, and then delete, a foreign snapshot in the region of the copies; and who may mark the disks that a \
            restore on Lightsail brings may mark, and then delete, any disk. AWS is not asked. Standard output holds the JSON and nothing else; standard error \
            says if it is too large for one managed policy.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: "For the role of this one of the config's accounts; without it, for the standard credentials.")
    var account: String?

    @Flag(help: "For people who restore: what `restore` and `list` need, and nothing of what the daemon does.")
    var restore = false

    func run() throws {
        let configuration = try Session.load(options.path)
        let rights = LeastPrivilege(for: configuration, in: try id(in: configuration))
        let policy = restore ? rights.restorePolicy : rights.policy
        Terminal.say(try policy.text)
        if let warning = try policy.sizeWarning { Terminal.complain("warning: \(warning)") }
    }

    private func id(in configuration: Configuration) throws -> AccountID {
        guard let account else { return .standard }
        if let (id, _) = configuration.accounts.first(where: { $0.value.name == account }) { return id }
        if account == AccountID.standard.rawValue { return .standard }
        let known = configuration.accounts.values.map(\.name).sorted()
        let hint = known.isEmpty ? ": it names none" : ": it has \(known.joined(separator: ", "))"
        let nearest = Suggestion.text(for: account, among: known)
        Terminal.complain("snapwarden: no account \"\(account)\" in \(options.path)\(nearest.isEmpty ? hint : nearest)")
        throw ExitStatus.failed.code
    }
}
