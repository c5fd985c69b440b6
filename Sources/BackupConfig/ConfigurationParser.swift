import BackupCore

/// Reads the top level: fleet, waits, policies.
final class ConfigurationParser {
    let problems: Problems
    let zones: ZoneReader
    private(set) var policies: [(policy: Policy, mark: Mark)] = []
    /// Of the main file, which the drop-ins name too.
    private(set) var accounts: Accounts
    /// The same.
    private(set) var targets: [NotifyTarget]

    static let keys = [
        "fleet", "policies", "timing", "start-window", "debris-grace", "prune-grace", "inventory-interval",
        "history", "max-prunes", "max-prune-share", "api-budget", "accounts", "sidecar", "metrics-file",
        "notify",
    ]

    private static let waits = ["consistency", "poll-first", "poll-longest", "call-timeout"]

    init(problems: Problems, zones: ZoneReader, accounts: Accounts = Accounts(), targets: [NotifyTarget] = []) {
        self.problems = problems
        self.zones = zones
        self.accounts = accounts
        self.targets = targets
    }

    /// The whole of a main file; nil if it is no mapping or the fleet's name is missing.
    func main(_ root: Node) -> Configuration? {
        guard let reader = MappingReader(root, "config", known: ConfigurationParser.keys, problems) else { return nil }
        let timing = timing(reader)
        if let node = reader["accounts"] { accounts = AccountParser(problems: problems).accounts(node) }
        targets = NotifyParser(problems: problems).targets(reader)
        if let node = reader["policies"] { readPolicies(node) }
        guard let fleet = reader.require("fleet", "give this installation a name, as in fleet: acme"),
            let name = name(fleet, "fleet")
        else { return nil }
        var configuration = Configuration(
            fleet: FleetName(name), policies: policies.map(\.policy), timing: timing, cap: cap(reader))
        configuration.accounts = accounts.roles
        configuration.sidecarBucket = SidecarParser(problems: problems).bucket(reader, configuration.policies)
        configuration.apiBudget = reader.percentage("api-budget", through: 10_000) ?? configuration.apiBudget
        configuration.notify = targets
        configuration.metricsFile = metricsFile(reader)
        return configuration
    }

    /// node_exporter's textfile collector reads files that end so, and no others.
    private func metricsFile(_ reader: MappingReader) -> String? {
        guard let (path, mark) = reader.text("metrics-file") else { return nil }
        guard path.hasPrefix("/"), path.hasSuffix(".prom") else {
            problems.add(mark, "metrics-file: expected the whole path of a file that ends in .prom, got \"\(path)\"")
            return nil
        }
        return path
    }

    private func cap(_ reader: MappingReader) -> PruneCap {
        var cap = PruneCap()
        cap.count = reader.count("max-prunes") ?? cap.count
        cap.share = reader.percentage("max-prune-share") ?? cap.share
        return cap
    }

    /// The policies of a drop-in, which holds nothing else.
    func dropIn(_ root: Node) -> [(policy: Policy, mark: Mark)] {
        guard let reader = MappingReader(root, "drop-in", known: ["policies"], problems) else { return [] }
        if let node = reader["policies"] { readPolicies(node) }
        return policies
    }

    private func readPolicies(_ node: Node) {
        switch node {
        case .mapping(let entries, _):
            for entry in entries {
                checkName(entry.key, "policy", entry.mark)
                let parser = PolicyParser(
                    name: entry.key, problems: problems, zones: zones, accounts: accounts, targets: targets)
                if let policy = parser.policy(entry.value) { policies.append((policy, entry.mark)) }
            }
        case .scalar("", _): break
        default: problems.add(node.mark, "policies: expected a mapping of names to policies, got \(node.kind)")
        }
    }

    private func timing(_ reader: MappingReader) -> Timing {
        var timing = Timing()
        timing.startWindow = reader.duration("start-window") ?? timing.startWindow
        timing.debrisGrace = reader.duration("debris-grace") ?? timing.debrisGrace
        timing.pruneGrace = reader.duration("prune-grace") ?? timing.pruneGrace
        if let interval = reader.duration("inventory-interval") {
            if interval < .seconds(60) {
                problems.add(reader.mark(of: "inventory-interval"), "inventory-interval: 1min at least")
            }
            timing.inventoryInterval = interval
        }
        if let history = reader.duration("history") {
            if history < .seconds(30 * 86_400) { problems.add(reader.mark(of: "history"), "history: 30d at least") }
            timing.history = history
        }
        guard let node = reader["timing"],
            let waits = MappingReader(node, "timing", known: ConfigurationParser.waits, problems)
        else { return timing }
        timing.consistency = waits.duration("consistency") ?? timing.consistency
        timing.pollFirst = waits.duration("poll-first") ?? timing.pollFirst
        timing.pollLongest = waits.duration("poll-longest") ?? timing.pollLongest
        timing.callTimeout = waits.duration("call-timeout") ?? timing.callTimeout
        for key in ["poll-first", "poll-longest", "call-timeout"] where waits.duration(key) == .zero {
            problems.add(waits.mark(of: key), "\(key): 1s at least")
        }
        if timing.callTimeout > .seconds(3600) {
            problems.add(waits.mark(of: "call-timeout"), "call-timeout: 1h at most")
        }
        return timing
    }

    private func name(_ node: Node, _ title: String) -> String? {
        guard let (text, mark) = Scalars.text(node, title, problems) else { return nil }
        checkName(text, title, mark)
        return text
    }

    /// Fleet and policy names stand in Lightsail names, where `--` separates.
    private func checkName(_ text: String, _ title: String, _ mark: Mark) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isGood: (Character) -> Bool = { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        if text.count > 40 || !parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isGood) }) {
            problems.add(
                mark,
                "\(title): \"\(text)\" is not a name: lower-case letters and digits, single hyphens between them, 40 at most"
            )
        }
    }
}
