import BackupCore

/// Makes, copies, deletes and tags EC2 snapshots of ours.
struct EC2Writer: Sendable {
    let ec2: any EC2Operations
    let reader: EC2Reader
    let fleet: FleetName
    let clock: any WallClock

    // MARK: Creating

    /// CreateSnapshots for one instance, CreateSnapshot for one volume; a lost reply is answered by looking for the
    /// nonce once.
    func create(_ order: CreateOrder) async throws(AWSError) -> RecoveryPoint {
        let region = order.resource.site.region
        let planned = point(planned: order)
        do {
            if order.resource.kind == .ec2Volume { return try await createOne(order, planned) }
            let reply = try await ec2.createSnapshots(request(for: order, planned), in: region)
            let made = merge(reply.snapshots, into: planned, of: order)
            if made.members.count != planned.declaredMembers { await correctMembers(of: made) }
            return made
        } catch  where error.fate == .outcomeUnknown {
            if let found = try? await reader.points(in: region, sets: [order.nonce]).first { return found }
            throw error
        }
    }

    /// What the call will make if the instance's volumes are those last seen.
    func point(planned order: CreateOrder) -> RecoveryPoint {
        let volumes = order.volumes
        return RecoveryPoint(
            policy: order.policy.name, resource: order.resource.id, slot: order.slot, kind: order.kind,
            set: order.nonce, place: order.resource.place, home: order.resource.site, taken: order.slot,
            declaredMembers: max(1, volumes.count), members: [], sidecar: order.resource.sidecar, lacksTags: true)
    }

    func request(for order: CreateOrder, _ planned: RecoveryPoint) -> CreateSnapshotsRequest {
        let exclusion = order.policy.exclusion
        let excluded = order.resource.volumes.filter { exclusion.excludes($0) }
        let bootIsExcluded = excluded.contains(where: \.isBoot) || exclusion.bootVolume
        let data = excluded.filter { !$0.isBoot }.map(\.id.rawValue).sorted()
        var tags = tags(of: planned, order)
        if order.policy.tags.copyFromVolume {
            // What AWS copies from the volumes comes first, and then what we would note.
            let copied = order.volumes.map { $0.tags.keys.count { !$0.hasPrefix("aws:") } }.max() ?? 0
            let own = tags.pairs(sourceText: reader.text).count + order.policy.tags.add.count
            if own + copied + EC2Writer.tagsToFollow > EC2Writer.mostTags { tags.sidecar = nil }
        }
        return CreateSnapshotsRequest(
            description: tags.description,
            instanceSpecification: InstanceSpecification(
                instanceId: order.resource.id.rawValue, excludeBootVolume: bootIsExcluded ? true : nil,
                excludeDataVolumeIds: data.isEmpty ? nil : data),
            outpostArn: order.policy.outpost,
            tagSpecifications: [specification(tags, adding: order.policy.tags)],
            copyTagsFromSource: order.policy.tags.copyFromVolume ? "volume" : nil, location: order.policy.location)
    }

    private func tags(of planned: RecoveryPoint, _ order: CreateOrder) -> PointTags {
        var tags = PointTags(of: planned, fleet: fleet)
        tags.run = order.run
        return tags
    }

    private func createOne(_ order: CreateOrder, _ planned: RecoveryPoint) async throws(AWSError) -> RecoveryPoint {
        let tags = tags(of: planned, order)
        var rules = order.policy.tags
        if rules.copyFromVolume { rules.add = inherited(from: order.resource, tags, rules) }
        let request = CreateSnapshotRequest(
            volumeId: order.resource.id.rawValue, description: tags.description, outpostArn: order.policy.outpost,
            tagSpecifications: [specification(tags, adding: rules)], location: order.policy.location)
        let made = try await ec2.createSnapshot(request, in: order.resource.site.region)
        var point = planned
        point.members = [Member(made, tags)]
        point.members[0].device = order.resource.devices[VolumeID(order.resource.id.rawValue)]
        point.taken = made.startTime.moment
        return point
    }

