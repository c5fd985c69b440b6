import AWS
import BackupCore

/// A filter's value in which `*` stands for any text, `?` for one character, and `\` takes the next one literally.
///
/// Source: EC2 user guide, "Filter your resources".
struct FilterPattern {
    private enum Token: Equatable {
        case one(Character)
        case anyOne
        case anyText
    }

    private let tokens: [Token]
    /// The text itself, where nothing in it stands for anything else.
    private let literal: String?

    init(_ text: String) {
        literal = text.utf8.contains { "*?\\".utf8.contains($0) } ? nil : text
        guard literal == nil else {
            tokens = []
            return
        }
        var tokens: [Token] = []
        var isLiteral = false
        for character in text {
            switch character {
            case "\\" where !isLiteral: isLiteral = true
            case "*" where !isLiteral: tokens.append(.anyText)
            case "?" where !isLiteral: tokens.append(.anyOne)
            default:
                tokens.append(.one(character))
                isLiteral = false
            }
        }
        self.tokens = tokens
    }

    func matches(_ text: String) -> Bool {
        if let literal { return text == literal }
        var states: Set<Int> = closure([0])
        for character in text {
            var next: Set<Int> = []
            for state in states where state < tokens.count {
                switch tokens[state] {
                case .anyText: next.insert(state)
                case .anyOne: next.insert(state + 1)
                case .one(let wanted): if wanted == character { next.insert(state + 1) }
                }
            }
            states = closure(next)
        }
        return states.contains(tokens.count)
    }

    /// The states that are reached without reading anything: a star may stand for nothing.
    private func closure(_ states: Set<Int>) -> Set<Int> {
        var all = states
        for state in states {
            var next = state
            while next < tokens.count, tokens[next] == .anyText {
                next += 1
                all.insert(next)
            }
        }
        return all
    }
}

/// A filter of a request, read once for all resources.
struct ResourceFilter {
    private enum Subject {
        case tag(String)
        case tagKey
        case field(String)
    }

    private let subject: Subject
    private let patterns: [FilterPattern]

    init(_ filter: EC2Filter) {
        subject =
            if filter.name.hasPrefix("tag:") {
                .tag(String(filter.name.dropFirst(4)))
            } else if filter.name == "tag-key" {
                .tagKey
            } else {
                .field(filter.name)
            }
        patterns = filter.values.map { FilterPattern($0) }
    }

    /// Whether any of its values matches any value of the resource.
    ///
    /// `field` gives the resource's values under the names of the filters that the operation knows.
    func keeps(_ field: (String) -> [String], _ tags: TagList, at now: Moment) -> Bool {
        let found: [String] =
            switch subject {
            case .tag(let key): tags.value(of: key, at: now).map { [$0 ?? ""] } ?? []
            case .tagKey: tags.visible(at: now).map(\.key)
            case .field(let name): field(name)
            }
        return patterns.contains { pattern in found.contains { pattern.matches($0) } }
    }
}

extension [ResourceFilter] {
    /// Whether all of them hold.
    func keep(tags: TagList = TagList(), at now: Moment, _ field: (String) -> [String]) -> Bool {
        allSatisfy { $0.keeps(field, tags, at: now) }
    }
}

extension Refusal {
    /// The filters, ready to be asked; those that this operation does not know are refused.
    func read(_ filters: [EC2Filter]?, known: Set<String>) throws(AWSError) -> [ResourceFilter] {
        for filter in filters ?? [] {
            guard filter.name.hasPrefix("tag:") || filter.name == "tag-key" || known.contains(filter.name) else {
                throw invalid("The filter '\(filter.name)' is invalid")
            }
            guard !filter.values.isEmpty else { throw missing("Filter.Value") }
            guard filter.values.count <= 200 else {
                throw self(
                    "FilterLimitExceeded", "The maximum number of filter values specified on a single call is 200")
            }
        }
        return (filters ?? []).map { ResourceFilter($0) }
    }
}
