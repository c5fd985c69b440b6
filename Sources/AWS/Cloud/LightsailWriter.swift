import BackupCore

/// Makes, copies, deletes and tags snapshots of ours of Lightsail's instances, disks and databases.
///
/// The name is the idempotency key: a second call under it is refused, and the refusal counts as success if the
/// snapshot that bears the name is of the same resource.
struct LightsailWriter: Sendable {
    let lightsail: any LightsailOperations
    let reader: LightsailReader
    let fleet: FleetName
    let clock: any WallClock

    func create(_ order: CreateOrder) async throws(AWSError) -> RecoveryPoint {
        let resource = order.resource
        let name = LightsailName(
            fleet: fleet, policy: order.policy.name, home: resource.site.region, instanceName: resource.name ?? "",
            arn: resource.arn ?? "", slot: order.slot)
        var point = RecoveryPoint(
            policy: order.policy.name, resource: resource.id, slot: order.slot, kind: order.kind,
            set: SetID(name.text), place: resource.place, home: resource.site, taken: order.slot,
            declaredMembers: 1, members: [], sidecar: resource.sidecar)
        let tags = PointTags(of: point, fleet: fleet).pairs { $0.text(near: resource.site.account) }.map {
            LightsailTag(key: $0.key, value: $0.value)
        }
        let added = order.policy.tags.add.sorted { $0.key < $1.key }.map { LightsailTag(key: $0.key, value: $0.value) }
        let member = try await made(name, in: resource.place, from: resource.arn) { () async throws(AWSError) in
            try await create(name.text, of: resource, tags + added)
        }
        point.members = [member]
        point.taken = member.started
        return point
    }

    private func create(
        _ name: String, of resource: Resource, _ tags: [LightsailTag]
    ) async throws(AWSError) -> LightsailOperationsReply {
        let source = resource.name ?? ""
        switch resource.kind {
        case .lightsailDisk:
            let request = CreateDiskSnapshotRequest(diskSnapshotName: name, diskName: source, tags: tags)
            return try await lightsail.createDiskSnapshot(request, in: resource.site.region)
        case .lightsailDatabase:
            let request = CreateDatabaseSnapshotRequest(
                relationalDatabaseName: source, relationalDatabaseSnapshotName: name, tags: tags)
            return try await lightsail.createDatabaseSnapshot(request, in: resource.site.region)
        case .lightsailInstance, .ec2Instance, .ec2Volume:
            let request = CreateInstanceSnapshotRequest(instanceSnapshotName: name, instanceName: source, tags: tags)
            return try await lightsail.createInstanceSnapshot(request, in: resource.site.region)
        }
    }

    func copy(_ order: CopyOrder) async throws(AWSError) -> RecoveryPoint {
        guard let name = LightsailName(order.point.set.rawValue) else { throw notOurs(order) }
        var request = LightsailCopySnapshotRequest(
            targetSnapshotName: name.text, sourceRegion: order.point.site.region.rawValue)
        if let member = order.members.first, order.point.isAutomatic {
            guard let source = AutomaticSnapshotID(member.snapshot) else { throw notOurs(order) }
            request.sourceResourceName = source.resource
            request.restoreDate = source.date
        } else {
            request.sourceSnapshotName = name.text
        }
        let place = Place(order.point.place.provider, order.rule.site)
        let member = try await made(name, in: place, from: nil) { () async throws(AWSError) in
            try await lightsail.copySnapshot(request, in: place.region)
        }
        var point = order.point
        point.place = place
        point.members = [member]
        point.copiedTo = []
        point.isAutomatic = false
        point.isHeld = false
        point.refusal = nil
        point.lacksTags = true
        return point
    }

    private func notOurs(_ order: CopyOrder) -> AWSError {
        AWSError(
            service: .lightsail, operation: Lightsail.copySnapshot.name, region: order.rule.region,
            code: "InvalidParameter", message: "\"\(order.point.set)\" is not a name of ours", fate: .notPerformed)
    }

