import BackupCore

/// Reads one policy.
struct PolicyParser {
    let name: String
    let problems: Problems
    let zones: ZoneReader
    let accounts: Accounts
    let targets: [NotifyTarget]

    static let keys = [
        "regions", "select", "exclude", "schedule", "blackout", "first", "retention", "when-resource-gone", "adopts",
        "copies", "tags", "rpo", "outpost", "location", "source", "automatic-snapshots", "account",
        "drill", "notify",
    ]

    /// Nil if something it cannot do without is missing or wrong, which is said.
    func policy(_ node: Node) -> Policy? {
        let title = "policy \"\(name)\""
        guard let reader = MappingReader(node, title, known: PolicyParser.keys, problems) else { return nil }
        let regions = regions(reader)
        let account = reader.text("account").flatMap { accounts.id($0, problems) } ?? accounts.standard
        let selection = selection(reader)
        let parser = ScheduleParser(problems: problems, zones: zones)
        let automatic = AutomaticParser(problems: problems)
        let source = automatic.source(reader)
        let schedules =
            source == .automatic
            ? automatic.days(reader)
            : reader.require("schedule", "say when, as in schedule: { cron: \"0 2 * * *\" }").map(parser.schedules)
                ?? []
        let retention = retention(reader)
        let copies = copies(reader, homes: regions.map { Site(account, $0) })
        var policy = Policy(
            name: PolicyName(name), regions: regions, selection: selection ?? Selection(),
            schedules: schedules, retention: retention)
        policy.account = account
        policy.source = source
        policy.automatic = automatic.setting(reader)
        policy.blackouts = parser.blackouts(reader, zone: policy.zone)
        policy.copies = copies
        policy.whenResourceGone = whenGone(reader)
        policy.adopts = reader.texts("adopts").map { PolicyName($0.text) }
        policy.first = first(reader)
        policy.exclusion = exclusion(reader)
        policy.tags = TagParser(problems: problems).rules(reader)
        policy.objective = objective(reader, hasCopies: reader.hasEntries("copies"))
        policy.outpost = outpost(reader)
        policy.location = location(reader)
        policy.drill = DrillParser(problems: problems, zones: zones).rule(
            reader, hasCopies: reader.hasEntries("copies"))
        policy.notify = NotifyParser(problems: problems).names(reader, among: targets)
        check(policy, reader)
        automatic.check(policy, reader)
        return policy
    }

    private func regions(_ reader: MappingReader) -> [Region] {
        guard reader.require("regions", "say where, as in regions: [us-east-1]") != nil else { return [] }
        let texts = reader.texts("regions")
        if texts.isEmpty { problems.add(reader.mark(of: "regions"), "regions: name one at least") }
        return texts.compactMap { region($0.text, $0.mark) }
    }

    private func region(_ text: String, _ mark: Mark) -> Region? {
        guard Regions.known.contains(text) else {
            let hint = Suggestion.text(for: text, among: Regions.known)
            problems.add(mark, "\"\(text)\" is not an AWS region\(hint)")
            return nil
        }
        return Region(text)
    }

    private func selection(_ reader: MappingReader) -> Selection? {
        let words = ResourceKind.allCases.map(\.rawValue)
        guard
            let node = reader.require(
                "select", "say what, as in select: { ec2-instances: { tags: { Backup: nightly } } }"),
            let kinds = MappingReader(node, "select", known: words, problems)
        else { return nil }
        var selection = Selection()
        for kind in ResourceKind.allCases {
            selection[kind] = kinds[kind.rawValue].flatMap { selector($0, kind.rawValue) }
        }
        if words.allSatisfy({ kinds[$0] == nil }) {
            problems.add(node.mark, "select: selects nothing: name one of \(words.joined(separator: ", "))")
        }
        return selection
    }

    private func selector(_ node: Node, _ kind: String) -> ResourceSelector? {
        guard let reader = MappingReader(node, kind, known: ["ids", "names", "tags"], problems) else { return nil }
        let selector = ResourceSelector(
            ids: reader.texts("ids").map(\.text), names: reader.texts("names").map { Glob($0.text) },
            tags: reader["tags"].map { TagParser(problems: problems).matches($0, "tags") } ?? [])
        if selector == ResourceSelector() {
            problems.add(node.mark, "\(kind): selects nothing: give ids, names or tags; names: [\"*\"] means all")
        }
        return selector
    }

