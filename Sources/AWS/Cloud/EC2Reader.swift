import BackupCore

/// Reads EC2's instances and our snapshots, page by page.
struct EC2Reader: Sendable {
    let ec2: any EC2Reading
    /// Only needed where points are copied to other accounts.
    var keys: (any KMSReading)?
    let fleet: FleetName
    /// Whose instances and snapshots it reads.
    var account = AccountID.standard
    /// The twelve digits of the standard account: by them the tags of other accounts name it, whoever that is some day.
    var standardNumber: String?

    /// The most that AWS puts on a page.
    static let pageSize = 1000
    /// How many values a filter takes (EC2 API reference, "Filtering").
    static let filterValues = 200

    func resources(in region: Region, _ scope: Scope) async throws(AWSError) -> [Resource] {
        // Only whose volumes are resources themselves needs those that nobody has attached.
        let wantsVolumes = scope.kinds.contains(.ec2Volume)
        let wantsInstances = scope.kinds.contains(.ec2Instance)
        guard wantsVolumes || wantsInstances else { return [] }
        let volumes = try await volumes(in: region, all: wantsVolumes)
        var resources = wantsVolumes ? volumes.map { Resource($0, in: Site(account, region)) } : []
        guard wantsInstances else { return resources.filter { !$0.isOfDrill } }
        let known = Dictionary(volumes.map { (VolumeID($0.volumeId), $0) }) { first, _ in first }
        var request = DescribeInstancesRequest(maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeInstances(request, in: region)
            for instance in (page.reservations ?? []).flatMap({ $0.instances ?? [] }) {
                resources.append(Resource(instance, in: Site(account, region), volumes: known))
            }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return resources.filter { !$0.isOfDrill }
    }

    /// All volumes, attached or not; else the attached ones.
    private func volumes(in region: Region, all: Bool) async throws(AWSError) -> [EC2Volume] {
        var volumes: [EC2Volume] = []
        let attached = [EC2Filter("attachment.status", ["attached"])]
        var request = DescribeVolumesRequest(filters: all ? nil : attached, maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeVolumes(request, in: region)
            volumes += page.volumes ?? []
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

    /// The points of these slots, of all policies and resources, in as few calls as filters allow.
    func points(in region: Region, slots: Set<Moment>) async throws(AWSError) -> [RecoveryPoint] {
        var points: [RecoveryPoint] = []
        var rest = slots.sorted().map(\.description)[...]
        while !rest.isEmpty {
            points += try await self.points(
                in: region,
                where: [
                    EC2Filter("tag:" + PointTags.fleetKey, [fleet.rawValue]),
                    EC2Filter("tag:" + PointTags.slotKey, Array(rest.prefix(EC2Reader.filterValues))),
                ])
            rest = rest.dropFirst(EC2Reader.filterValues)
        }
        return points
    }

    /// The copies of one snapshot that a region holds.
    func copies(of source: SnapshotSource, in region: Region) async throws(AWSError) -> [RecoveryPoint] {
        try await points(in: region, where: [EC2Filter("tag:" + PointTags.sourceKey, [text(of: source)])])
    }

    private func points(in region: Region, where filters: [EC2Filter]) async throws(AWSError) -> [RecoveryPoint] {
        let site = Site(account, region)
        var collector = SetCollector(site: site)
        let request = DescribeSnapshotsRequest(ownerIds: ["self"], filters: filters, maxResults: EC2Reader.pageSize)
        try await ec2.eachSnapshot(request, of: fleet, in: site) { collector.add($0) }
        return collector.points.map { known($0) }
    }

    /// The point with the standard account by its own name.
    private func known(_ point: RecoveryPoint) -> RecoveryPoint {
        guard let standardNumber else { return point }
        let named = { (site: Site) in
            site.account.rawValue == standardNumber ? Site(site.region) : site
        }
        var point = point
        point.home = named(point.home)
        if !point.copiedTo.isEmpty { point.copiedTo = Set(point.copiedTo.map(named)) }
        return point
    }

    /// How tags on this account's snapshots name a place.
    func text(of site: Site) -> String {
        guard site.account == .standard, account != .standard, let standardNumber else {
            return site.text(near: account)
        }
        return Site(AccountID(standardNumber), site.region).description
    }

    /// How they name a snapshot.
    func text(of source: SnapshotSource) -> String { "\(text(of: source.site))/\(source.snapshot)" }
}

/// Groups our snapshots into sets by their nonce.
struct SetCollector {
    let site: Site
    private var found: [SetID: RecoveryPoint] = [:]

    init(site: Site) { self.site = site }

    /// All in one place, so that their sets alone order them as their ids do.
    var points: [RecoveryPoint] { found.sorted { $0.key < $1.key }.map(\.value) }

    mutating func add(_ seen: SeenMember) {
        let (tags, member, lacksName) = (seen.tags, seen.member, seen.lacksName)
        let site = site
        let empty = { SetCollector.empty(member, tags, in: site) }
        // In place: looked up, changed and put back, each set would be copied for each of its members.
        SetCollector.join(member, tags, lacksName, to: &found[tags.set, default: empty()])
    }

    private static func empty(_ member: Member, _ tags: PointTags, in site: Site) -> RecoveryPoint {
        RecoveryPoint(
            policy: tags.policy, resource: tags.resource, slot: tags.slot, kind: tags.kind, set: tags.set,
            place: Place(.ec2, site), home: tags.source?.site ?? site, taken: tags.taken ?? member.started,
            declaredMembers: tags.members, members: [], copiedTo: tags.copiedTo)
    }

    private static func join(_ member: Member, _ tags: PointTags, _ lacksName: Bool, to point: inout RecoveryPoint) {
        point.members.append(member)
        point.members.sort { $0.snapshot < $1.snapshot }
        point.taken = min(point.taken, tags.taken ?? member.started)
        if let key = tags.key, point.key == nil { point.key = key }
        if let sidecar = tags.sidecar, point.sidecar == nil { point.sidecar = sidecar }
        if let hold = tags.hold { point.hold = max(point.hold ?? hold, hold) }
        if !tags.copiedTo.isSubset(of: point.copiedTo) { point.copiedTo.formUnion(tags.copiedTo) }
        if lacksName { point.lacksTags = true }
    }
}

extension Member {
    init(_ snapshot: EC2Snapshot, _ tags: PointTags) {
        self.init(
            snapshot: SnapshotID(snapshot.snapshotId),
            volume: tags.volume ?? (tags.source == nil ? snapshot.volumeId.map { VolumeID($0) } : nil),
            device: tags.device, state: MemberState(snapshot), stateMessage: snapshot.stateMessage,
            progress: snapshot.progress.flatMap { Int($0.prefix { $0 != "%" }) },
            gibibytes: snapshot.volumeSize ?? 0, started: snapshot.startTime.moment,
            source: tags.source?.snapshot, isEncrypted: snapshot.encrypted ?? false, run: tags.run)
    }
}

extension MemberState {
    /// Archived snapshots cannot be copied or restored from before they are brought back.
    init(_ snapshot: EC2Snapshot) {
        self =
            snapshot.storageTier == "archive" ? .archived : MemberState(ec2: snapshot.state)
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
    init(_ instance: EC2Instance, in site: Site, volumes known: [VolumeID: EC2Volume]) {
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
            id: ResourceID(instance.instanceId), kind: .ec2Instance, site: site, name: tags["Name"], tags: tags,
            volumes: volumes, state: instance.state.name)
        sidecar = Sidecar(of: instance, volumes: known)
    }
}

extension Resource {
    /// A volume by itself; its only volume is itself.
    init(_ volume: EC2Volume, in site: Site) {
        let tags = volume.tags.dictionary
        let attachments = (volume.attachments ?? []).filter { $0.status != "detached" }
        let itself = AttachedVolume(
            id: VolumeID(volume.volumeId), device: attachments.first?.device ?? "", isBoot: false, tags: tags,
            isMagnetic: EC2Volume.magneticTypes.contains(volume.volumeType ?? ""))
        self.init(
            id: ResourceID(volume.volumeId), kind: .ec2Volume, site: site, name: tags["Name"], tags: tags,
            volumes: [itself], attachedTo: Set(attachments.compactMap(\.instanceId)), state: volume.status ?? "unknown")
        sidecar = Sidecar(of: volume)
    }
}

extension Optional where Wrapped == [EC2Tag] {
    var dictionary: [String: String] {
        Dictionary((self ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}
