import BackupCore

/// Collects what is wrong in one file, so that all of it is said at once.
final class Problems {
    let file: String
    private(set) var errors: [Problem] = []
    private(set) var warnings: [Problem] = []

    init(file: String) { self.file = file }

    var hasErrors: Bool { !errors.isEmpty }

    func add(_ mark: Mark, _ message: String) {
        errors.append(Problem(file: file, mark: mark, message: message))
    }

    func warn(_ mark: Mark, _ message: String) {
        warnings.append(Problem(file: file, mark: mark, message: message))
    }
}

/// A mapping being read: hands out the values of known keys, and at the end names the unknown ones.
struct MappingReader {
    let title: String
    let mark: Mark
    let problems: Problems
    private let entries: [Node.Entry]

    /// Nil, with a problem said, if the node is no mapping; an empty value counts as an empty mapping.
    init?(_ node: Node, _ title: String, known: [String], _ problems: Problems) {
        self.title = title
        self.problems = problems
        mark = node.mark
        switch node {
        case .mapping(let entries, _): self.entries = entries
        case .scalar("", _): entries = []
        default:
            problems.add(node.mark, "\(title): expected a mapping (key: value), got \(node.kind)")
            return nil
        }
        for entry in entries where !known.contains(entry.key) {
            problems.add(
                entry.mark,
                "\(title): unknown key \"\(entry.key)\"\(Suggestion.text(for: entry.key, among: known)): known are "
                    + known.joined(separator: ", "))
        }
    }

    subscript(key: String) -> Node? { entries.first { $0.key == key }?.value }
    func mark(of key: String) -> Mark { entries.first { $0.key == key }?.mark ?? mark }

    /// Whether a list is there that holds something.
    func hasEntries(_ key: String) -> Bool {
        if case .sequence(let nodes, _) = self[key] { return !nodes.isEmpty }
        return self[key] != nil
    }

    /// Says that a key is missing.
    func require(_ key: String, _ what: String) -> Node? {
        if let node = self[key] { return node }
        problems.add(mark, "\(title): \"\(key)\" is missing: \(what)")
        return nil
    }

    func text(_ key: String) -> (text: String, mark: Mark)? {
        self[key].flatMap { Scalars.text($0, key, problems) }
    }

    func count(_ key: String) -> Int? {
        guard let (text, mark) = text(key) else { return nil }
        guard let number = Int(text), number >= 1, text.allSatisfy(\.isNumber) else {
            problems.add(mark, "\(key): expected a whole number of 1 or more, got \"\(text)\"")
            return nil
        }
        return number
    }

    /// A share of something, as in `50%`.
    func percentage(_ key: String, through most: Int = 100) -> Int? {
        guard let (text, mark) = text(key) else { return nil }
        let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard let share = Int(digits), digits.allSatisfy(\.isNumber), (1...most).contains(share) else {
            problems.add(mark, "\(key): expected 1% to \(most)%, got \"\(text)\"")
            return nil
        }
        guard text.hasSuffix("%") else {
            problems.add(mark, "\(key): \"\(text)\" has no unit: write \(share)%")
            return nil
        }
        return share
    }

    /// A count, or `all`, which is nil as a limit.
    func countOrAll(_ key: String) -> (limit: Int?, mark: Mark)? {
        guard let (text, mark) = text(key) else { return nil }
        if text == "all" { return (nil, mark) }
        guard let number = Int(text), number >= 1, text.allSatisfy(\.isNumber) else {
            problems.add(mark, "\(key): expected a whole number of 1 or more, or all, got \"\(text)\"")
            return nil
        }
        return (number, mark)
    }

    func flag(_ key: String) -> Bool? {
        guard let (text, mark) = text(key) else { return nil }
        guard let flag = Bool(text) else {
            problems.add(mark, "\(key): expected true or false, got \"\(text)\"")
            return nil
        }
        return flag
    }

    func duration(_ key: String) -> Duration? {
        guard let (text, mark) = text(key) else { return nil }
        do {
            let span = try DurationText.read(text)
            guard let duration = span.fixed else {
                problems.add(mark, "\(key): months and years have no fixed length: write days, as in 30d")
                return nil
            }
            return duration
        } catch {
            problems.add(mark, "\(key): \(error.message)")
            return nil
        }
    }

    func span(_ key: String) -> CalendarSpan? {
        guard let (text, mark) = text(key) else { return nil }
        do {
            return try DurationText.read(text)
        } catch {
            problems.add(mark, "\(key): \(error.message)")
            return nil
        }
    }

    /// A text or a list of texts.
    func texts(_ key: String) -> [(text: String, mark: Mark)] {
        self[key].map { Scalars.texts($0, key, problems) } ?? []
    }
}

/// Reads scalars from their text.
enum Scalars {
    static func text(_ node: Node, _ title: String, _ problems: Problems) -> (text: String, mark: Mark)? {
        guard case .scalar(let text, let mark) = node, !text.isEmpty else {
            problems.add(node.mark, "\(title): expected a text, got \(node.kind)")
            return nil
        }
        return (text, mark)
    }

    static func texts(_ node: Node, _ title: String, _ problems: Problems) -> [(text: String, mark: Mark)] {
        if case .sequence(let nodes, _) = node { return nodes.compactMap { text($0, title, problems) } }
        return text(node, title, problems).map { [$0] } ?? []
    }
}