    /// The policy's own tags, and under them the volume's, which CreateSnapshot does not copy by itself.
    ///
    /// So many of them as leave room for ours: a snapshot takes 50 (EC2 user guide, "Tag restrictions"), and two of ours
    /// and the marks of destinations follow later.
    private func inherited(from volume: Resource, _ tags: PointTags, _ rules: TagRules) -> [String: String] {
        let own = Set(tags.pairs(sourceText: reader.text).map(\.key))
        let candidates = volume.tags.filter {
            // The readable name of ours follows, and would be missed by nobody if the volume's stood there.
            !$0.key.hasPrefix("aws:") && $0.key != "Name" && !own.contains($0.key) && rules.add[$0.key] == nil
        }
        let room = max(0, EC2Writer.mostTags - EC2Writer.tagsToFollow - own.count - rules.add.count)
        let kept = candidates.sorted { $0.key < $1.key }.prefix(room)
        return rules.add.merging(kept.map { ($0.key, $0.value) }) { first, _ in first }
    }

    static let mostTags = 50
    static let tagsToFollow = 8

    private func merge(
        _ snapshots: [SnapshotInfo], into planned: RecoveryPoint, of order: CreateOrder
    ) -> RecoveryPoint {
        var point = planned
        point.members = snapshots.map { info in
            let volume = info.volumeId.map { VolumeID($0) }
            return Member(
                snapshot: SnapshotID(info.snapshotId), volume: volume,
                device: volume.flatMap { order.resource.devices[$0] },
                state: MemberState(ec2: info.state ?? "pending"), gibibytes: info.volumeSize ?? 0,
                started: info.startTime?.moment ?? planned.slot, isEncrypted: info.encrypted ?? false, run: order.run)
        }.sorted { $0.snapshot < $1.snapshot }
        point.taken = point.members.map(\.started).min() ?? planned.slot
        point.declaredMembers = max(1, point.members.count)
        return point
    }

    /// The reply wins over what was planned; if the tag cannot be corrected now, the set reads as incomplete and is
    /// corrected by nobody's guess, so that the failure is left to the next reading.
    private func correctMembers(of point: RecoveryPoint) async {
        let request = CreateTagsRequest(
            resources: point.members.map(\.snapshot.rawValue),
            tags: [EC2Tag(key: PointTags.prefix + "members", value: String(point.declaredMembers))])
        _ = try? await ec2.createTags(request, in: point.site.region)
    }

    // MARK: Copying

    /// CopySnapshot for one member; if its reply is lost it is looked for once.
    func copy(_ member: Member, _ order: CopyOrder) async throws(AWSError) -> RecoveryPoint {
        var point = order.point
        point.place = Place(.ec2, order.rule.site)
        point.key = order.rule.keyName
        point.members = [try await copied(member, order)]
        point.copiedTo = []
        point.isHeld = false
        point.refusal = nil
        point.lacksTags = false
        return point
    }

    private func copied(_ member: Member, _ order: CopyOrder) async throws(AWSError) -> Member {
        let source = SnapshotSource(site: order.point.site, snapshot: member.snapshot)
        // CopySnapshot's reply does not say when it started: that is now, by which its absence from the next readings
        // is told from its loss.
        var copy = Member(
            snapshot: SnapshotID(""), volume: member.volume, device: member.device, state: .pending,
            gibibytes: member.gibibytes, started: clock.now, source: member.snapshot,
            isEncrypted: member.isEncrypted || order.rule.kmsKey != nil, run: order.run)
        do {
            let reply = try await ec2.copySnapshot(request(copying: member, source, order), in: order.rule.region)
            copy.snapshot = SnapshotID(reply.snapshotId)
            return copy
        } catch  where error.fate == .outcomeUnknown {
            let found = try? await reader.copies(of: source, in: order.rule.region).first?.members
            if let found = found?.first(where: { $0.source == member.snapshot }) { return found }
            throw error
        }
    }

    func request(
        copying member: Member, _ source: SnapshotSource, _ order: CopyOrder
    ) -> CopySnapshotRequest {
        var tags = PointTags(of: order.point, fleet: fleet)
        tags.volume = member.volume
        tags.device = member.device
        tags.source = source
        tags.taken = order.point.taken
        tags.key = order.rule.keyName
        tags.run = order.run
        var rules = order.tags
        rules.add["Name"] = rules.add["Name"] ?? title(order.point, member, resourceName: nil)
        var request = CopySnapshotRequest(
            sourceRegion: source.site.region.rawValue, sourceSnapshotId: source.snapshot.rawValue)
        request.description = tags.description
        request.destinationRegion = order.rule.region.rawValue
        request.encrypted = member.isEncrypted || order.rule.kmsKey != nil ? true : nil
        request.kmsKeyId = order.rule.kmsKey
        request.tagSpecifications = [specification(tags, adding: rules)]
        return request
    }

