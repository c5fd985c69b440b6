extension Planner {
    func planCopies(_ subject: Subject, _ fleet: Fleet, into plan: inout Plan) {
        for rule in subject.policy.copies {
            for point in subject.owed[rule.site] ?? [] {
                let place = Place(point.place.provider, rule.site)
                // Automatic snapshots of what is not selected, or is in an instance's, are nobody's business.
                guard inventory.isComplete(place), subject.resource != nil || !point.isAutomatic else { continue }
                // Lightsail copies within one account.
                guard rule.account == point.place.account || !point.place.provider.isLightsail else { continue }
                let copied = subject.copies(in: rule.site).first { $0.set == point.set }
                // A failed member goes first: it would count twice, or holds the Lightsail name.
                if copied?.state == .failed { continue }
                let missing = point.members.filter { member in
                    !(copied?.members.contains { $0.stands(for: member, of: point) } ?? false)
                }
                guard !missing.isEmpty else { continue }
                let order = CopyOrder(
                    point: point, members: missing.map { $0.onDevice(of: subject.resource) }, rule: rule,
                    tags: subject.policy.tags)
                guard isSettled(order, subject, &plan), mayGoFirst(order, subject, fleet, &plan) else { continue }
                if rule.account != point.place.account, let member = missing.first(where: \.isUnshareable) {
                    let reason = Reason.unshareable(member.snapshot, with: rule.account)
                    add(
                        Action(
                            work: .refuse(order), pair: subject.pair, slot: point.slot, site: rule.site, reason: reason),
                        to: &plan)
                    continue
                }
                let reason: Reason =
                    copied == nil ? .owed(rule.site) : .membersMissing(missing.count, of: point.members.count)
                add(
                    Action(
                        work: .copy(order), pair: subject.pair, slot: point.slot, site: rule.site, reason: reason),
                    to: &plan)
            }
        }
    }

    /// Of what two runs took, only what stays is copied.
    private func isSettled(_ order: CopyOrder, _ subject: Subject, _ plan: inout Plan) -> Bool {
        guard let until = unsettled[order.point.id] else { return true }
        plan.wait(until: until)
        plan.wait(owed(order, subject), for: .unsettled, until: until)
        return false
    }

    private func owed(_ order: CopyOrder, _ subject: Subject) -> Action {
        let site = order.rule.site
        return Action(
            work: .copy(order), pair: subject.pair, slot: order.point.slot, site: site, reason: .owed(site))
    }

    /// Whether a copy is begun here: whoever stepped back leaves them to the other, until one is so late that there seems to be
    /// no other any more.
    ///
    /// While copies of ours are being made there, perhaps by the other, it waits longer: both would choose the same one next.
    private func mayGoFirst(
        _ order: CopyOrder, _ subject: Subject, _ fleet: Fleet, _ plan: inout Plan
    ) -> Bool {
        let (point, place) = (order.point, Place(order.point.place.provider, order.rule.site))
        guard memory.steppedBack != nil, eagerness == .scheduled, place.provider == .ec2 else { return true }
        let late = point.taken + configuration.timing.standBack
        let until = now < late || !fleet.copying.contains(place) ? late : late + configuration.timing.standBack
        guard now < until else { return true }
        plan.release(at: until)
        plan.wait(owed(order, subject), for: .steppedBack, until: until)
        return false
    }

    /// Has the shares taken back that copies in other accounts needed, or that were left over.
    ///
    /// A share stays while a copy is owed, is being made, or was perhaps begun by a call whose reply was lost.
    func planUnsharing(_ subject: Subject, into plan: inout Plan) {
        for point in subject.home.sorted(by: { $0.id < $1.id }) {
            unshare(point, of: subject.pair, into: &plan) { account in
                mayBeCopying(point, to: account, subject)
            }
        }
    }

    /// Of points that are no policy's any more nothing is copied.
    func planUnsharing(_ orphans: [RecoveryPoint], into plan: inout Plan) {
        for point in orphans where !point.isCopy {
            let pair = Pair(policy: point.policy, resource: point.resource)
            unshare(point, of: pair, into: &plan) { _ in false }
        }
    }

    private func unshare(
        _ point: RecoveryPoint, of pair: Pair, into plan: inout Plan, unless isNeeded: (AccountID) -> Bool
    ) {
        let shared = Set(point.members.flatMap(\.sharedWith))
        let idle = shared.filter { !isNeeded($0) }
        guard !idle.isEmpty else { return }
        add(
            Action(
                work: .unshare(point, idle), pair: pair, slot: point.slot, site: point.site,
                reason: .noCopyUnderWay(in: idle)),
            to: &plan)
    }

    private func mayBeCopying(_ point: RecoveryPoint, to account: AccountID, _ subject: Subject) -> Bool {
        // A place that was not read may hold a copy that is being made.
        if inventory.listings.contains(where: { $0.key.account == account && $0.value.gap != nil }) { return true }
        let isPending = subject.points.contains {
            $0.set == point.set && $0.place.account == account && $0.isBeingMade
        }
        let isOwed = subject.owed.contains { site, points in
            site.account == account && points.contains { $0.id == point.id }
        }
        return isPending || isOwed
            || memory.open.values.contains {
                $0.key.verb == .copy && $0.set == point.set && $0.key.site.account == account
            }
    }

    /// The usable home points that owe a copy to a destination, newest first.
    ///
    /// A point owes one if the destination's rules, applied to what is there and all usable home points, would keep it,
    /// and no copy of it was ever seen usable there, or is archived by now. A discharged debt never revives.
    func owed(by subject: Subject, to rule: CopyRule) -> [RecoveryPoint] {
        let there = subject.copies(in: rule.site)
        let latest = latestCredible
        let usable = subject.home.filter {
            $0.state == .usable && $0.taken <= latest && subject.outranked[$0.id] == nil
        }
        // Most often every one has its copy, and nothing need be asked of the rules.
        guard !usable.allSatisfy({ wasCopied($0, to: rule.site, there: there) }) else { return [] }
        let home = eligible(usable, for: rule, subject.policy.zone, there: there)
        let known = Set(home.map(\.set))
        let union = (home + there.filter { $0.state == .usable && !known.contains($0.set) })
            .newestFirst()
        // A hold at home is none of its copy, which would go as soon as it came.
        let unheld = union.map { point in
            guard point.isHeld else { return point }
            var point = point
            point.isHeld = false
            return point
        }
        let verdicts = (rule.retention ?? subject.policy.retention)
            .verdicts(on: unheld, in: subject.policy.zone, now: now)
        return zip(union, verdicts).filter { point, verdict in
            verdict.isKept && !point.isCopy && !wasCopied(point, to: rule.site, there: there)
        }.map(\.0)
    }

    /// Of each part of time that `which` names, the point that has a copy already, or else the first usable one; points
    /// made by hand are always eligible.
    private func eligible(
        _ home: [RecoveryPoint], for rule: CopyRule, _ zone: Zone, there: [RecoveryPoint]
    ) -> [RecoveryPoint] {
        guard let division = rule.which else { return home }
        let part = { (point: RecoveryPoint) in division.part(of: point.slot, in: zone) }
        let isServed: (RecoveryPoint) -> Bool = { point in
            self.wasCopied(point, to: rule.site, there: there) || there.contains { $0.set == point.set }
        }
        var served = Set(there.filter { $0.kind == .scheduled && $0.state != .failed }.map(part))
        served.formUnion(home.filter { $0.kind == .scheduled && isServed($0) }.map(part))
        return home.sorted { RecoveryPoint.newestFirst($1, $0) }.filter { point in
            point.kind == .manual || isServed(point) || served.insert(part(point)).inserted
        }
    }

    private func wasCopied(_ point: RecoveryPoint, to site: Site, there: [RecoveryPoint]) -> Bool {
        point.copiedTo.contains(site)
            || memory.copiesSeen[PointID(place: Place(point.place.provider, site), set: point.set)] != nil
            || there.contains { $0.set == point.set && $0.isWhole }
    }
}

extension Member {
    /// The same with the device that its volume is attached as now, if its own tag was not written yet: a copy that is
    /// made without would never get it.
    fileprivate func onDevice(of resource: Resource?) -> Member {
        var member = self
        member.device = member.device ?? member.volume.flatMap { resource?.devices[$0] }
        return member
    }

    /// Whether this is the copy of that member of that home point; a failed copy stands for nothing.
    func stands(for member: Member, of point: RecoveryPoint) -> Bool {
        guard state != .failed else { return false }
        return point.place.provider.isLightsail || source == member.snapshot
    }
}
