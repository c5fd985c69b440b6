import BackupCore

/// Reads Lightsail's instances and our snapshots; there are no filters, so that all of them pass by.
struct LightsailReader: Sendable {
    let lightsail: any LightsailReading
    let fleet: FleetName

    func resources(in region: Region) async throws(AWSError) -> [Resource] {
        var resources: [Resource] = []
        var request = LightsailPageRequest()
        repeat {
            let page = try await lightsail.getInstances(request, in: region)
            resources += (page.instances ?? []).map { Resource($0, in: region) }
            request.pageToken = page.nextPageToken
        } while request.pageToken != nil
        return resources
    }

    /// Our points, and what only looks like one by its name.
    func points(in region: Region) async throws(AWSError) -> (points: [RecoveryPoint], untagged: [SetID: RecoveryPoint])
    {
        var points: [RecoveryPoint] = []
        var untagged: [SetID: RecoveryPoint] = [:]
        var request = LightsailPageRequest()
        repeat {
            let page = try await lightsail.getInstanceSnapshots(request, in: region)
            for snapshot in page.instanceSnapshots ?? [] {
                if let point = point(snapshot, in: region) {
                    points.append(point)
                } else if let point = lookalike(snapshot, in: region) {
                    untagged[point.set] = point
                }
            }
            request.pageToken = page.nextPageToken
        } while request.pageToken != nil
        return (points, untagged)
    }

    /// One snapshot by its name; nil if there is none.
    func snapshot(named name: String, in region: Region) async throws(AWSError) -> LightsailInstanceSnapshot? {
        do {
            let request = InstanceSnapshotNameRequest(instanceSnapshotName: name)
            return try await lightsail.getInstanceSnapshot(request, in: region).instanceSnapshot
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// Ours = fleet tag, policy tag and name agree.
    private func point(_ snapshot: LightsailInstanceSnapshot, in region: Region) -> RecoveryPoint? {
        guard let tags = PointTags(snapshot.tags.dictionary), let name = LightsailName(snapshot.name),
            tags.fleet == fleet, name.fleet == fleet, name.policy == tags.policy, name.slot == tags.slot
        else { return nil }
        let member = Member(snapshot)
        var point = RecoveryPoint(
            policy: tags.policy, resource: tags.resource, slot: tags.slot, kind: tags.kind,
            set: SetID(snapshot.name), place: Place(.lightsail, region), home: name.home,
            taken: tags.taken ?? member.started, declaredMembers: 1, members: [member], copiedTo: tags.copiedTo)
        point.hold = tags.hold
        return point
    }

    /// A name that only the snapshot of this very instance can bear, without the tags that would prove it.
    private func lookalike(_ snapshot: LightsailInstanceSnapshot, in region: Region) -> RecoveryPoint? {
        guard let name = LightsailName(snapshot.name), name.fleet == fleet, let instance = snapshot.fromInstanceName,
            let arn = snapshot.fromInstanceArn, name.belongs(toInstance: instance, arn: arn)
        else { return nil }
        var point = RecoveryPoint(
            policy: name.policy, resource: lightsailID(ofARN: arn), slot: name.slot, kind: .scheduled,
            set: SetID(snapshot.name), place: Place(.lightsail, region), home: name.home, taken: name.slot,
            declaredMembers: 1, members: [Member(snapshot)], lacksTags: true)
        point.hold = snapshot.tags.dictionary[PointTags.holdKey]
        return point
    }
}

extension Member {
    init(_ snapshot: LightsailInstanceSnapshot) {
        self.init(
            snapshot: SnapshotID(snapshot.name), state: MemberState(lightsail: snapshot.state ?? "unknown"),
            progress: snapshot.progress.flatMap { Int($0.filter(\.isNumber)) }, gibibytes: snapshot.sizeInGb ?? 0,
            started: snapshot.createdAt?.moment ?? Moment(seconds: 0))
    }
}

extension MemberState {
    init(lightsail state: String) {
        self =
            switch state {
            case "pending": .pending
            case "available": .completed
            case "error": .failed
            default: .other(state)
            }
    }
}

extension Resource {
    init(_ instance: LightsailInstance, in region: Region) {
        self.init(
            id: lightsailID(ofARN: instance.arn), kind: .lightsailInstance, region: region, name: instance.name,
            arn: instance.arn, tags: instance.tags.dictionary, state: instance.state?.name ?? "unknown")
    }
}

extension Optional where Wrapped == [LightsailTag] {
    var dictionary: [String: String] {
        Dictionary((self ?? []).map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { _, last in last })
    }
}
