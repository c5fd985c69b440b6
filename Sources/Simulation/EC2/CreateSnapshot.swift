package import AWS
package import BackupCore

extension World {
    package mutating func createSnapshot(_ request: CreateSnapshotRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2Snapshot
    {
        let refuse = try admit(EC2.createSnapshot, in: region)
        let wanted = try refuse.snapshotTags(request.tagSpecifications)
        try refuse.check(outpost: request.outpostArn, location: request.location)
        guard !request.volumeId.isEmpty else { throw refuse.missing("VolumeId") }
        settle(region, now: now)
        let state = state(of: region, now: now)
        guard let volume = state.volumes.first(where: { $0.id == request.volumeId }) else {
            throw refuse.noVolume(request.volumeId)
        }
        let instance = state.instances.first { $0.id == volume.attachment?.instance }
        try refuse.check(request, against: instance)
        let tags = try refuse.tags(wanted, of: volume, copied: false)
        if request.dryRun == true { throw refuse.dryRun }
        try refuse.checkLimits([volume], in: state, now: now)
        var made = snapshot(of: volume, described: request.description, tags: tags, now: now)
        made.outpostArn = request.outpostArn
        made.availabilityZone = request.location == "local" ? instance?.localZone : nil
        add([made], to: region, now: now)
        return made.announcedAlone(at: now)
    }
}

extension Refusal {
    /// Where a volume is, this world knows only of attached ones.
    fileprivate func check(_ request: CreateSnapshotRequest, against instance: SimulatedInstance?) throws(AWSError) {
        if let outpost = request.outpostArn, outpost != instance?.outpostArn {
            throw invalid("The volume '\(request.volumeId)' is not on the Outpost \(outpost)")
        }
        if request.location == "local", instance?.localZone == nil {
            throw invalid(
                "Location 'local' is valid only for a volume in a Local Zone; '\(request.volumeId)' is in none")
        }
    }
}

extension SimulatedSnapshot {
    /// The snapshot as CreateSnapshot announces it: with all its tags, however late others see them.
    fileprivate func announcedAlone(at now: Moment) -> EC2Snapshot {
        var shown = described(at: now)
        shown.state = "pending"
        shown.progress = ""
        shown.completionTime = nil
        shown.fullSnapshotSizeInBytes = nil
        shown.storageTier = nil
        let tags = tags.all
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        return shown
    }
}