    private func exclusion(_ reader: MappingReader) -> Exclusion {
        guard let node = reader["exclude"],
            let kinds = MappingReader(node, "exclude", known: ["boot-volume", "volumes"], problems)
        else { return Exclusion() }
        var exclusion = Exclusion(bootVolume: kinds.flag("boot-volume") ?? false)
        if let node = kinds["volumes"], let volumes = MappingReader(node, "volumes", known: ["ids", "tags"], problems) {
            exclusion.volumeIDs = volumes.texts("ids").map(\.text)
            exclusion.volumeTags = volumes["tags"].map { TagParser(problems: problems).matches($0, "tags") } ?? []
        }
        return exclusion
    }

    private func first(_ reader: MappingReader) -> FirstPoint {
        guard let (text, mark) = reader.text("first") else { return .nextSlot }
        switch text {
        case "now": return .now
        case "next-slot": return .nextSlot
        default:
            problems.add(mark, "first: expected now or next-slot, got \"\(text)\"")
            return .nextSlot
        }
    }

    private func retention(_ reader: MappingReader) -> Retention {
        reader["retention"].map { rules($0) } ?? Retention()
    }

    private func rules(_ node: Node) -> Retention {
        let keys = KeepRule.keys + ["delete-after", "keep-at-least", "manual-keep"]
        guard let reader = MappingReader(node, "retention", known: keys, problems) else { return Retention() }
        if keys.allSatisfy({ reader[$0] == nil }) {
            problems.add(node.mark, "retention: keeps nothing: give a rule, or leave retention out to keep everything")
        }
        var rules: [KeepRule] = []
        for rule in KeepRule.counted {
            if let count = reader.countOrAll(rule.key) { rules.append(KeepRule(rule.division, .latest(count.limit))) }
        }
        for rule in KeepRule.within {
            if let span = reader.span(rule.key) { rules.append(KeepRule(rule.division, .within(span))) }
        }
        return Retention(
            rules, deleteAfter: reader.span("delete-after"), atLeast: reader.count("keep-at-least") ?? 1,
            manualKeep: reader.span("manual-keep"))
    }

    private func whenGone(_ reader: MappingReader) -> GoneRule {
        guard let node = reader["when-resource-gone"] else { return .keep }
        if case .scalar(let text, let mark) = node {
            if text != "keep" {
                problems.add(
                    mark, "when-resource-gone: expected keep or { delete-after: 90d, keep-last: 1 }, got \"\(text)\"")
            }
            return .keep
        }
        let keys = ["delete-after", "keep-last"]
        guard let rule = MappingReader(node, "when-resource-gone", known: keys, problems),
            rule.require("delete-after", "say how long after the newest point, as in delete-after: 90d") != nil,
            let span = rule.span("delete-after")
        else { return .keep }
        var count = 1
        if let (text, mark) = rule.text("keep-last") {
            guard let number = Int(text), number >= 0, text.allSatisfy(\.isNumber) else {
                problems.add(mark, "keep-last: expected a whole number, 0 for none, got \"\(text)\"")
                return .keep
            }
            count = number
        }
        return .fade(after: span, keepLast: count)
    }

    private func copies(_ reader: MappingReader, homes: [Site]) -> [CopyRule] {
        guard let node = reader["copies"] else { return [] }
        guard case .sequence(let nodes, _) = node else {
            problems.add(node.mark, "copies: expected a list of destinations, as in - { region: eu-west-1 }")
            return []
        }
        var rules: [CopyRule] = []
        for node in nodes {
            guard let rule = copy(node, from: homes.first?.account ?? accounts.standard) else { continue }
            if homes.contains(rule.site) {
                problems.add(node.mark, "copies: \(rule.site) is a home region of this policy: copy to another one")
            } else if rules.contains(where: { $0.site == rule.site }) {
                problems.add(node.mark, "copies: \(rule.site) is a destination already: keep one")
            }
            rules.append(rule)
        }
        return rules
    }

