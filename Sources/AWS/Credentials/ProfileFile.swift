/// AWS's shared credentials or config file: sections of `name = value`.
///
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files". Indented lines belong to a nested
/// value and are passed over.
struct ProfileFile {
    private var profiles: [String: [String: String]] = [:]

    init(_ text: String, path: String) throws(CredentialsError) {
        var section: String?
        // To Swift "\r\n" is one character, and not "\n".
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let content = ProfileFile.trimmed(line)
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            if content.hasPrefix("[") {
                section = try ProfileFile.name(ofSection: content, at: "\(path):\(index + 1)")
            } else if let first = line.first, first != " ", first != "\t" {
                guard let equals = content.firstIndex(of: "=") else {
                    throw CredentialsError("\(path):\(index + 1): expected \"name = value\"")
                }
                let name = ProfileFile.trimmed(content[..<equals])
                let value = ProfileFile.trimmed(content[content.index(after: equals)...])
                if let section { profiles[section, default: [:]][name] = value }
            }
        }
    }

    subscript(profile: String) -> [String: String]? { profiles[profile] }

    /// `[default]`, `[name]` and `[profile name]`; other kinds of section are kept under their whole text.
    private static func name(ofSection text: String, at position: String) throws(CredentialsError) -> String {
        guard text.hasSuffix("]") else { throw CredentialsError("\(position): the section's \"]\" is missing") }
        let name = trimmed(text.dropFirst().dropLast())
        return name.hasPrefix("profile ") ? trimmed(name.dropFirst("profile ".count)) : name
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        let start = text.drop(while: isBlank)
        return String(start.reversed().drop { isBlank($0) }.reversed())
    }
}
