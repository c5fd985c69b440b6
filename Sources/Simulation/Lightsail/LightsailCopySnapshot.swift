package import AWS
package import BackupCore

extension World {
    package mutating func copySnapshot(_ request: LightsailCopySnapshotRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.copySnapshot, in: region)
        if let fault = request.fault { throw refuse.badInput(fault) }
        let origin = Region(request.sourceRegion)
        guard regions[origin] != nil else { throw refuse.badInput("There is no region \"\(origin)\".") }
        try refuse.checkName(request.targetSnapshotName, in: state(of: region, now: now))
        var copy = try original(of: request, in: origin, refuse: refuse, now: now)
        copy.copiedFrom = "\(origin)/\(request.sourceSnapshotName ?? request.sourceResourceName ?? "")"
        copy.name = request.targetSnapshotName
        copy.uuid = generator.uuid()
        copy.sequence = nextSequence()
        copy.life = life(seconds: timings.copySeconds, now: now)
        copy.visibleAt = visibleAt(now)
        copy.tags = TagList()
        regions[region]?.lightsailSnapshots.append(copy)
        let operation = start(
            "CopySnapshot", on: (copy.name, copy.kind.snapshot), details: copy.copiedFrom, life: copy.life,
            in: region, now: now)
        return LightsailOperationsReply(operations: [operation])
    }

    /// What is to be copied, as a snapshot.
    private func original(
        of request: LightsailCopySnapshotRequest, in origin: Region, refuse: Refusal, now: Moment
    ) throws(AWSError) -> SimulatedLightsailSnapshot {
        let state = state(of: origin, now: now)
        guard let name = request.sourceSnapshotName else {
            let source = (name: request.sourceResourceName ?? "", date: request.restoreDate)
            return try automatic(of: source, in: origin, refuse: refuse, now: now)
        }
        guard let found = state.lightsailSnapshots.first(where: { $0.name == name }) else {
            throw refuse.notFound("InstanceSnapshot", name)
        }
        guard found.kind != .database else {
            throw refuse.badInput("A RelationalDatabaseSnapshot cannot be copied: \(name)")
        }
        guard found.life.stage(at: now) == .done else {
            throw refuse.badInput("The \(found.kind.snapshot) \(name) is \(found.state(at: now)), not available.")
        }
        return found
    }

    /// The automatic snapshot of the named day, or the latest one.
    func automatic(
        of source: (name: String, date: String?), in origin: Region, refuse: Refusal, now: Moment
    ) throws(AWSError) -> SimulatedLightsailSnapshot {
        let (state, name) = (state(of: origin, now: now), source.name)
        let (kind, path) = try refuse.automatic(of: name, in: state)
        let all = state[keyPath: path].snapshots(at: now, taking: timings.snapshotSeconds)
        let good = all.filter { $0.status == "Success" }.map(\.date)
        guard let date = source.date ?? good.max(), good.contains(date) else {
            throw refuse.notFound("AutoSnapshot", "\(name) \(source.date ?? "(latest)")")
        }
        let instance = state.lightsailInstances.first { $0.name == name }
        let disk = state.lightsailDisks.first { $0.name == name }
        return SimulatedLightsailSnapshot(
            kind: kind, name: name, uuid: "", sequence: 0, life: .over(at: now), visibleAt: now,
            fromName: name, fromARN: lightsailARN(kind.rawValue, instance?.uuid ?? disk?.uuid ?? "", in: origin),
            bundle: instance?.bundle ?? "", blueprint: instance?.blueprint ?? "",
            disks: instance.map(state.disks) ?? [],
            size: disk?.size ?? instance?.systemDiskSize ?? 0,
            isFromAutoSnapshot: true, tags: TagList())
    }
}
