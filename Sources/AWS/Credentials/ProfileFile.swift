/// AWS's shared credentials or config file: sections of `name = value`.
///
/// As botocore reads it, by Python's configparser: `=` or `:`, whichever comes first; names in any case; lines that are
/// indented deeper than the name before them go on its value, and a value that begins on the next line is a nested
/// section, which holds nothing of ours. A section or a name that stands twice is refused.
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
struct ProfileFile {
    enum Kind {
        /// `[name]` is a profile.
        case credentials
        /// `[default]` and `[profile name]` are profiles, and other sections are not.
        case config
    }

    private(set) var profiles: [String: [String: String]] = [:]

    init(_ text: String, path: String, _ kind: Kind) throws(CredentialsError) {
        var reader = SectionReader(path: path)
        // To Swift "\r\n" is one character, and not "\n".
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() { try reader.read(line, number: index + 1) }
        for (section, values) in reader.sections {
            switch kind {
            case .credentials: profiles[section] = values
            case .config: if let name = ProfileFile.profile(ofSection: section) { profiles[name] = values }
            }
        }
    }

    subscript(profile: String) -> [String: String]? { profiles[profile] }

    private static func profile(ofSection section: String) -> String? {
        if section == "default" { return section }
        guard section.hasPrefix("profile"), let words = ShellWords.split(section), words.count == 2,
            words[0] == "profile"
        else { return nil }
        return words[1]
    }
}

/// The lines of such a file, one after the other.
private struct SectionReader {
    let path: String
    var sections: [String: [String: String]] = [:]
    private var section: String?
    private var name: String?
    /// How far the last name was indented.
    private var indentation = 0

    init(path: String) { self.path = path }

    mutating func read(_ line: Substring, number: Int) throws(CredentialsError) {
        let content = trimmed(line)
        let position = "\(path):\(number)"
        if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { return }
        let indented = line.prefix { isBlank($0) }.count
        if let section, let name, indented > indentation {
            // What follows an empty value is nested.
            let value = sections[section]?[name] ?? ""
            if !value.isEmpty { sections[section]?[name] = "\(value)\n\(content)" }
            return
        }
        indentation = indented
        if content.hasPrefix("[") { return try open(content, position) }
        guard let section else { throw CredentialsError("\(position): expected a section such as [default] first") }
        guard let mark = content.firstIndex(where: { $0 == "=" || $0 == ":" }), mark > content.startIndex else {
            throw CredentialsError("\(position): expected \"name = value\"")
        }
        let name = trimmed(content[..<mark]).lowercased()
        guard sections[section]?[name] == nil else {
            throw CredentialsError("\(position): \(name) stands twice in [\(section)]: remove one")
        }
        let value = trimmed(content[content.index(after: mark)...])
        sections[section]?[name] = value
        self.name = name
    }

    private mutating func open(_ content: String, _ position: String) throws(CredentialsError) {
        guard content.hasSuffix("]") else { throw CredentialsError("\(position): the section's \"]\" is missing") }
        let title = trimmed(content.dropFirst().dropLast())
        guard sections[title] == nil else {
            throw CredentialsError("\(position): the section [\(title)] stands twice: make one of them")
        }
        sections[title] = [:]
        (section, name) = (title, nil)
    }

    private func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }

    private func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
