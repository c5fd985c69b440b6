import BackupCore

/// Reads who is told of trouble beyond the journal.
struct NotifyParser {
    let problems: Problems

    private static let ways = ["webhook", "command", "sns", "ping"]

    /// `notify:` of the main file: names, and how each is told.
    func targets(_ reader: MappingReader) -> [NotifyTarget] {
        guard let node = reader["notify"] else { return [] }
        guard case .mapping(let entries, _) = node else {
            problems.add(
                node.mark, "notify: expected a mapping of names to targets, as in ops: { webhook: https://… }")
            return []
        }
        return entries.compactMap(target)
    }

    /// `notify:` of a policy: which of these hear of it; nil for all.
    func names(_ reader: MappingReader, among targets: [NotifyTarget]) -> [String]? {
        guard reader["notify"] != nil else { return nil }
        let known = targets.map(\.name).sorted()
        return reader.texts("notify").map { name, mark in
            if !known.contains(name) {
                let all = known.isEmpty ? "it is empty, or missing" : "known are \(known.joined(separator: ", "))"
                problems.add(
                    mark, "notify: \"\(name)\" is not under notify\(Suggestion.text(for: name, among: known)): \(all)")
            }
            return name
        }
    }

    private func target(_ entry: Node.Entry) -> NotifyTarget? {
        let title = "notify \"\(entry.key)\""
        let keys = NotifyParser.ways + ["on", "at-most-every"]
        guard let reader = MappingReader(entry.value, title, known: keys, problems) else { return nil }
        let given = NotifyParser.ways.filter { reader[$0] != nil }
        guard given.count == 1 else {
            let what = given.isEmpty ? "says no way" : "\(given.joined(separator: " and ")) exclude each other"
            problems.add(
                entry.mark,
                "\(title): \(what): say webhook: https://…, command: [/usr/local/bin/tell], sns: arn:aws:sns:… or ping: https://…"
            )
            return nil
        }
        guard let way = way(given[0], reader) else { return nil }
        var target = NotifyTarget(name: entry.key, way: way)
        if let pause = reader.duration("at-most-every") { target.pause = pause }
        guard reader["on"] != nil else { return target }
        if target.isPing {
            problems.add(reader.mark(of: "on"), "on: a ping says that all is well, and nothing else: leave it out")
        }
        target.news = Set(reader.texts("on").compactMap(news))
        if target.news.isEmpty { problems.add(reader.mark(of: "on"), "on: name one at least") }
        return target
    }

    private func news(_ word: (text: String, mark: Mark)) -> NotifyTarget.News? {
        if let news = NotifyTarget.News(rawValue: word.text) { return news }
        let known = NotifyTarget.News.allCases.map(\.rawValue)
        problems.add(
            word.mark,
            "on: expected \(known.joined(separator: ", ")), got \"\(word.text)\"\(Suggestion.text(for: word.text, among: known))"
        )
        return nil
    }

    private func way(_ key: String, _ reader: MappingReader) -> NotifyTarget.Way? {
        switch key {
        case "webhook": return url(key, reader).map { .webhook($0) }
        case "ping": return url(key, reader).map { .ping($0) }
        case "sns": return topic(reader)
        default:
            let words = reader.texts(key).map(\.text)
            guard words.first?.hasPrefix("/") == true else {
                problems.add(
                    reader.mark(of: key), "command: expected a list whose first word is the program's whole path")
                return nil
            }
            return .command(words)
        }
    }

    /// An address, or where one is that is secret; what was written may be one, and is not repeated.
    private func url(_ key: String, _ reader: MappingReader) -> SecretURL? {
        guard let (text, mark) = reader.text(key) else { return nil }
        let scheme = "credential:"
        if text.hasPrefix(scheme) {
            let name = String(text.dropFirst(scheme.count))
            if !name.isEmpty, !name.contains("/"), name != ".", name != ".." { return .credential(name) }
            problems.add(
                mark, "\(key): expected the name of a credential of the service, as in credential:\(key)")
            return nil
        }
        guard NotifyParser.isAddress(text) else {
            problems.add(
                mark,
                "\(key): expected an address, https://…, or credential:NAME for one that is secret (LoadCredential=NAME:FILE)"
            )
            return nil
        }
        return .plain(text)
    }

    /// Of HTTP, with a host (RFC 3986, section 3.2).
    private static func isAddress(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix),
            text.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "\\" })
        else { return false }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
        guard !place.hasPrefix("[") else { return place.contains("]") }
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2 else { return false }
        return parts.count == 1 || (1...65_535).contains(Int(parts[1]) ?? 0)
    }

    /// Source: AWS General Reference, "Amazon Resource Names"; SNS API reference, CreateTopic (names).
    private func topic(_ reader: MappingReader) -> NotifyTarget.Way? {
        guard let (text, mark) = reader.text("sns") else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let isName: (String) -> Bool = { name in
            let base = name.hasSuffix(".fifo") ? String(name.dropLast(5)) : name
            return (1...256).contains(name.count)
                && !base.isEmpty && base.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
        }
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", Regions.known.contains(parts[3]),
            parts[1] == "\(Region(parts[3]).partition)", parts[4].count == 12, parts[4].allSatisfy(\.isNumber),
            isName(parts[5])
        else {
            problems.add(
                mark, "sns: expected a topic's ARN, arn:aws:sns:us-east-1:111122223333:backups, got \"\(text)\"")
            return nil
        }
        return .topic(text, Region(parts[3]))
    }
}
