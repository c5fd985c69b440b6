import BackupCore

/// What every restore of an EC2 snapshot set shares: its members, what is known of the original, and the mark.
struct EC2Set {
    let sight: EC2Sight
    let members: [Member]
    let sidecar: Sidecar
    /// What whatever is made is marked with: the set, and the name if one was asked for, so that one point can be restored
    /// several times.
    let mark: String
    /// What a person calls it.
    let title: String
    /// Whether it is of a volume by itself, which has tags of its own.
    private let isOfVolume: Bool
    /// What was last undone of it, as its snapshots said when it was read.
    private var undone: String?
    let order: RestoreOrder

    /// - Throws: ``RestoreError/refused(_:)`` if the set has lost members, or one is not complete.
    init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ ec2: any EC2RestoreReading
    ) throws(RestoreError) {
        sight = EC2Sight(region: point.place.region, ec2: ec2)
        self.order = order
        sidecar = point.sidecar ?? Sidecar([])
        members = point.members.filter { $0.state == .completed }.sorted { ($0.device ?? "") < ($1.device ?? "") }
        mark = order.mark(of: point.set)
        title = order.names.first ?? sidecar.tags["Name"] ?? point.resource.rawValue
        guard !members.isEmpty else {
            throw .refused("none of its snapshots can be restored: \(EC2Set.states(of: point))")
        }
        let lost = point.declaredMembers - members.count
        guard lost <= 0 || order.ec2.takesIncomplete else {
            throw .refused(
                "the set is incomplete: \(members.count) of \(point.declaredMembers) snapshots can be restored "
                    + "(\(EC2Set.states(of: point))); to restore those all the same, say --unsafe-incomplete")
        }
        isOfVolume = point.resourceKind == .ec2Volume
        if let fault = volumeFault { throw .refused(fault) }
        guard order.names.count <= 1 else {
            throw .refused("--as: only instances of Lightsail can be made several at once")
        }
    }

    /// The same, with what its snapshots tell of earlier restores.
    init(
        reading point: RecoveryPoint, _ order: RestoreOrder, _ ec2: any EC2RestoreReading
    ) async throws(RestoreError) {
        try self.init(point, order, ec2)
        undone = try await readUndone()
    }

    /// What its snapshots now say was undone last; nil if nothing was.
    func readUndone() async throws(RestoreError) -> String? {
        let (ec2, region, ids) = (sight.ec2, sight.region, members.map(\.snapshot.rawValue))
        let reply = try await asked { () async throws(AWSError) in
            try await ec2.describeSnapshots(DescribeSnapshotsRequest(snapshotIds: ids), in: region)
        }
        return reply.snapshots.compactMap { $0.tags.dictionary[EC2Set.undoneKey] }.max()
    }

    static let undoneKey = PointTags.prefix + "undone"

    /// Writes on the snapshots what is being undone.
    func noteUndone(_ id: String) -> CreateTagsRequest {
        CreateTagsRequest(
            resources: members.map(\.snapshot.rawValue), tags: [EC2Tag(key: EC2Set.undoneKey, value: id)])
    }

    private static func states(of point: RecoveryPoint) -> String {
        point.members.map { "\($0.snapshot) \($0.state.word)" }.joined(separator: ", ")
    }

    var region: Region { sight.region }

    /// At most 64 characters, the same for the same thing whenever it is asked for (EC2 API reference, "Ensuring
    /// idempotency").
    func token(_ what: String) -> String {
        "snapwarden-"
            + String(Hash.hex(Hash.sha256(Array("\(mark)\n\(sight.region)\n\(undone ?? "")\n\(what)".utf8))).prefix(40))
    }

    /// Those for a kind of resource: the original's on instances, a readable name, those asked for, and the mark.
    func tags(_ resource: String, name: String) -> TagSpecification {
        let isLikeOriginal = resource == (isOfVolume ? "volume" : "instance")
        var tags = isLikeOriginal && order.takesTags ? sidecar.tags : [:]
        tags["Name"] = name
        tags.merge(order.tags) { _, asked in asked }
        tags[RestoreTag.key] = mark
        return TagSpecification(
            resourceType: resource, tags: tags.sorted { $0.key < $1.key }.map { EC2Tag(key: $0.key, value: $0.value) })
    }

    var marks: RestoreMarks { .one(mark) }

    /// How the original of a member was, or what is asked for in its stead.
    struct VolumeKind {
        var type: String?
        var iops: Int?
        var throughput: Int?
        /// Whether it outlives its instance.
        var stays = false
    }

    /// What of volumes goes with no type of theirs (EC2 API reference, CreateVolume); nil if nothing.
    private var volumeFault: String? {
        let types = Set(members.map { kind(of: $0).type ?? "gp2" })
        let all = types.sorted().joined(separator: ", ")
        if order.ec2.iops != nil, !types.isSubset(of: ["gp3", "io1", "io2"]) {
            return "Iops: volumes of type \(all) take none, only gp3, io1 and io2 do: say --volume-type as well"
        }
        if order.ec2.throughput != nil, types != ["gp3"] {
            return "Throughput: volumes of type \(all) take none, only gp3 does: say --volume-type gp3 as well"
        }
        let lacking = members.map(kind).first { ["io1", "io2"].contains($0.type ?? "") && $0.iops == nil }
        if let type = lacking?.type { return "Iops: volumes of type \(type) need them: say --iops" }
        return nil
    }

    func kind(of member: Member) -> VolumeKind {
        let facts = sidecar.all(.volume)
        let own = facts.first { $0.first == member.device && !$0.isEmpty } ?? (facts.count == 1 ? facts[0] : [])
        let number = { (index: Int) in own.count > index ? Int(own[index]).flatMap { $0 > 0 ? $0 : nil } : nil }
        let type = order.ec2.volumeType ?? (own.count > 1 && !own[1].isEmpty ? own[1] : nil)
        let isSame = order.ec2.volumeType == nil || order.ec2.volumeType == (own.count > 1 ? own[1] : nil)
        var kind = VolumeKind(type: type)
        // Of gp2 and the magnetic kinds AWS tells what they reach, and takes no number.
        if ["gp3", "io1", "io2"].contains(type ?? "") { kind.iops = order.ec2.iops ?? (isSame ? number(2) : nil) }
        if type == "gp3" { kind.throughput = order.ec2.throughput ?? (isSame ? number(3) : nil) }
        kind.stays = own.last == "stays"
        return kind
    }

    /// What nobody can know of volumes whose sidecar is missing.
    var remarks: [String] {
        guard sidecar.all(.volume).isEmpty, order.ec2.volumeType == nil else { return [] }
        return ["the types of the original volumes are not known: AWS takes gp2 unless --volume-type says another"]
    }
}
