import BackupCore

extension ModelCloud {
    func create(_ order: CreateOrder) async throws(CloudError) -> RecoveryPoint {
        let place = order.resource.place
        let isLightsail = place.provider.isLightsail
        let fate = try begin("Create", place)
        guard let resource = resources.first(where: { $0.id == order.resource.id }) else {
            throw refusal("Create", place, "NotFound")
        }
        // The name of a Lightsail snapshot is its identity: it is made once.
        let name = SetID("l/\(order.policy.name)/\(resource.id)/\(order.slot.seconds)")
        if isLightsail, let known = set(PointID(place: place, set: name)) {
            guard !known.truth.members.isEmpty else { throw refusal("Create", place, "InvalidInputException") }
            return known.truth
        }
        let volumes = resource.volumes.filter { !order.policy.exclusion.excludes($0) }
        guard isLightsail || !volumes.isEmpty else { throw refusal("Create", place, "MissingParameter") }
        var made = TrueSet(
            RecoveryPoint(
                policy: order.policy.name, resource: resource.id, slot: order.slot, kind: order.kind,
                set: isLightsail ? name : order.nonce, place: place, home: place.site, taken: clock.truth,
                declaredMembers: isLightsail ? 1 : volumes.count, members: [],
                lacksTags: !isLightsail && dice.happens(faults.missingTags)))
        let lag = faults.lag(&dice)
        for volume in isLightsail ? [nil] : volumes.map({ Optional($0.id) }) {
            let snapshot = isLightsail ? SnapshotID(name.rawValue) : newSnapshot()
            made.members.append(
                member(Member(snapshot: snapshot, volume: volume, state: .pending, started: clock.truth), lag, place))
        }
        insert(made)
        return try end(fate, "Create", made)
    }

    func copy(_ member: Member, _ order: CopyOrder) async throws(CloudError) -> RecoveryPoint {
        let place = Place(order.point.place.provider, order.rule.site)
        let isLightsail = place.provider.isLightsail
        let fate = try begin("Copy", place)
        let id = PointID(place: place, set: order.point.set)
        guard let source = set(order.point.id)?.truth.members.first(where: { $0.snapshot == member.snapshot }),
            source.state == .completed
        else { throw refusal("Copy", place, "InvalidSnapshot.NotFound") }
        if pendingCopies(place) >= (isLightsail ? 2 : 20) { throw try quota(place) }
        if isLightsail, let known = set(id) {
            guard !known.truth.members.isEmpty else { throw refusal("Copy", place, "InvalidInputException") }
            return known.truth
        }
        if set(id) == nil { insert(copy(order, place)) }
        let lag = faults.lag(&dice)
        let copy = Member(
            snapshot: isLightsail ? member.snapshot : newSnapshot(), volume: member.volume, state: .pending,
            started: clock.truth, source: isLightsail ? nil : member.snapshot)
        change(id) { $0.members.append(self.member(copy, lag, place, isCopy: true)) }
        guard var made = set(id) else { throw refusal("Copy", place, "InternalError") }
        made.members.removeAll { $0.member.snapshot != copy.snapshot }
        return try end(fate, "Copy", made)
    }

    private func copy(_ order: CopyOrder, _ place: Place) -> TrueSet {
        var point = order.point
        point.place = place
        (point.isHeld, point.copiedTo, point.members) = (false, [], [])
        point.key = place.provider == .ec2 ? order.rule.keyName : nil
        point.lacksTags = place.provider.isLightsail || dice.happens(faults.missingTags)
        var set = TrueSet(point)
        set.isUntagged = place.provider.isLightsail
        return set
    }

    func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(CloudError) {
        let fate = try begin("Delete", point.place)
        judge(snapshots, point)
        // AWS deletes one by one: a call in the middle may fail.
        let stop = snapshots.count > 1 && faults.calls > 0 && dice.happens(faults.calls) ? 1 : snapshots.count
        for snapshot in snapshots.prefix(stop) {
            let until = clock.truth + faults.lag(&dice)
            change(point) { $0.delete(snapshot, shownUntil: until) }
        }
        if stop < snapshots.count { throw refusal("Delete", point.place, "InternalError") }
        if let error = fate.error("Delete", point.place.region) { throw error }
    }

    func repair(_ order: RepairOrder) async throws(CloudError) {
        let fate = try begin("Tag", order.point.place)
        guard !untaggable.contains(order.point.place) else {
            throw refusal("Tag", order.point.place, "UnauthorizedOperation")
        }
        guard set(order.point.id)?.truth.members.isEmpty == false else {
            throw refusal("Tag", order.point.place, "InvalidSnapshot.NotFound")
        }
        change(order.point.id) { set in
            (set.lacksTags, set.isUntagged) = (false, false)
            set.copiedTo.formUnion(order.reached)
        }
        if let error = fate.error("Tag", order.point.place.region) { throw error }
    }

    /// Its policies copy within one account.
    func unshare(_ point: RecoveryPoint, with accounts: Set<AccountID>) async throws(CloudError) {
        throw refusal("ModifySnapshotAttribute", point.place, "InvalidSnapshot.NotFound")
    }

    // MARK: How calls go

    /// Throws unless the call is carried out; what it returns may still lose the reply.
    private func begin(_ operation: String, _ place: Place) throws(CloudError) -> Faults.Fate {
        let isOut = outages[place].map { clock.truth < $0 } ?? false
        if isOut || isMachineDead(), let error = Faults.Fate.throttled.error(operation, place.region) {
            throw error
        }
        let fate = faults.fate(&dice)
        if fate != .lostAfter, let error = fate.error(operation, place.region) { throw error }
        return fate
    }

    /// Looks once for what a lost reply may have left, as AWSCloud does.
    private func end(_ fate: Faults.Fate, _ operation: String, _ made: TrueSet) throws(CloudError) -> RecoveryPoint {
        if let error = fate.error(operation, made.id.place.region), made.shown(at: clock.truth) == nil { throw error }
        return made.truth
    }

    private func member(_ member: Member, _ lag: Duration, _ place: Place, isCopy: Bool = false) -> TrueMember {
        let isSlow = dice.happens(isCopy ? faults.slowCopies : faults.slowSnapshots)
        let time = isSlow ? dice.seconds(3600...(isCopy ? 345_600 : 86_400)) : dice.seconds(60...1500)
        let fails = dice.happens(isCopy ? faults.failedCopies : faults.failedMembers)
        if isCopy { copied += 1 } else { taken += 1 }
        return TrueMember(
            member: member, ends: clock.truth + time, end: fails ? .failed : .completed,
            shownFrom: clock.truth + lag)
    }

    private func pendingCopies(_ place: Place) -> Int {
        (sets[place] ?? []).map(\.truth).filter(\.isCopy).flatMap(\.members).filter { $0.state == .pending }.count
    }

    private func quota(_ place: Place) throws(CloudError) -> CloudError {
        Faults.Fate.quota.error("Copy", place.region) ?? refusal("Copy", place, "ResourceLimitExceeded")
    }

    private func refusal(_ operation: String, _ place: Place, _ code: String) -> CloudError {
        CloudError(kind: .refused, operation: operation, region: place.region, code: code, message: "as AWS would")
    }
}

extension ModelCloud {
    /// People hold points in the console here, not by commands.
    func hold(_ point: RecoveryPoint, _ text: String) async throws(CloudError) { change(point.id) { $0.isHeld = true } }
    func release(_ point: RecoveryPoint) async throws(CloudError) { change(point.id) { $0.isHeld = false } }

    func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(CloudError) {
        for index in resources.indices where resources[index].id == resource.id { resources[index].automatic = setting }
    }
}
