package import AWS
package import BackupCore

extension World {
    package func getAutoSnapshots(_ request: GetAutoSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetAutoSnapshotsReply
    {
        let refuse = try admit(Lightsail.getAutoSnapshots, in: region)
        let state = state(of: region, now: now)
        let (kind, path) = try refuse.automatic(of: request.resourceName, in: state)
        let disks = state.lightsailInstances.first { $0.name == request.resourceName }?.disks ?? []
        let attached = disks.filter { !$0.isSystem }
        let shown = state[keyPath: path].snapshots(at: now, taking: timings.snapshotSeconds).map { snapshot in
            LightsailAutoSnapshot(
                date: snapshot.date, createdAt: EpochTime(snapshot.createdAt), status: snapshot.status,
                fromAttachedDisks: attached.map { .init(path: $0.path, sizeInGb: $0.size) })
        }
        return GetAutoSnapshotsReply(
            resourceName: request.resourceName, resourceType: kind.rawValue, autoSnapshots: shown)
    }

    package mutating func enableAddOn(_ request: EnableAddOnRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.enableAddOn, in: region)
        try refuse.check(addOn: request.addOnRequest.addOnType)
        let text = request.addOnRequest.autoSnapshotAddOnRequest?.snapshotTimeOfDay ?? "06:00"
        guard text.count == 5, text.hasSuffix(":00"), let hour = Int(text.prefix(2)), (0...23).contains(hour) else {
            throw refuse.badInput("snapshotTimeOfDay must be in HH:00 format, not \"\(text)\".")
        }
        return try setAutomatic(of: request.resourceName, hour: hour, refuse, in: region, now: now)
    }

    package mutating func disableAddOn(_ request: DisableAddOnRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.disableAddOn, in: region)
        try refuse.check(addOn: request.addOnType)
        return try setAutomatic(of: request.resourceName, hour: nil, refuse, in: region, now: now)
    }

    private mutating func setAutomatic(
        of name: String, hour: Int?, _ refuse: Refusal, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        var state = state(of: region, now: now)
        let (kind, path) = try refuse.automatic(of: name, in: state)
        state[keyPath: path].set(hour: hour, at: now, taking: timings.snapshotSeconds)
        regions[region] = state
        let done = start(
            refuse.operation.name, on: (name, kind.rawValue), details: "AutoSnapshot",
            life: Life(startedAt: now, readyAt: now), in: region, now: now)
        return LightsailOperationsReply(operations: [done])
    }

    /// The add-on as instances and disks list it; nothing while it is off.
    func described(_ automatic: SimulatedAutomatic) -> [LightsailAddOn]? {
        automatic.timeOfDay.map { time in
            [
                LightsailAddOn(
                    name: LightsailAddOn.autoSnapshot, status: "Enabled", snapshotTimeOfDay: time,
                    nextSnapshotTimeOfDay: time)
            ]
        }
    }
}

extension Refusal {
    fileprivate func check(addOn type: String) throws(AWSError) {
        guard type == LightsailAddOn.autoSnapshot else { throw badInput("The add-on \(type) is not known here.") }
    }

    /// Where the automatic snapshots of the instance or disk of that name are kept.
    func automatic(of name: String, in state: RegionState) throws(AWSError) -> (
        kind: LightsailKind, path: WritableKeyPath<RegionState, SimulatedAutomatic>
    ) {
        if let index = state.lightsailInstances.firstIndex(where: { $0.name == name }) {
            return (.instance, \.lightsailInstances[index].automatic)
        }
        if let index = state.lightsailDisks.firstIndex(where: { $0.name == name }) {
            return (.disk, \.lightsailDisks[index].automatic)
        }
        throw notFound("Instance", name)
    }
}
