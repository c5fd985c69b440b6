import BackupCore

/// Reads how a policy proves that its points can be restored.
struct DrillParser {
    let problems: Problems
    let zones: ZoneReader

    private static let keys = ["schedule", "from", "pick", "check", "keep", "limit", "isolated"]

    func rule(_ reader: MappingReader, hasCopies: Bool) -> DrillRule? {
        guard let node = reader["drill"],
            let drill = MappingReader(node, "drill", known: DrillParser.keys, problems),
            let when = drill.require("schedule", "say when, as in schedule: { cron: \"0 6 * * sun\" }")
        else { return nil }
        for entry in DrillParser.entries(when) where ["spread", "missed"].contains(entry.key) {
            problems.add(
                entry.mark, "\(entry.key): a drill has none: one that was missed is done within start-window")
        }
        let schedules = ScheduleParser(problems: problems, zones: zones).schedules(when)
        guard let schedule = schedules.first else { return nil }
        if schedules.count > 1 { problems.add(when.mark, "schedule: a drill has one: keep one") }
        var rule = DrillRule(schedule: schedule, isOfCopies: isOfCopies(drill, hasCopies: hasCopies))
        rule.pick = pick(drill)
        if let node = drill["check"] { rule.check = check(node) }
        rule.keep = drill.duration("keep") ?? .zero
        rule.limit = drill.count("limit") ?? 1
        if let node = drill["isolated"],
            let isolated = MappingReader(node, "isolated", known: ["subnet", "security-group"], problems)
        {
            rule.subnet = isolated.text("subnet")?.text
            rule.securityGroup = isolated.text("security-group")?.text
        }
        return rule
    }

    /// What stands in a schedule, or in a list of them.
    private static func entries(_ node: Node) -> [Node.Entry] {
        switch node {
        case .mapping(let entries, _): entries
        case .sequence(let nodes, _): nodes.flatMap(entries)
        case .scalar: []
        }
    }

    private func isOfCopies(_ drill: MappingReader, hasCopies: Bool) -> Bool {
        guard let (text, mark) = drill.text("from") else { return hasCopies }
        switch text {
        case "home": return false
        case "dr":
            if !hasCopies { problems.add(mark, "from: dr needs a destination: add copies, or say home") }
            return true
        default:
            problems.add(mark, "from: expected dr (the copies) or home, got \"\(text)\"")
            return hasCopies
        }
    }

    private func pick(_ drill: MappingReader) -> DrillRule.Pick {
        guard let (text, mark) = drill.text("pick") else { return .latest }
        if let pick = DrillRule.Pick(rawValue: text) { return pick }
        problems.add(
            mark,
            "pick: expected latest or random, got \"\(text)\"\(Suggestion.text(for: text, among: ["latest", "random"]))"
        )
        return .latest
    }

    private func check(_ node: Node) -> DrillCheck {
        var check = DrillCheck(.running)
        guard
            let reader = MappingReader(node, "check", known: ["tcp", "http", "port", "command", "within"], problems)
        else { return check }
        if let within = reader.duration("within") { check.within = within }
        let given = ["tcp", "http", "command"].filter { reader[$0] != nil }
        guard given.count == 1 else {
            let what = given.isEmpty ? "says nothing" : "\(given.joined(separator: " and ")) exclude each other"
            problems.add(
                node.mark,
                "check: \(what): say tcp: 22, http: /health with port: 80, or command: [/usr/bin/check, arguments]")
            return check
        }
        if reader["port"] != nil, given != ["http"] {
            problems.add(reader.mark(of: "port"), "port: goes with http: only")
        }
        switch given[0] {
        case "tcp": check.kind = .tcp(port(reader, "tcp") ?? 0)
        case "http":
            guard let (path, mark) = reader.text("http") else { break }
            if !path.hasPrefix("/") { problems.add(mark, "http: expected a path such as /health, got \"\(path)\"") }
            check.kind = .http(path, port: port(reader, "port") ?? 80)
        default:
            let words = reader.texts("command").map(\.text)
            if words.first?.hasPrefix("/") != true {
                problems.add(
                    reader.mark(of: "command"), "command: expected a list whose first word is the program's whole path")
            }
            check.kind = .command(words)
        }
        return check
    }

    private func port(_ reader: MappingReader, _ key: String) -> Int? {
        guard let (text, mark) = reader.text(key) else { return nil }
        if let port = Int(text), (1...65_535).contains(port) { return port }
        problems.add(mark, "\(key): expected a port, 1 to 65535, got \"\(text)\"")
        return nil
    }
}