    /// Does the call, and settles by the name what a refusal or a lost reply leaves open.
    private func made(
        _ name: LightsailName, in place: Place, from arn: String?,
        by call: () async throws(AWSError) -> LightsailOperationsReply
    ) async throws(AWSError) -> Member {
        do {
            let reply = try await call()
            let started = reply.operations?.first?.createdAt?.moment ?? clock.now
            return Member(snapshot: SnapshotID(name.text), state: .pending, started: started)
        } catch  where error.fate == .outcomeUnknown || error.mayBeNameTaken {
            guard let snapshot = try? await reader.snapshot(named: name.text, in: place) else {
                // Somebody who is not seen yet has the name: another run, or one before this.
                var unseen = error
                if error.saysNameTaken { unseen.fate = .outcomeUnknown }
                throw unseen
            }
            guard let source = snapshot.source, name.belongs(to: source.name, arn: source.arn),
                arn == nil || arn == source.arn
            else { throw error }
            return Member(snapshot)
        }
    }

    /// Deletes a snapshot; one that is gone already counts as deleted.
    func delete(_ snapshot: SnapshotID, in place: Place) async throws(AWSError) {
        do {
            switch place.provider {
            case .lightsailDisks:
                let request = DiskSnapshotNameRequest(diskSnapshotName: snapshot.rawValue)
                _ = try await lightsail.deleteDiskSnapshot(request, in: place.region)
            case .lightsailDatabases:
                let request = DatabaseSnapshotNameRequest(relationalDatabaseSnapshotName: snapshot.rawValue)
                _ = try await lightsail.deleteDatabaseSnapshot(request, in: place.region)
            case .lightsail, .ec2:
                let request = InstanceSnapshotNameRequest(instanceSnapshotName: snapshot.rawValue)
                _ = try await lightsail.deleteInstanceSnapshot(request, in: place.region)
            }
        } catch  where error.isNotFound {
            return
        }
    }

    /// EnableAddOn, which also changes the time, or DisableAddOn.
    func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(AWSError) {
        let name = resource.name ?? ""
        if let time = setting.time {
            let request = EnableAddOnRequest(resourceName: name, snapshotTimeOfDay: time)
            _ = try await lightsail.enableAddOn(request, in: resource.site.region)
        } else {
            _ = try await lightsail.disableAddOn(DisableAddOnRequest(resourceName: name), in: resource.site.region)
        }
    }

    /// TagResource: all that CopySnapshot could not carry, and the mark of destinations reached.
    func repair(_ order: RepairOrder) async throws(AWSError) {
        try await tag(
            order.point,
            order.reached.sorted().map {
                LightsailTag(key: PointTags.copiedPrefix + $0.text(near: order.point.place.account), value: "usable")
            })
    }

    /// TagResource: the mark that a person wants it kept.
    func hold(_ point: RecoveryPoint, _ text: String) async throws(AWSError) {
        try await tag(point, [LightsailTag(key: PointTags.holdKey, value: text)])
    }

    /// UntagResource.
    func release(_ point: RecoveryPoint) async throws(AWSError) {
        let request = LightsailUntagResourceRequest(resourceName: point.set.rawValue, tagKeys: [PointTags.holdKey])
        _ = try await lightsail.untagResource(request, in: point.site.region)
    }

    /// Writes tags, and before them those that a copy still lacks: without them nothing on it is read.
    private func tag(_ point: RecoveryPoint, _ more: [LightsailTag]) async throws(AWSError) {
        let tags = missingTags(of: point) + more
        guard !tags.isEmpty else { return }
        _ = try await lightsail.tagResource(
            LightsailTagResourceRequest(resourceName: point.set.rawValue, tags: tags), in: point.site.region)
    }

    private func missingTags(of point: RecoveryPoint) -> [LightsailTag] {
        guard point.lacksTags else { return [] }
        var own = PointTags(of: point, fleet: fleet)
        if point.isCopy {
            own.source = SnapshotSource(site: point.home, snapshot: SnapshotID(point.set.rawValue))
            own.taken = point.taken
        }
        return own.pairs { $0.text(near: point.place.account) }.map { LightsailTag(key: $0.key, value: $0.value) }
    }
}
