/// What should be in the ledger, and could not be written.
///
/// Bounded, however long that lasts: a call that began and ended meanwhile leaves no trace but its failure, and what is
/// written over again and again is kept once.
package struct Backlog: Sendable {
    package private(set) var changes: [Change] = []

    package init() {}

    private static let mostFailures = 64

    package mutating func append(_ change: Change) {
        switch change {
        case .ended(let id, let ending, let moment):
            guard let index = changes.lastIndex(where: { $0.began == id }), case .began(let intent) = changes[index]
            else { return changes.append(change) }
            changes.remove(at: index)
            if case .failed(let code, _, _) = ending {
                append(.failedLater(intent.key, code: code, at: moment))
            } else if case .done = ending, !intent.key.verb.makes {
                replace(.recovered(intent.key))
            }
        case .failedLater(let key, _, _):
            // After that many it is tried hourly, and nothing changes any more.
            let same = changes.indices.filter { changes[$0].failed == key }
            if same.count >= Backlog.mostFailures { changes.remove(at: same[0]) }
            changes.append(change)
        case .passed, .tallied, .missed, .steppedBack, .retained, .recovered, .drilled, .drillsDone, .noted:
            replace(change)
        default: changes.append(change)
        }
    }

    /// What of it counts beside a memory that was not known when it was noted.
    ///
    /// All rules and schedules seemed new then, and no stop was seen: the next reading teaches what is so.
    package func news(to memory: Memory) -> [Change] {
        changes.filter { change in
            switch change {
            case .passed, .scheduled: false
            case .retained(let rules): rules.text != memory.retention?.text
            default: true
            }
        }
    }

    /// Only the last of those that say the same about the same counts.
    private mutating func replace(_ change: Change) {
        changes.removeAll { $0.isOverwritten(by: change) }
        changes.append(change)
    }
}

extension Change {
    fileprivate var began: Intent.ID? { if case .began(let intent) = self { intent.id } else { nil } }

    fileprivate var failed: Intent.Key? { if case .failedLater(let key, _, _) = self { key } else { nil } }

    fileprivate func isOverwritten(by other: Change) -> Bool {
        switch (self, other) {
        case (.passed, .passed), (.steppedBack, .steppedBack), (.retained, .retained): true
        case (.tallied(let policy, _), .tallied(let newer, _)): policy == newer
        case (.missed(let pair, _), .missed(let newer, _)): pair == newer
        case (.recovered(let key), .recovered(let newer)): key == newer
        case (.drilled(let record), .drilled(let newer)): record.key == newer.key || newer.supersedes(record)
        case (.noted(let key, _), .noted(let newer, _)): key == newer
        case (.drillsDone(let policy, _), .drillsDone(let newer, _)): policy == newer
        default: false
        }
    }
}

extension Memory {
    /// What makes this memory out of none, but for how often what fails has failed.
    package var asChanges: [Change] {
        var changes: [Change] = []
        if let installed { changes.append(.installed(installed)) }
        if let lastPass { changes.append(.passed(lastPass)) }
        if let folded { changes.append(.folded(before: .longAgo, at: folded)) }
        if let retention { changes.append(.retained(retention)) }
        if let steppedBack { changes.append(.steppedBack(steppedBack)) }
        changes += firstSeen.sorted { $0.key < $1.key }.map { .saw($0.key, at: $0.value) }
        changes += schedules.sorted { $0.key < $1.key }.map { .scheduled($0.key, $0.value) }
        changes += missed.sorted { $0.key < $1.key }.map { .missed($0.key, $0.value) }
        changes += absent.sorted { $0.key < $1.key }.map { .absent($0.key, since: $0.value) }
        changes += resumed.sorted { $0.key < $1.key }.map { .resumed($0.key, at: $0.value) }
        changes += tallies.sorted { $0.key < $1.key }.map { .tallied($0.key, $0.value) }
        changes += candidates.sorted { $0.key < $1.key }.map { .candidate($0.key, since: $0.value) }
        changes += copiesSeen.sorted { $0.key < $1.key }.map { .copySeen($0.key, at: $0.value) }
        changes += drills.records.sorted { $0.key < $1.key }.map { .drilled($0.value) }
        changes += drills.progress.sorted { $0.key < $1.key }.map { .drillsDone($0.key, $0.value) }
        changes += sidecars.sorted { $0.key < $1.key }.map { .noted($0.key, $0.value) }
        changes += open.sorted { $0.key < $1.key }.map { .began($0.value) }
        return changes
    }
}
