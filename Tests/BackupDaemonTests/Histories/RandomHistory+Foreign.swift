import BackupCore

extension RandomHistory {
    /// Points of a policy that no config names, and snapshots that bear a name like ours without being ours.
    func addForeign() {
        guard let place = dice.any(configuration.scopes.keys.sorted()), let resource = dice.any(resources) else {
            return
        }
        let number = watch.foreign.count + 1
        var point = RecoveryPoint(
            policy: PolicyName("other"), resource: resource.id, slot: clock.truth - .seconds(60), kind: .scheduled,
            set: SetID("f\(number)"), place: place, home: Site(RandomPolicy.homes[0]), taken: clock.truth,
            declaredMembers: 2,
            members: [])
        let isLookalike = place.provider.isLightsail && dice.happens(500)
        if isLookalike { point.declaredMembers = 1 }
        var set = TrueSet(point)
        set.isUntagged = isLookalike
        let states: [MemberState] = dice.pick([[.completed, .completed], [.completed], [.failed, .completed]])
        for (index, state) in states.prefix(point.declaredMembers).enumerated() {
            let member = Member(
                snapshot: SnapshotID("f\(number).\(index)"), volume: VolumeID("v1.\(index + 1)"), state: state,
                started: clock.truth)
            set.members.append(TrueMember(member: member, ends: clock.truth, end: state, shownFrom: clock.truth))
        }
        cloud.insert(set)
        watch.foreign.insert(set.id)
        say("\(set.id) appears, which is not ours")
    }
}
