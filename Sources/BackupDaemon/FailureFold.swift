import BackupCore

/// Keeps one trouble from filling the journal: what fails in the same way again is not said again, and what fails in the same
/// way for many at once is said for a few of them, and for the rest with their number.
struct FailureFold: Sendable {
    /// What fails of whom, where.
    private struct Subject: Hashable {
        var action: String
        var pair: Pair
        var site: Site
    }

    /// What fails in the same way, of one policy.
    struct Group: Hashable, Comparable {
        var kind: EventKind
        var action: String
        var policy: PolicyName
        var site: Site
        var code: String

        static func < (a: Group, b: Group) -> Bool {
            (a.policy, a.site, a.action, a.code) < (b.policy, b.site, b.action, b.code)
        }
    }

    /// What was said last of what fails still.
    private var said: [Subject: String] = [:]
    /// How many of each began to fail, or to fail on and on, in this pass.
    private var counts: [Group: Int] = [:]

    /// So many of a group are said one by one in a pass.
    static let mostSaid = 5

    /// Whether an attempt that did not succeed is said now.
    mutating func says(_ kind: EventKind, _ action: String, _ pair: Pair, in site: Site, _ error: CloudError) -> Bool {
        let subject = Subject(action: action, pair: pair, site: site)
        guard said.updateValue(error.gist, forKey: subject) != error.gist else { return false }
        return counts(kind, action, pair, in: site, code: error.code)
    }

    /// The same for what is news each time.
    mutating func counts(_ kind: EventKind, _ action: String, _ pair: Pair, in site: Site, code: String) -> Bool {
        let group = Group(kind: kind, action: action, policy: pair.policy, site: site, code: code)
        counts[group, default: 0] += 1
        return counts[group, default: 0] <= FailureFold.mostSaid
    }

    /// It has succeeded: the next failure is news.
    mutating func succeeded(_ action: String, _ pair: Pair, in site: Site) {
        if !said.isEmpty { said[Subject(action: action, pair: pair, site: site)] = nil }
    }

    /// The pass is over: of what more was to be said, and how much.
    mutating func takeRest() -> [(group: Group, count: Int)] {
        defer { counts = [:] }
        return counts.filter { $0.value > FailureFold.mostSaid }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value - FailureFold.mostSaid) }
    }
}

extension CloudError {
    /// What makes it another trouble: not the ids, times and numbers in its message.
    var gist: String {
        // Ids, times and account numbers have more digits than names of services.
        let words: [String] = message.split(separator: " ").map { String($0) }
        let telling = words.filter { word in word.count > 3 && word.filter(\.isNumber).count <= 1 }
        return ([operation, code] + telling).joined(separator: " ")
    }
}
