import AWS

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

/// A resource's filterable values, by the filter's name.
typealias FilterFields = [String: [String]]

extension Refusal {
    /// All filters must hold; each holds if any of its values matches any value of the resource.
    ///
    /// `fields` are the filters that the operation knows, with the resource's values; `tag:<key>` and `tag-key` look
    /// at `tags`.
    func keeps(
        _ filters: [EC2Filter]?, fields: @autoclosure () -> FilterFields, tags: [(key: String, value: String?)]
    ) -> Bool {
        (filters ?? []).allSatisfy { filter in
            let found: [String] =
                if filter.name.hasPrefix("tag:") {
                    tags.filter { $0.key == filter.name.dropFirst(4) }.map { $0.value ?? "" }
                } else if filter.name == "tag-key" {
                    tags.map(\.key)
                } else {
                    fields()[filter.name] ?? []
                }
            return filter.values.contains { value in found.contains(where: FilterPattern(value).matches) }
        }
    }

    /// Refuses filters that this operation does not know.
    func check(_ filters: [EC2Filter]?, known: Set<String>) throws(AWSError) {
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
    }
}