    // MARK: Sharing

    /// ModifySnapshotAttribute: lets another account copy a snapshot.
    func share(_ snapshot: SnapshotID, in region: Region, with number: String) async throws(AWSError) {
        _ = try await ec2.modifySnapshotAttribute(
            ModifySnapshotAttributeRequest(snapshotId: snapshot.rawValue, .add, accounts: [number]), in: region)
    }

    /// ModifySnapshotAttribute: takes that back from accounts that it was given to; of a snapshot that is gone, too.
    func unshare(_ point: RecoveryPoint, with numbers: [String]) async throws(AWSError) {
        for member in point.members {
            do {
                _ = try await ec2.modifySnapshotAttribute(
                    ModifySnapshotAttributeRequest(snapshotId: member.snapshot.rawValue, .remove, accounts: numbers),
                    in: point.site.region)
            } catch  where error.isNotFound {
                continue
            }
        }
    }

    // MARK: Deleting and mending

    /// DeleteSnapshot; one that is gone already counts as deleted.
    func delete(_ snapshot: SnapshotID, in region: Region) async throws(AWSError) {
        do {
            _ = try await ec2.deleteSnapshot(DeleteSnapshotRequest(snapshotId: snapshot.rawValue), in: region)
        } catch  where error.isNotFound {
            return
        }
    }

    /// CreateTags: `Name` and `:device` on each member that lacks them, and the mark of destinations reached on all.
    func repair(_ order: RepairOrder) async throws(AWSError) {
        let point = order.point
        if point.lacksTags {
            for member in point.members {
                let device = member.device ?? member.volume.flatMap { order.devices[$0] }
                var tags = [EC2Tag(key: "Name", value: title(point, member, resourceName: order.title, device: device))]
                if let device { tags.append(EC2Tag(key: PointTags.prefix + "device", value: device)) }
                _ = try await ec2.createTags(
                    CreateTagsRequest(resources: [member.snapshot.rawValue], tags: tags), in: point.site.region)
            }
        }
        guard !order.reached.isEmpty else { return }
        let marks = order.reached.sorted().map {
            EC2Tag(key: PointTags.copiedPrefix + reader.text(of: $0), value: "usable")
        }
        _ = try await ec2.createTags(
            CreateTagsRequest(resources: point.members.map(\.snapshot.rawValue), tags: marks), in: point.site.region)
    }

    /// CreateTags: the mark on all members in one call, so that it is on each or on none.
    func hold(_ point: RecoveryPoint, _ text: String) async throws(AWSError) {
        let tag = EC2Tag(key: PointTags.holdKey, value: text)
        _ = try await ec2.createTags(
            CreateTagsRequest(resources: point.members.map(\.snapshot.rawValue), tags: [tag]), in: point.site.region)
    }

    /// DeleteTags: whatever the mark's text is.
    func release(_ point: RecoveryPoint) async throws(AWSError) {
        let tag = DeleteTagsRequest.Tag(key: PointTags.holdKey)
        _ = try await ec2.deleteTags(
            DeleteTagsRequest(resources: point.members.map(\.snapshot.rawValue), tags: [tag]), in: point.site.region)
    }

    /// What a person reads in a console: `web-nightly web-1 2026-11-20T02:00:00Z /dev/sdf`, 255 characters at most.
    private func title(
        _ point: RecoveryPoint, _ member: Member, resourceName: String?, device: String? = nil
    ) -> String {
        let parts = [
            point.policy.rawValue, resourceName ?? point.resource.rawValue, point.slot.description,
            device ?? member.device,
        ]
        return String(parts.compactMap { $0 }.joined(separator: " ").prefix(255))
    }

    private func specification(_ tags: PointTags, adding rules: TagRules) -> TagSpecification {
        let added = rules.add.sorted { $0.key < $1.key }.map { EC2Tag(key: $0.key, value: $0.value) }
        return TagSpecification(
            resourceType: "snapshot",
            tags: tags.pairs(sourceText: reader.text).map { EC2Tag(key: $0.key, value: $0.value) } + added)
    }
}
