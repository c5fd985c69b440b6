extension Memory {
    /// What was written down while this machine's clock was ahead, as it counts once the clock is right again: from now.
    ///
    /// Else a grace of a day, or the wait after a stop, would go on for as long as the clock had been ahead. Where the
    /// clock may be wrong now, nothing is corrected; where AWS tells the time, what slots begin from is, and nothing that a
    /// delete waits for.
    package func corrections(seeing inventory: Inventory, now: Moment) -> [Change] {
        switch clockTrouble(seeing: inventory, now: now) {
        case nil: slotCorrections(now) + pruneCorrections(now)
        case .clockNotAWS: slotCorrections(now)
        default: []
        }
    }

    private func slotCorrections(_ now: Moment) -> [Change] {
        var changes: [Change] = []
        for (pair, _) in sorted(firstSeen, after: now) { changes.append(.saw(pair, at: now)) }
        for (policy, texts) in schedules.sorted(by: { $0.key < $1.key })
        where texts.values.contains(where: { $0 > now }) {
            changes.append(.scheduled(policy, texts.mapValues { min($0, now) }))
        }
        return changes
    }

    private func pruneCorrections(_ now: Moment) -> [Change] {
        var changes: [Change] = []
        for (policy, _) in sorted(resumed, after: now) { changes.append(.resumed(policy, at: now)) }
        for (pair, _) in sorted(absent, after: now) { changes.append(.absent(pair, since: now)) }
        for (point, _) in sorted(candidates, after: now) {
            changes += [.pardoned(point), .candidate(point, since: now)]
        }
        if let retention, retention.since > now {
            changes.append(.retained(RetentionInForce(text: retention.text, since: now)))
        }
        return changes
    }

    private func sorted<Key: Comparable>(_ moments: [Key: Moment], after now: Moment) -> [(Key, Moment)] {
        moments.filter { $0.value > now }.sorted { $0.key < $1.key }
    }

    /// Why the clock cannot be trusted: AWS's shows another time, it is behind the last pass, or AWS took a point later
    /// than now.
    ///
    /// Which of two clocks is wrong nobody here can tell: slots go by AWS's, and deletes wait.
    func clockTrouble(seeing inventory: Inventory, now: Moment) -> Reason? {
        let correction = inventory.listings.values.map(\.clockCorrection).filter { $0 != .zero }.max()
        if let correction { return .clockNotAWS(correction) }
        if let lastPass, now < lastPass { return .clockBehindLedger(lastPass) }
        let latest = now.latestCredible
        return inventory.listings.values.flatMap { $0.points.filter { latest < $0.taken } }
            .map(\.id).min().map(Reason.datedInFuture)
    }
}

extension Moment {
    /// Points dated later than this are not believed: AWS's clock and ours may differ by a few minutes, no more.
    var latestCredible: Moment { self + .seconds(300) }
}