    private func copy(_ node: Node, from home: AccountID) -> CopyRule? {
        let keys = ["region", "account", "kms-key", "which", "retention"]
        guard let reader = MappingReader(node, "copies", known: keys, problems) else { return nil }
        let which = which(reader)
        let retention = reader["retention"].map(rules)
        var account: AccountID? = home
        if let name = reader.text("account") { account = accounts.id(name, problems) }
        guard reader.require("region", "say where to") != nil, let (text, mark) = reader.text("region"),
            let region = region(text, mark), let account
        else { return nil }
        let key = KeyParser(problems: problems).key(reader, in: region)
        return CopyRule(region: region, account: account, kmsKey: key, which: which, retention: retention)
    }

    private func which(_ reader: MappingReader) -> Division? {
        guard let (text, mark) = reader.text("which"), text != "all" else { return nil }
        let known = Division.allCases.filter { $0 != .point && $0 != .yearly }
        if let division = known.first(where: { $0.rawValue == text }) { return division }
        let names = ["all"] + known.map(\.rawValue)
        let hint = Suggestion.text(for: text, among: names)
        problems.add(mark, "which: expected \(names.joined(separator: ", ")), got \"\(text)\"\(hint)")
        return nil
    }

    private func objective(_ reader: MappingReader, hasCopies: Bool) -> Objective {
        guard let node = reader["rpo"], let sides = MappingReader(node, "rpo", known: ["local", "dr"], problems) else {
            return Objective()
        }
        if sides["dr"] != nil, !hasCopies {
            problems.add(sides.mark(of: "dr"), "rpo: dr needs a destination: add copies, or take dr out")
        }
        return Objective(local: sides.duration("local"), dr: sides.duration("dr"))
    }

    private func outpost(_ reader: MappingReader) -> String? {
        guard let (text, mark) = reader.text("outpost") else { return nil }
        if !text.hasPrefix("arn:aws") || !text.contains(":outpost/") {
            problems.add(mark, "outpost: expected an Outpost's ARN, arn:aws:outposts:…:outpost/op-…, got \"\(text)\"")
        }
        return text
    }

    private func location(_ reader: MappingReader) -> String? {
        guard let (text, mark) = reader.text("location") else { return nil }
        if text != "regional" && text != "local" {
            problems.add(mark, "location: expected regional or local, got \"\(text)\"")
        }
        return text
    }

    /// What is wrong or void in the whole, though each part is right.
    private func check(_ policy: Policy, _ reader: MappingReader) {
        PlaceChecks(problems: problems).check(policy, reader)
        if policy.outpost != nil, !policy.copies.isEmpty {
            problems.add(
                reader.mark(of: "outpost"), "outpost: AWS cannot copy an Outpost's snapshots to another region")
        }
        if policy.selection[.lightsailDatabase] != nil, !policy.copies.isEmpty {
            problems.add(
                reader.mark(of: "copies"),
                "copies: Lightsail cannot copy a database's snapshots to another region: give lightsail-databases a "
                    + "policy of their own, without copies")
        }
        for site in policy.homes + policy.copies.map(\.site) {
            guard let role = accounts.roles[site.account], role.arn.partition != site.region.partition else { continue }
            problems.add(
                reader.mark(of: "account"),
                "account: the role of \"\(role.name)\" is in the partition \(role.arn.partition), and \(site.region) in "
                    + "\(site.region.partition): name an account of that partition")
        }
        if !policy.sharing.isEmpty, policy.selection.kinds.contains(where: \.provider.isLightsail) {
            problems.add(
                reader.mark(of: "copies"),
                "copies: Lightsail cannot copy a snapshot to another account: give Lightsail's kinds a policy of their own"
            )
        }
        guard reader["select"] != nil, !policy.selection.kinds.contains(where: { $0.provider == .ec2 }) else { return }
        let missing = "has no effect without ec2-instances or ec2-volumes"
        for key in ["exclude", "outpost", "location"] where reader[key] != nil {
            problems.warn(reader.mark(of: key), "\(key): \(missing)")
        }
        if policy.tags.copyFromVolume {
            problems.warn(reader.mark(of: "tags"), "tags: copy-from-volume \(missing)")
        }
        if policy.copies.contains(where: { $0.kmsKey != nil }) {
            problems.warn(
                reader.mark(of: "copies"), "copies: kms-key has no effect on Lightsail, which has no such choice")
        }
    }
}
