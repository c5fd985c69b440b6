package import AWS
package import BackupCore

extension World {
    package func getAutoSnapshots(_ request: GetAutoSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetAutoSnapshotsReply
    {
        let refuse = try admit(Lightsail.getAutoSnapshots, in: region)
        let state = state(of: region, now: now)
        let (kind, path) = try refuse.automatic(of: request.resourceName, in: state)
        let attached = state.lightsailDisks.filter { $0.attachedTo == request.resourceName }
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
        let addOn = request.addOnRequest
        if let fault = addOn.fault { throw refuse.badInput(fault) }
        guard addOn.addOnType == LightsailAddOn.autoSnapshot else {
            return try setIdle(of: request.resourceName, addOn.stopInstanceOnIdleRequest, refuse, in: region, now: now)
        }
        return try setAutomatic(of: request.resourceName, hour: addOn.hour, refuse, in: region, now: now)
    }

    package mutating func disableAddOn(_ request: DisableAddOnRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.disableAddOn, in: region)
        switch request.addOnType {
        case LightsailAddOn.autoSnapshot:
            return try setAutomatic(of: request.resourceName, hour: nil, refuse, in: region, now: now)
        case LightsailAddOn.stopInstanceOnIdle:
            return try setIdle(of: request.resourceName, nil, refuse, in: region, now: now)
        default: throw refuse.badInput("There is no add-on \(request.addOnType).")
        }
    }

    private mutating func setAutomatic(
        of name: String, hour: Int?, _ refuse: Refusal, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        var state = state(of: region, now: now)
        let (kind, path) = try refuse.automatic(of: name, in: state)
        state[keyPath: path].set(hour: hour, at: now, taking: timings.snapshotSeconds)
        regions[region] = state
        return done(refuse.operation, on: (name, kind.rawValue), details: "AutoSnapshot", in: region, now: now)
    }

    private mutating func setIdle(
        of name: String, _ idle: LightsailAddOnRequest.StopInstanceOnIdle?, _ refuse: Refusal, in region: Region,
        now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        guard let index = regions[region]?.lightsailInstances.firstIndex(where: { $0.name == name }) else {
            throw refuse.notFound("Instance", name)
        }
        regions[region]?.lightsailInstances[index].idle = idle
        return done(
            refuse.operation, on: (name, "Instance"), details: LightsailAddOn.stopInstanceOnIdle, in: region, now: now)
    }

    /// The add-ons as instances and disks list them; nothing where all are off.
    func described(_ automatic: SimulatedAutomatic, _ idle: LightsailAddOnRequest.StopInstanceOnIdle? = nil)
        -> [LightsailAddOn]?
    {
        let snapshots = automatic.timeOfDay.map { time in
            LightsailAddOn(
                name: LightsailAddOn.autoSnapshot, status: "Enabled", snapshotTimeOfDay: time,
                nextSnapshotTimeOfDay: time)
        }
        let stop = idle.map { idle in
            var addOn = LightsailAddOn(name: LightsailAddOn.stopInstanceOnIdle, status: "Enabled")
            (addOn.threshold, addOn.duration) = (idle.threshold, idle.duration)
            return addOn
        }
        let all = [snapshots, stop].compactMap { $0 }
        return all.isEmpty ? nil : all
    }
}

extension LightsailAddOnRequest {
    /// Of a daily snapshot; AWS chooses one if none is given.
    var hour: Int { autoSnapshotAddOnRequest?.snapshotTimeOfDay.flatMap { Int($0.prefix(2)) } ?? 6 }
}

extension Refusal {
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
