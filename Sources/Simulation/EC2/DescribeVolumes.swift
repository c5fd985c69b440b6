package import AWS
package import BackupCore

extension World {
    package func describeVolumes(_ request: DescribeVolumesRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeVolumesReply
    {
        let refuse = try admit(EC2.describeVolumes, in: region)
        let filters = try refuse.read(request.filters, known: World.volumeFilters)
        var asked = state(of: region, now: now).volumes.filter { $0.visibleAt <= now }
        if let ids = request.volumeIds {
            for id in ids where !asked.contains(where: { $0.id == id }) { throw refuse.noVolume(id) }
            asked.removeAll { !ids.contains($0.id) }
        }
        let page = try refuse.page(
            of: asked, ids: request.volumeIds, idsParameter: "volumeSet", size: request.maxResults,
            token: request.nextToken)
        let kept = page.items.filter { volume in
            filters.keep(tags: volume.tags, at: now) { volume.values(of: $0, at: now) }
        }
        return DescribeVolumesReply(volumes: kept.map { $0.described(at: now) }, nextToken: page.token)
    }

    private static let volumeFilters: Set<String> = [
        "attachment.device", "attachment.instance-id", "attachment.status", "encrypted", "size", "snapshot-id",
        "status", "volume-id",
        "volume-type",
    ]
}

extension SimulatedVolume {
    func status(at now: Moment) -> String {
        now < usableAt ? "creating" : attachment == nil ? "available" : "in-use"
    }

    /// What a filter of that name looks at.
    fileprivate func values(of field: String, at now: Moment) -> [String] {
        switch field {
        case "attachment.device": attachment.map { [$0.device] } ?? []
        case "attachment.instance-id": attachment.map { [$0.instance] } ?? []
        case "attachment.status": attachment == nil ? [] : ["attached"]
        case "encrypted": [isEncrypted ? "true" : "false"]
        case "size": ["\(size)"]
        case "status": [status(at: now)]
        case "snapshot-id": snapshot.map { [$0] } ?? []
        case "volume-id": [id]
        case "volume-type": [type]
        default: []
        }
    }

    func described(at now: Moment) -> EC2Volume {
        var shown = EC2Volume(volumeId: id)
        shown.size = size
        shown.volumeType = type
        shown.status = status(at: now)
        shown.encrypted = isEncrypted
        shown.availabilityZone = zone
        (shown.iops, shown.throughput) = (speed.iops, speed.throughput)
        shown.kmsKeyId = kmsKey
        shown.multiAttachEnabled = isMultiAttach
        shown.snapshotId = snapshot
        shown.volumeInitializationRate = initializationRate
        shown.attachments = attachment.map {
            [EC2VolumeAttachment(volumeId: id, instanceId: $0.instance, device: $0.device, status: "attached")]
        }
        let tags = tags.visible(at: now)
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        return shown
    }
}
