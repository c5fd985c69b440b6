import BackupCore

/// Reads what a policy says of Lightsail's automatic snapshots.
struct AutomaticParser {
    let problems: Problems

    func source(_ reader: MappingReader) -> PointSource {
        guard let (text, mark) = reader.text("source") else { return .own }
        if let source = PointSource(rawValue: text) { return source }
        problems.add(
            mark,
            "source: expected own, or automatic to copy Lightsail's automatic snapshots, got \"\(text)\""
                + Suggestion.text(for: text, among: ["own", "automatic"]))
        return .own
    }

    func setting(_ reader: MappingReader) -> AutomaticSetting? {
        guard let (text, mark) = reader.text("automatic-snapshots") else { return nil }
        if let setting = text == "off" ? .off : AutomaticSetting(time: text) { return setting }
        problems.add(
            mark, "automatic-snapshots: expected a whole hour UTC such as \"02:00\", or off, got \"\(text)\"")
        return nil
    }

    /// The days that Lightsail dates its snapshots by: in UTC, whatever the hour.
    func days(_ reader: MappingReader) -> [Schedule] {
        if reader["schedule"] != nil {
            problems.add(
                reader.mark(of: "schedule"),
                "schedule: Lightsail takes its automatic snapshots by itself: leave schedule out, and give the hour as "
                    + "automatic-snapshots: \"02:00\"")
        }
        return (try? Expression.cron("0 0 * * *")).map { [Schedule($0, zone: .utc)] } ?? []
    }

    func check(_ policy: Policy, _ reader: MappingReader) {
        if policy.automatic != nil, !policy.selection.kinds.contains(where: \.hasAutomaticSnapshots) {
            problems.add(
                reader.mark(of: "automatic-snapshots"),
                "automatic-snapshots: only Lightsail's instances and disks have them: select lightsail-instances or "
                    + "lightsail-disks")
        }
        guard policy.source == .automatic else { return }
        if let kind = policy.selection.kinds.first(where: { !$0.hasAutomaticSnapshots }) {
            problems.add(
                reader.mark(of: "source"),
                "source: there are no automatic snapshots of \(kind.rawValue): give them a policy of their own")
        }
        if policy.copies.isEmpty, !reader.hasEntries("copies") {
            problems.add(
                reader.mark(of: "source"),
                "source: automatic snapshots are copied and nothing else: say where to, as in copies: "
                    + "[{ region: eu-west-1 }]")
        }
        for key in ["first", "outpost", "location"] where reader[key] != nil {
            problems.warn(reader.mark(of: key), "\(key): has no effect with source: automatic")
        }
    }
}
