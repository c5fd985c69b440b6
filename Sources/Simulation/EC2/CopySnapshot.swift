package import AWS
package import BackupCore

extension World {
    /// Copies a snapshot into `region`.
    ///
    /// The presigned URL of an encrypted source is only asked for, not read; who can verify it takes a bad one out
    /// of the request, since AWS treats a bad one as a missing one: the copy ends in `error`.
    package mutating func copySnapshot(_ request: CopySnapshotRequest, in region: Region, now: Moment)
        throws(AWSError) -> CopySnapshotReply
    {
        let refuse = try admit(EC2.copySnapshot, in: region)
        let tags = try refuse.snapshotTags(request.tagSpecifications)
        try refuse.checkLimit(tags.count)
        try refuse.check(request)
        settle(region, now: now)
        let origin = Region(request.sourceRegion)
        guard regions[origin] != nil else { throw refuse.invalid("Invalid region: \(origin)") }
        let source = try refuse.source(
            request.sourceSnapshotId, in: state(of: origin, now: now), orSharedBy: self, from: origin, now: now)
        try refuse.checkEncryption(request, of: source)
        if request.dryRun == true { throw refuse.dryRun }
        let pending = state(of: region, now: now).snapshots.filter { $0.isPendingCopy(at: now) }.count
        guard pending < World.copyLimit else {
            throw refuse(
                "ResourceLimitExceeded",
                "Too many snapshot copies in progress. The limit is \(World.copyLimit) for this destination region.")
        }
        let copy = copy(of: source, from: origin, to: region, tags: tags, request: request, now: now)
        regions[region]?.snapshots.append(copy)
        return CopySnapshotReply(
            snapshotId: copy.id, tags: tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") })
    }

    /// Copies under way per destination region, not adjustable (EBS quotas).
    static let copyLimit = 20

    private mutating func copy(
        of source: SimulatedSnapshot, from origin: Region, to region: Region,
        tags: [(key: String, value: String?)], request: CopySnapshotRequest, now: Moment
    ) -> SimulatedSnapshot {
        let isEncrypted = source.isEncrypted || request.encrypted == true
        let key = isEncrypted ? keyARN(request.kmsKeyId ?? "alias/aws/ebs", in: region) : nil
        return SimulatedSnapshot(
            id: generator.identifier("snap"), sequence: nextSequence(), owner: account,
            volume: SimulatedSnapshot.volumeOfCopies, dataOf: source.dataOf, description: request.description ?? "",
            size: source.size, isEncrypted: isEncrypted, kmsKey: key,
            life: Life(
                startedAt: now, readyAt: now + .seconds(timings.copySeconds),
                failure: failure(of: request, source: source, key: key, in: region)),
            visibleAt: visibleAt(now), outpostArn: request.destinationOutpostArn,
            availabilityZone: request.destinationAvailabilityZone,
            copiedFrom: SimulatedSnapshot.Lineage(region: origin, snapshot: source.id),
            completionDurationMinutes: request.completionDurationMinutes, tags: TagList(tags, visibleAt: now))
    }

    /// What AWS finds out only later, and puts into the copy's state message.
    private func failure(of request: CopySnapshotRequest, source: SimulatedSnapshot, key: String?, in region: Region)
        -> String?
    {
        if isDoomed { return World.internalFailure }
        if source.isEncrypted, request.presignedUrl == nil {
            return "The presigned URL is missing or not valid for the source region"
        }
        guard let key else { return nil }
        let given = request.kmsKeyId ?? ""
        let isBad =
            badKeys.contains(key) || badKeys.contains(given) || !key.hasPrefix("arn:\(region.partition):kms:\(region):")
        return isBad ? "Given key ID is not accessible" : nil
    }

    func keyARN(_ key: String, in region: Region) -> String {
        if key.hasPrefix("arn:") { return key }
        return "arn:\(region.partition):kms:\(region):\(account):" + (key.hasPrefix("alias/") ? key : "key/\(key)")
    }
}

extension Refusal {
    fileprivate func check(_ request: CopySnapshotRequest) throws(AWSError) {
        guard !request.sourceRegion.isEmpty else { throw missing("sourceRegion") }
        guard !request.sourceSnapshotId.isEmpty else { throw missing("sourceSnapshotId") }
        if let destination = request.destinationRegion, destination != region.rawValue {
            throw invalid("DestinationRegion \(destination) is not the region of this endpoint, \(region)")
        }
        if let minutes = request.completionDurationMinutes {
            guard (15...2880).contains(minutes), minutes % 15 == 0 else {
                throw invalid(
                    "Value ( \(minutes) ) for parameter completionDurationMinutes is invalid. Expecting a multiple of "
                        + "15 between 15 and 2880.")
            }
        }
    }

    fileprivate func source(
        _ id: String, in state: RegionState, orSharedBy world: World, from origin: Region, now: Moment
    ) throws(AWSError) -> SimulatedSnapshot {
        guard let source = state.snapshots.first(where: { $0.id == id }) ?? world.shared(id, in: origin) else {
            throw noSnapshot(id)
        }
        guard source.life.stage(at: now) == .done else {
            throw self(
                "IncorrectState", "The snapshot '\(id)' is in state '\(source.status(at: now))', not 'completed'.")
        }
        return source
    }

    fileprivate func checkEncryption(_ request: CopySnapshotRequest, of source: SimulatedSnapshot) throws(AWSError) {
        if source.isEncrypted, request.encrypted == false {
            throw invalid("Encrypted cannot be false: the snapshot '\(source.id)' is encrypted")
        }
        if request.kmsKeyId != nil, !source.isEncrypted, request.encrypted != true {
            throw self(
                "InvalidParameterDependency",
                "The parameter KmsKeyId requires the parameter Encrypted to be set.")
        }
    }
}

extension SimulatedSnapshot {
    fileprivate func isPendingCopy(at now: Moment) -> Bool { copiedFrom != nil && life.stage(at: now) == .pending }
}
