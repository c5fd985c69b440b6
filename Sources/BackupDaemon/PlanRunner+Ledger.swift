import BackupCore

/// Writing things down, and going on where that cannot be done.
extension PlanRunner {
    /// Makes changes durable before it returns, if the ledger can be used; they count in any case.
    ///
    /// While it cannot, AWS is the truth as always, and nothing is deleted.
    func record(_ changes: [Change]) async {
        guard !changes.isEmpty else { return }
        if memory.isLedgerUsable {
            do throws(HistoryError) {
                try await history.record(changes)
            } catch {
                noteTrouble(error)
                for change in changes { backlog.append(change) }
            }
        } else {
            for change in changes { backlog.append(change) }
        }
        for change in changes { memory.apply(change) }
    }

    /// What another process did a moment ago counts as open again: AWS may not show it yet, and it is looked for like what got no
    /// reply.
    ///
    /// When a call that was under way as that process ended was performed nobody knows: before now.
    func reopenRecent() {
        let now = clock.now
        for (id, done) in memory.recent where now - PlanRunner.showsWithin < done.at {
            memory.open[id] = done.intent
            reopened.insert(id)
        }
        memory.open = memory.open.mapValues { intent in
            var dated = intent
            dated.began = max(intent.began, now)
            return dated
        }
    }

    /// AWS has shown so far what it did before.
    private static let showsWithin = Duration.seconds(600)

    func noteTrouble(_ error: HistoryError) {
        memory.isLedgerUsable = false
        narrator.narrate(ledgerTrouble: error)
    }

    /// Writes what could not be written before, once the ledger can be used again.
    ///
    /// It may have been damaged and begun anew meanwhile: what is remembered goes into it, too.
    func mendLedger() async {
        guard !memory.isLedgerUsable else { return }
        // Drills go on meanwhile: what they note then comes into a backlog of its own.
        var unwritten = backlog
        backlog = Backlog()
        do throws(HistoryError) {
            if mustRecall {
                try await recallLate(unwritten)
            } else {
                try await history.record(unwritten.changes + memory.asChanges)
            }
            mustRecall = false
            while !backlog.changes.isEmpty {
                (unwritten, backlog) = (backlog, Backlog())
                try await history.record(unwritten.changes)
            }
            memory.isLedgerUsable = true
            refreshInstructions()
            narrator.narrateLedgerRecovery()
        } catch {
            for change in backlog.changes { unwritten.append(change) }
            backlog = unwritten
            narrator.narrate(ledgerTrouble: error)
        }
    }

    /// The ledger can be read at last: what happened without it comes on top of what it remembers.
    private func recallLate(_ backlog: Backlog) async throws(HistoryError) {
        var recalled = try await history.recall()
        let news = backlog.news(to: recalled)
        try await history.record(news)
        for change in news + self.backlog.changes { recalled.apply(change) }
        // Not all of it is written yet.
        recalled.isLedgerUsable = false
        (recalled.pauses, recalled.approvals) = (memory.pauses, memory.approvals)
        recalled.areInstructionsKnown = memory.areInstructionsKnown
        memory = recalled
        reopenRecent()
    }
}
