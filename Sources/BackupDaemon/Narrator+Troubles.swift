import BackupCore

/// What becomes of the machine's own ledger, and of another one on the same fleet.
extension Narrator {
    /// Says what two runs both made, each once.
    mutating func narrate(_ found: [FleetConflict]) {
        for conflict in found where !conflicts.contains(conflict.point.id) {
            let point = conflict.point
            var facts = fields(point)
            facts.snapshot = conflict.surplus.joined(separator: " ")
            emit(
                .fleetConflict,
                "\(point.title) was made twice in \(point.site), by another snapwarden on this fleet or one before this: "
                    + "\(conflict.stays.joined(separator: " ")) stays, "
                    + "\(conflict.surplus.joined(separator: " ")) goes once both are complete", facts)
        }
        conflicts = Set(found.map(\.point.id))
    }

    func narrateStepBack() {
        emit(
            .steppedBack,
            "another snapwarden protects this fleet too: it goes first from now on, and EC2 slots that it leaves empty for half "
                + "the start-window are taken here", Event.Fields())
    }

    func narrateGoingFirst() {
        emit(
            .steppedBack,
            "what another snapwarden on this fleet was to do was not done in time: this one goes first again",
            Event.Fields())
    }

    /// Once, until it can be used again.
    mutating func narrate(ledgerTrouble error: HistoryError) {
        guard ledgerTrouble != error else { return }
        ledgerTrouble = error
        emit(
            .ledgerTrouble,
            "the ledger cannot be used: \(error). Points are taken and copied all the same, by what AWS shows, and nothing is "
                + "deleted; it is tried again every minute", Event.Fields())
    }

    mutating func narrateLedgerRecovery() {
        ledgerTrouble = nil
        emit(
            .ledgerRecovered, "the ledger can be used again: what happened meanwhile is written", Event.Fields())
    }
}
