import BackupCore

/// Reads Lightsail's resources and our snapshots, kind by kind; there are no filters, so that all of them pass by.
struct LightsailReader: Sendable {
    let lightsail: any LightsailReading
    let fleet: FleetName

    func resources(in place: Place) async throws(AWSError) -> [Resource] {
        var resources: [Resource] = []
        var request = LightsailPageRequest()
        repeat {
            let page = try await page(request, in: place)
            // The disks that a drill's instance brings bear its name before they bear a mark.
            resources += page.resources.filter {
                !$0.isOfDrill && $0.name?.hasPrefix(Drill.names(of: fleet)) != true
            }
            request.pageToken = page.next
        } while request.pageToken != nil
        return resources
    }

    private func page(
        _ request: LightsailPageRequest, in place: Place
    ) async throws(AWSError) -> (resources: [Resource], next: String?) {
        let (site, region) = (place.site, place.region)
        switch place.provider {
        case .lightsailDisks:
            let page = try await lightsail.getDisks(request, in: region)
            return ((page.disks ?? []).compactMap { Resource($0, in: site) }, page.nextPageToken)
        case .lightsailDatabases:
            let page = try await lightsail.getDatabases(request, in: region)
            return ((page.relationalDatabases ?? []).map { Resource($0, in: site) }, page.nextPageToken)
        case .lightsail, .ec2:
            let page = try await lightsail.getInstances(request, in: region)
            return ((page.instances ?? []).map { Resource($0, in: site) }, page.nextPageToken)
        }
    }

    /// What a place's snapshots are to us.
    struct Found {
        var points: [RecoveryPoint] = []
        /// What only looks like one of ours by its name.
        var untagged: [SetID: RecoveryPoint] = [:]
        /// Everybody's that are being made, or failed.
        var underWay: [UnderWay] = []
    }

    func points(in place: Place) async throws(AWSError) -> Found {
        var found = Found()
        var request = LightsailPageRequest()
        repeat {
            let page = try await snapshots(of: place.provider, request, in: place.region)
            for snapshot in page.snapshots {
                if let point = point(snapshot, in: place) {
                    found.points.append(point)
                } else if let point = lookalike(snapshot, in: place) {
                    found.untagged[point.set] = point
                }
                if let item = UnderWay(snapshot, in: place.region) { found.underWay.append(item) }
            }
            request.pageToken = page.next
        } while request.pageToken != nil
        return found
    }

    private func snapshots(
        of provider: Provider, _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> (snapshots: [LightsailSnapshot], next: String?) {
        switch provider {
        case .lightsailDisks:
            let page = try await lightsail.getDiskSnapshots(request, in: region)
            return ((page.diskSnapshots ?? []).map { LightsailSnapshot($0) }, page.nextPageToken)
        case .lightsailDatabases:
            let page = try await lightsail.getDatabaseSnapshots(request, in: region)
            return ((page.relationalDatabaseSnapshots ?? []).map { LightsailSnapshot($0) }, page.nextPageToken)
        case .lightsail, .ec2:
            let page = try await lightsail.getInstanceSnapshots(request, in: region)
            return ((page.instanceSnapshots ?? []).map { LightsailSnapshot($0) }, page.nextPageToken)
        }
    }

    /// One snapshot by its name; nil if there is none.
    func snapshot(named name: String, in place: Place) async throws(AWSError) -> LightsailSnapshot? {
        do {
            switch place.provider {
            case .lightsailDisks:
                let request = DiskSnapshotNameRequest(diskSnapshotName: name)
                return try await lightsail.getDiskSnapshot(request, in: place.region).diskSnapshot
                    .map { LightsailSnapshot($0) }
            case .lightsailDatabases:
                let request = DatabaseSnapshotNameRequest(relationalDatabaseSnapshotName: name)
                return try await lightsail.getDatabaseSnapshot(request, in: place.region).relationalDatabaseSnapshot
                    .map { LightsailSnapshot($0) }
            case .lightsail, .ec2:
                let request = InstanceSnapshotNameRequest(instanceSnapshotName: name)
                return try await lightsail.getInstanceSnapshot(request, in: place.region).instanceSnapshot
                    .map { LightsailSnapshot($0) }
            }
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// Ours = fleet tag, policy tag and name agree.
    private func point(_ snapshot: LightsailSnapshot, in place: Place) -> RecoveryPoint? {
        guard let tags = PointTags(snapshot.tags, in: place.account), let name = LightsailName(snapshot.name),
            tags.fleet == fleet, name.fleet == fleet, name.policy == tags.policy, name.slot == tags.slot
        else { return nil }
        let member = Member(snapshot)
        var point = RecoveryPoint(
            policy: tags.policy, resource: tags.resource, slot: tags.slot, kind: tags.kind,
            set: SetID(snapshot.name), place: place, home: Site(place.account, name.home),
            taken: tags.taken ?? member.started, declaredMembers: 1, members: [member], copiedTo: tags.copiedTo)
        point.hold = tags.hold
        point.sidecar = tags.sidecar
        return point
    }

    /// A name that only the snapshot of this very resource can bear, without the tags that would prove it.
    private func lookalike(_ snapshot: LightsailSnapshot, in place: Place) -> RecoveryPoint? {
        guard let name = LightsailName(snapshot.name), name.fleet == fleet, let source = snapshot.source,
            name.belongs(to: source.name, arn: source.arn)
        else { return nil }
        var point = RecoveryPoint(
            policy: name.policy, resource: lightsailID(ofARN: source.arn), slot: name.slot, kind: .scheduled,
            set: SetID(snapshot.name), place: place, home: Site(place.account, name.home), taken: name.slot,
            declaredMembers: 1, members: [Member(snapshot)], lacksTags: true)
        point.hold = snapshot.tags[PointTags.holdKey]
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
    init?(_ snapshot: LightsailSnapshot, in region: Region) {
        guard snapshot.state == .pending || snapshot.state == .failed else { return nil }
        // The ARN of what it was taken of names its region: a copy is of something elsewhere.
        let arn = snapshot.source?.arn
        let isCopy = arn.map { !$0.contains(":\(region):") } ?? false
        self.init(
            snapshot: SnapshotID(snapshot.name), source: isCopy ? nil : arn.map { .resource(lightsailID(ofARN: $0)) },
            isCopy: isCopy, started: snapshot.createdAt, isFailed: snapshot.state == .failed)
    }
}
