import AWS
import BackupCore

/// What Lightsail's snapshots of all kinds have in common.
extension World {
    func life(seconds: Int64, now: Moment) -> Life {
        Life(startedAt: now, readyAt: now + .seconds(seconds), failure: isDoomed ? World.internalFailure : nil)
    }

    func snapshots(of kind: LightsailKind, in region: Region, now: Moment) -> [SimulatedLightsailSnapshot] {
        state(of: region, now: now).lightsailSnapshots.filter { $0.kind == kind && $0.visibleAt <= now }
    }

    func snapshot(
        _ kind: LightsailKind, named name: String, _ refuse: Refusal, in region: Region, now: Moment
    ) throws(AWSError) -> SimulatedLightsailSnapshot {
        guard let found = snapshots(of: kind, in: region, now: now).first(where: { $0.name == name }) else {
            throw refuse.notFound(kind.snapshot, name)
        }
        return found
    }

    /// A snapshot that begins now, of the resource of that name and UUID.
    mutating func fresh(
        _ kind: LightsailKind, _ name: String, of source: (name: String, uuid: String), in region: Region, now: Moment
    ) -> SimulatedLightsailSnapshot {
        SimulatedLightsailSnapshot(
            kind: kind, name: name, uuid: generator.uuid(), sequence: nextSequence(),
            life: life(seconds: timings.snapshotSeconds, now: now), visibleAt: visibleAt(now), fromName: source.name,
            fromARN: lightsailARN(kind.rawValue, source.uuid, in: region), size: 0, isFromAutoSnapshot: false,
            tags: TagList())
    }

    /// Keeps what was made, and gives the operations that make it: the snapshot's and its source's.
    mutating func keep(
        _ snapshot: SimulatedLightsailSnapshot, _ tags: [LightsailTag]?, by operation: Operation, in region: Region,
        now: Moment
    ) -> LightsailOperationsReply {
        var made = snapshot
        made.tags = TagList(tags, visibleAt: now)
        regions[region]?.lightsailSnapshots.append(made)
        let ofSnapshot = start(
            operation.name, on: (made.name, made.kind.snapshot), details: made.fromName, life: made.life, in: region,
            now: now)
        let ofSource = start(
            operation.name, on: (made.fromName, made.kind.rawValue), details: made.name, life: made.life, in: region,
            now: now)
        return LightsailOperationsReply(operations: [ofSnapshot, ofSource])
    }

    mutating func remove(
        _ kind: LightsailKind, named name: String, _ refuse: Refusal, in region: Region, now: Moment
    ) throws(AWSError) -> LightsailOperationsReply {
        let index = regions[region]?.lightsailSnapshots.firstIndex { $0.kind == kind && $0.name == name }
        guard let index else { throw refuse.notFound(kind.snapshot, name) }
        regions[region]?.lightsailSnapshots.remove(at: index)
        return done(refuse.operation, on: (name, kind.snapshot), in: region, now: now)
    }
}

extension Refusal {
    /// While an automatic snapshot is made, AWS takes no other (developer guide, "Automatic snapshots").
    func checkNoneInProgress(
        _ automatic: SimulatedAutomatic, of name: String, _ timings: Timings, now: Moment
    ) throws(AWSError) {
        let snapshots = automatic.snapshots(at: now, taking: timings.snapshotSeconds)
        guard !snapshots.contains(where: { $0.status == "InProgress" }) else {
            throw badInput("An automatic snapshot of \(name) is in progress. Try again when it is complete.")
        }
    }
}
