package import AWS
package import BackupCore

extension World {
    package mutating func createSnapshots(_ request: CreateSnapshotsRequest, in region: Region, now: Moment)
        throws(AWSError) -> CreateSnapshotsReply
    {
        let refuse = try admit(EC2.createSnapshots, in: region)
        let tags = try refuse.snapshotTags(request.tagSpecifications)
        try refuse.check(request)
        settle(region, now: now)
        let state = state(of: region, now: now)
        let instance = try refuse.instance(of: request, in: state)
        let volumes = try refuse.volumes(of: request, in: state)
        let sets = try volumes.map { volume throws(AWSError) in
            try refuse.tags(tags, of: volume, copied: request.copyTagsFromSource == "volume")
        }
        if request.dryRun == true { throw refuse.dryRun }
        try refuse.checkLimits(volumes, in: state, now: now)
        let zone = request.location == "local" ? instance.localZone : nil
        let made = zip(volumes, sets).map { volume, tags in
            var made = snapshot(of: volume, described: request.description, tags: tags, now: now)
            (made.outpostArn, made.availabilityZone) = (request.outpostArn, zone)
            return made
        }
        add(made, to: region, now: now)
        return CreateSnapshotsReply(snapshots: made.map { $0.announced(at: announcesCompletion ? now : nil) })
    }

    mutating func snapshot(
        of volume: SimulatedVolume, described description: String?, tags: [(key: String, value: String?)], now: Moment
    ) -> SimulatedSnapshot {
        SimulatedSnapshot(
            id: generator.identifier("snap"), sequence: nextSequence(), owner: account, volume: volume.id,
            dataOf: volume.id, description: description ?? "", size: volume.size,
            isEncrypted: volume.isEncrypted, kmsKey: volume.kmsKey,
            life: Life(
                startedAt: now, readyAt: now + .seconds(timings.snapshotSeconds),
                failure: isDoomed ? World.internalFailure : nil),
            visibleAt: visibleAt(now), tags: TagList(tags, visibleAt: now))
    }

    mutating func add(_ snapshots: [SimulatedSnapshot], to region: Region, now: Moment) {
        regions[region]?.snapshots += snapshots
        let volumes = Set(snapshots.map(\.volume))
        for index in regions[region]?.volumes.indices ?? 0..<0 {
            guard let id = regions[region]?.volumes[index].id, volumes.contains(id) else { continue }
            regions[region]?.volumes[index].lastSnapshotAt = now
        }
    }
}

extension Refusal {
    /// What can be seen from the parameters alone.
    fileprivate func check(_ request: CreateSnapshotsRequest) throws(AWSError) {
        guard !request.instanceSpecification.instanceId.isEmpty else {
            throw missing("InstanceSpecification.InstanceId")
        }
        guard (request.instanceSpecification.excludeDataVolumeIds ?? []).count <= 40 else {
            throw invalid("ExcludeDataVolumeId: 40 volumes at most can be excluded")
        }
        if let source = request.copyTagsFromSource, source != "volume" {
            throw invalid("Value (\(source)) for parameter CopyTagsFromSource is invalid. Expecting 'volume'.")
        }
        try check(outpost: request.outpostArn, location: request.location)
    }

    func check(outpost: String?, location: String?) throws(AWSError) {
        if let location, location != "regional", location != "local" {
            throw invalid("Value (\(location)) for parameter Location is invalid. Expecting 'regional' or 'local'.")
        }
        if outpost != nil, location != nil {
            throw self("InvalidParameterCombination", "OutpostArn and Location cannot be specified together.")
        }
    }

