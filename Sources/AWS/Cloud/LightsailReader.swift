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

    /// What a region's snapshots are to us.
    struct Found {
        var points: [RecoveryPoint] = []
        /// What only looks like one of ours by its name.
        var untagged: [SetID: RecoveryPoint] = [:]
        /// Everybody's that are being made, or failed.
        var underWay: [UnderWay] = []
    }

    func points(in region: Region) async throws(AWSError) -> Found {
        var found = Found()
        var request = LightsailPageRequest()
        repeat {
            let page = try await lightsail.getInstanceSnapshots(request, in: region)
            for snapshot in page.instanceSnapshots ?? [] {
                if let point = point(snapshot, in: region) {
                    found.points.append(point)
                } else if let point = lookalike(snapshot, in: region) {
                    found.untagged[point.set] = point
                }
                if let item = UnderWay(snapshot, in: region) { found.underWay.append(item) }
            }
            request.pageToken = page.nextPageToken
        } while request.pageToken != nil
        return found
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

extension UnderWay {
    /// Nil for a snapshot that is done.
    init?(_ snapshot: LightsailInstanceSnapshot, in region: Region) {
        let member = Member(snapshot)
        guard member.state == .pending || member.state == .failed else { return nil }
        // An instance's ARN names its region: a copy is of one from elsewhere.
        let arn = snapshot.fromInstanceArn
        let isCopy = arn.map { !$0.contains(":\(region):") } ?? false
        self.init(
            snapshot: member.snapshot, source: isCopy ? nil : arn.map { .resource(lightsailID(ofARN: $0)) },
            isCopy: isCopy, started: member.started, isFailed: member.state == .failed)
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
            id: lightsailID(ofARN: instance.arn), provider: .lightsail, region: region, name: instance.name,
            arn: instance.arn, tags: instance.tags.dictionary, state: instance.state?.name ?? "unknown")
    }
}

extension Optional where Wrapped == [LightsailTag] {
    var dictionary: [String: String] {
        Dictionary((self ?? []).map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { _, last in last })
    }
}
