import BackupCore

/// Reads EC2's instances and our snapshots, page by page.
struct EC2Reader: Sendable {
    let ec2: any EC2Reading
    let fleet: FleetName

    /// The most that AWS puts on a page.
    static let pageSize = 1000
    /// How many values a filter takes (EC2 API reference, "Filtering").
    static let filterValues = 200

    func resources(in region: Region, volumeTags: Bool) async throws(AWSError) -> [Resource] {
        let volumes = try await attachedVolumes(in: region, withTags: volumeTags)
        var resources: [Resource] = []
        var request = DescribeInstancesRequest(maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeInstances(request, in: region)
            for instance in (page.reservations ?? []).flatMap({ $0.instances ?? [] }) {
                resources.append(Resource(instance, in: region, volumes: volumes))
            }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return resources
    }

    /// All attached volumes; or, where their tags do not matter, only the magnetic ones, whose limits are lower.
    private func attachedVolumes(
        in region: Region, withTags: Bool
    ) async throws(AWSError) -> [VolumeID: EC2Volume] {
        var volumes: [VolumeID: EC2Volume] = [:]
        let magnetic = [EC2Filter("volume-type", EC2Volume.magneticTypes)]
        var request = DescribeVolumesRequest(
            filters: [EC2Filter("attachment.status", ["attached"])] + (withTags ? [] : magnetic),
            maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeVolumes(request, in: region)
            for volume in page.volumes ?? [] { volumes[VolumeID(volume.volumeId)] = volume }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return volumes
    }

    /// Everybody's snapshots that are being made in a region, or failed.
    func underWay(in region: Region) async throws(AWSError) -> [UnderWay] {
        var items: [UnderWay] = []
        var request = DescribeSnapshotsRequest(
            ownerIds: ["self"], filters: [EC2Filter("status", ["pending", "error"])], maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeSnapshots(request, in: region)
            items += page.snapshots.map { UnderWay($0) }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return items
    }

    /// All points of our fleet in a region.
    func points(in region: Region) async throws(AWSError) -> [RecoveryPoint] {
        try await points(in: region, where: [EC2Filter("tag:" + PointTags.fleetKey, [fleet.rawValue])])
    }

    /// The points of these sets, in as few calls as filters allow.
    func points(in region: Region, sets: [SetID]) async throws(AWSError) -> [RecoveryPoint] {
        var points: [RecoveryPoint] = []
        var rest = sets.map(\.rawValue)[...]
        while !rest.isEmpty {
            points += try await self.points(
                in: region, where: [EC2Filter("tag:" + PointTags.setKey, Array(rest.prefix(EC2Reader.filterValues)))])
            rest = rest.dropFirst(EC2Reader.filterValues)
        }
        return points
    }

    /// The copies of one snapshot that a region holds.
    func copies(of source: SnapshotSource, in region: Region) async throws(AWSError) -> [RecoveryPoint] {
        try await points(in: region, where: [EC2Filter("tag:" + PointTags.sourceKey, [source.description])])
    }

    private func points(in region: Region, where filters: [EC2Filter]) async throws(AWSError) -> [RecoveryPoint] {
        var collector = SetCollector(fleet: fleet, region: region)
        var request = DescribeSnapshotsRequest(ownerIds: ["self"], filters: filters, maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeSnapshots(request, in: region)
            for snapshot in page.snapshots { collector.add(snapshot) }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return collector.points
    }
}

/// Groups snapshots into sets by their nonce, dropping what is not ours.
struct SetCollector {
    let fleet: FleetName
    let region: Region
    private var found: [SetID: RecoveryPoint] = [:]

    init(fleet: FleetName, region: Region) {
        self.fleet = fleet
        self.region = region
    }

    var points: [RecoveryPoint] { found.values.sorted { $0.id < $1.id } }

    /// Ours = fleet tag, policy tag and description agree.
    mutating func add(_ snapshot: EC2Snapshot) {
        let dictionary = snapshot.tags.dictionary
        guard let tags = PointTags(dictionary), tags.fleet == fleet, snapshot.description == tags.description else {
            return
        }
        let member = Member(snapshot, tags)
        let taken = tags.taken ?? member.started
        var point =
            found[tags.set]
            ?? RecoveryPoint(
                policy: tags.policy, resource: tags.resource, slot: tags.slot, kind: tags.kind, set: tags.set,
                place: Place(.ec2, region), home: tags.source?.region ?? region, taken: taken,
                declaredMembers: tags.members, members: [])
        point.members.append(member)
        point.members.sort { $0.snapshot < $1.snapshot }
        point.taken = min(point.taken, taken)
        point.key = point.key ?? tags.key
        point.hold = [point.hold, tags.hold].compactMap { $0 }.max()
        point.copiedTo.formUnion(tags.copiedTo)
        point.lacksTags = point.lacksTags || dictionary["Name"] == nil
        found[tags.set] = point
    }
}

extension Member {
    init(_ snapshot: EC2Snapshot, _ tags: PointTags) {
        self.init(
            snapshot: SnapshotID(snapshot.snapshotId),
            volume: tags.volume ?? (tags.source == nil ? snapshot.volumeId.map { VolumeID($0) } : nil),
            device: tags.device, state: MemberState(snapshot), stateMessage: snapshot.stateMessage,
            progress: snapshot.progress.flatMap { Int($0.filter(\.isNumber)) },
            gibibytes: snapshot.volumeSize ?? 0, started: snapshot.startTime.moment,
            source: tags.source?.snapshot, isEncrypted: snapshot.encrypted ?? false)
    }
}

extension MemberState {
    /// Archived snapshots cannot be copied or restored from before they are brought back.
    init(_ snapshot: EC2Snapshot) {
        self =
            snapshot.storageTier == "archive" ? .other("archived") : MemberState(ec2: snapshot.state)
    }

    init(ec2 state: String) {
        self =
            switch state {
            case "pending": .pending
            case "completed": .completed
            case "error": .failed
            default: .other(state)
            }
    }
}

extension EC2Volume {
    /// Throughput-optimised and cold disks.
    static let magneticTypes = ["st1", "sc1"]
}

extension UnderWay {
    init(_ snapshot: EC2Snapshot) {
        // AWS shows copies under a volume that no account has.
        let isCopy = snapshot.volumeId?.hasPrefix("vol-ffff") ?? false
        self.init(
            snapshot: SnapshotID(snapshot.snapshotId),
            source: isCopy ? nil : snapshot.volumeId.map { .volume(VolumeID($0)) }, isCopy: isCopy,
            started: snapshot.startTime.moment, isFailed: snapshot.state == "error")
    }
}

extension Resource {
    init(_ instance: EC2Instance, in region: Region, volumes known: [VolumeID: EC2Volume]) {
        let tags = instance.tags.dictionary
        let volumes = (instance.blockDevices ?? []).compactMap { device -> AttachedVolume? in
            guard let ebs = device.ebs else { return nil }
            let id = VolumeID(ebs.volumeId)
            return AttachedVolume(
                id: id, device: device.deviceName, isBoot: device.deviceName == instance.rootDeviceName,
                tags: known[id]?.tags.dictionary ?? [:],
                isMagnetic: EC2Volume.magneticTypes.contains(known[id]?.volumeType ?? ""))
        }
        self.init(
            id: ResourceID(instance.instanceId), provider: .ec2, region: region, name: tags["Name"], tags: tags,
            volumes: volumes, state: instance.state.name)
    }
}

extension Optional where Wrapped == [EC2Tag] {
    var dictionary: [String: String] {
        Dictionary((self ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