    fileprivate func instance(of request: CreateSnapshotsRequest, in state: RegionState) throws(AWSError)
        -> SimulatedInstance
    {
        let id = request.instanceSpecification.instanceId
        guard let instance = state.instances.first(where: { $0.id == id }) else { throw noInstance(id) }
        guard instance.state != "terminated", instance.state != "shutting-down" else {
            throw self(
                "IncorrectInstanceState",
                "The instance '\(id)' is in state '\(instance.state)', which does not allow it.")
        }
        if let outpost = request.outpostArn, outpost != instance.outpostArn {
            throw invalid("The instance '\(id)' is not on the Outpost \(outpost)")
        }
        if request.location == "local", instance.localZone == nil {
            throw invalid("Location 'local' is valid only for an instance in a Local Zone; '\(id)' is in none")
        }
        return instance
    }

    fileprivate func volumes(of request: CreateSnapshotsRequest, in state: RegionState) throws(AWSError)
        -> [SimulatedVolume]
    {
        let specification = request.instanceSpecification
        let attached = state.volumes(of: specification.instanceId)
        let excluded = Set(specification.excludeDataVolumeIds ?? [])
        for id in excluded.sorted() {
            guard let volume = attached.first(where: { $0.volume.id == id }) else {
                guard state.volumes.contains(where: { $0.id == id }) else { throw noVolume(id) }
                throw invalid("The volume '\(id)' is not attached to '\(specification.instanceId)'")
            }
            guard !volume.attachment.isRoot else {
                throw invalid("'\(id)' is the root volume: use ExcludeBootVolume to exclude it")
            }
        }
        let kept = attached.filter { volume, attachment in
            !excluded.contains(volume.id) && !(attachment.isRoot && specification.excludeBootVolume == true)
        }
        guard !kept.isEmpty else { throw invalid("No volume of '\(specification.instanceId)' is left to snapshot") }
        return kept.map(\.volume)
    }

    /// The tags of one snapshot: the volume's, if they are asked for, under those of the request.
    func tags(_ tags: [(key: String, value: String?)], of volume: SimulatedVolume, copied: Bool)
        throws(AWSError) -> [(key: String, value: String?)]
    {
        let inherited = copied ? volume.tags.all.filter { !$0.key.hasPrefix("aws:") } : []
        let keys = Set(tags.map(\.key))
        let all = inherited.filter { !keys.contains($0.key) } + tags
        try checkLimit(all.count)
        return all
    }

    /// The limits on what may be under way.
    ///
    /// Source: EBS quotas; EC2 error codes.
    func checkLimits(_ volumes: [SimulatedVolume], in state: RegionState, now: Moment) throws(AWSError) {
        for volume in volumes {
            if let last = volume.lastSnapshotAt, now - last < .seconds(15) {
                throw self(
                    "SnapshotCreationPerVolumeRateExceeded",
                    "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or "
                        + "variable sleep interval between requests.")
            }
            let pending = state.snapshots.filter { $0.volume == volume.id && $0.holdsQuota(at: now) }.count
            guard pending < volume.pendingLimit else {
                throw self(
                    "ConcurrentSnapshotLimitExceeded",
                    "Maximum allowed in-progress snapshots for a single volume exceeded.")
            }
        }
        let pending = state.snapshots.filter { $0.life.stage(at: now) == .pending }.count
        guard pending + volumes.count <= 100 else {
            throw self("PendingSnapshotLimitExceeded", "You have reached the limit on pending snapshots: 100.")
        }
    }
}

extension SimulatedSnapshot {
    /// The snapshot as CreateSnapshots announces it: as pending, or as it stands at a moment.
    fileprivate func announced(at now: Moment?) -> SnapshotInfo {
        var shown = SnapshotInfo(snapshotId: id)
        shown.description = description
        let tags = tags.all
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        shown.encrypted = isEncrypted
        shown.volumeId = volume
        shown.state = now.map(status) ?? "pending"
        shown.volumeSize = size
        shown.startTime = ISOTime(life.startedAt)
        shown.progress = now.map(life.progress) ?? "0%"
        shown.ownerId = owner
        shown.outpostArn = outpostArn
        shown.sseType = isEncrypted ? (kmsKey == nil ? "sse-ebs" : "sse-kms") : "none"
        shown.availabilityZone = availabilityZone
        return shown
    }
}
