extension RecoveryPoint {
    /// What AWS itself, or a person by AWS's means, holds against deleting it: locks, images, an earlier refusal.
    func protection(at now: Moment) -> Reason? {
        let protected = members.filter { $0.protection(at: now) != nil }.min { $0.snapshot < $1.snapshot }
        return protected?.protection(at: now) ?? refusal.map(Reason.deleteRefused)
    }
}

extension Member {
    /// Why AWS would refuse to delete it, as far as is known.
    func protection(at now: Moment) -> Reason? {
        if let lock, lock.holds(at: now) { return .locked(snapshot, lock) }
        return image.map { .usedByImage(snapshot, $0) }
    }
}

extension Planner {
    /// Says why failed members stay: AWS would refuse to delete them.
    func withholdRemoval(of point: RecoveryPoint, _ subject: Subject, into plan: inout Plan) {
        guard let reason = point.protection(at: now) else { return }
        add(
            Action(
                work: .withhold(point), pair: subject.pair, slot: point.slot, site: point.site, reason: reason),
            to: &plan)
        if let until = reason.liftsBy { plan.release(at: until) }
    }
}
