/// A ledger that has just been begun where there are points already.
///
/// The one before it, which was lost, or the machine before this one may have asked for something a moment ago, which AWS does
/// not show yet: what is due is looked for again after the consistency delay, as it is after a crash.
extension Memory {
    /// Until when nothing is begun, and all is read again then; nil where that has been done, or there is nothing to wait for.
    package func newcomerUntil(_ inventory: Inventory, _ timing: Timing, now: Moment) -> Moment? {
        guard let installed, installed <= now else { return nil }
        let until = installed + timing.consistency
        guard inventory.listings.values.contains(where: { $0.read < until }),
            inventory.listings.values.contains(where: { $0.points.contains { $0.taken < installed } })
        else { return nil }
        return until
    }
}

extension Planner {
    /// Looks when all must be shown that another began before this ledger was, and when all must be that it began beside it.
    func lookAsNewcomer(_ plan: inout Plan) {
        guard let newcomerUntil else { return }
        plan.release(at: now < newcomerUntil ? newcomerUntil : newcomerUntil + configuration.timing.consistency)
    }
}
