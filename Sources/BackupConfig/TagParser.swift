import BackupCore

/// Reads tags: those that must match, and those that are added.
struct TagParser {
    let problems: Problems

    /// `{ key: value-or-list }`, values being globs.
    func matches(_ node: Node, _ title: String) -> [TagMatch] {
        guard case .mapping(let entries, _) = node else {
            problems.add(node.mark, "\(title): expected a mapping of tags to values, got \(node.kind)")
            return []
        }
        return entries.map { entry in
            TagMatch(key: entry.key, values: Scalars.texts(entry.value, entry.key, problems).map { Glob($0.text) })
        }
    }

    /// `tags: { copy-from-volume, add }` of a policy.
    func rules(_ reader: MappingReader) -> TagRules {
        guard let node = reader["tags"],
            let tags = MappingReader(node, "tags", known: ["copy-from-volume", "add"], problems)
        else { return TagRules() }
        var rules = TagRules(copyFromVolume: tags.flag("copy-from-volume") ?? false)
        guard let added = tags["add"] else { return rules }
        guard case .mapping(let entries, let mark) = added else {
            problems.add(added.mark, "add: expected a mapping of tags to values, got \(added.kind)")
            return rules
        }
        // AWS allows 50 tags; ours take up to eleven, with the readable Name.
        if entries.count > 35 { problems.add(mark, "add: 35 tags at most: AWS allows 50, and ours need their place") }
        for entry in entries {
            guard let (value, valueMark) = Scalars.text(entry.value, entry.key, problems) else { continue }
            check(entry.key, entry.mark, longest: 127, "a tag's key")
            check(value, valueMark, longest: 256, "a tag's value")
            if entry.key.hasPrefix("aws:") || entry.key.hasPrefix("snapwarden:") {
                problems.add(entry.mark, "add: \"\(entry.key)\": the prefixes aws: and snapwarden: are taken")
            }
            rules.add[entry.key] = value
        }
        return rules
    }

    /// The characters that are safe over all services (EC2 user guide, "Tag your resources").
    private func check(_ text: String, _ mark: Mark, longest: Int, _ what: String) {
        let isSafe: (Character) -> Bool = { $0.isLetter || $0.isNumber || " +-=._:/@".contains($0) }
        if text.count > longest || !text.allSatisfy(isSafe) {
            problems.add(
                mark, "\"\(text)\" cannot be \(what): \(longest) letters, digits, blanks and + - = . _ : / @ at most")
        }
    }
}
