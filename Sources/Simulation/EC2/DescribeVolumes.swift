package import AWS
package import BackupCore

extension World {
    package func describeVolumes(_ request: DescribeVolumesRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeVolumesReply
    {
        let refuse = try admit(EC2.describeVolumes, in: region)
        let filters = try refuse.read(request.filters, known: World.volumeFilters)
        var asked = state(of: region, now: now).volumes
        if let ids = request.volumeIds {
            for id in ids where !asked.contains(where: { $0.id == id }) { throw refuse.noVolume(id) }
            asked.removeAll { !ids.contains($0.id) }
        }
        let page = try refuse.page(
            of: asked, ids: request.volumeIds, idsParameter: "volumeSet", size: request.maxResults,
            token: request.nextToken)
        let kept = page.items.filter { volume in filters.keep(tags: volume.tags, at: now, volume.values) }
        return DescribeVolumesReply(volumes: kept.map { $0.described(at: now) }, nextToken: page.token)
    }

    private static let volumeFilters: Set<String> = [
        "attachment.device", "attachment.instance-id", "attachment.status", "encrypted", "size", "status", "volume-id",
        "volume-type",
    ]
}

extension SimulatedVolume {
    private var status: String { attachment == nil ? "available" : "in-use" }

    /// What a filter of that name looks at.
    fileprivate func values(of field: String) -> [String] {
        switch field {
        case "attachment.device": attachment.map { [$0.device] } ?? []
        case "attachment.instance-id": attachment.map { [$0.instance] } ?? []
        case "attachment.status": attachment == nil ? [] : ["attached"]
        case "encrypted": [isEncrypted ? "true" : "false"]
        case "size": ["\(size)"]
        case "status": [status]
        case "volume-id": [id]
        case "volume-type": [type]
        default: []
        }
    }

    fileprivate func described(at now: Moment) -> EC2Volume {
        var shown = EC2Volume(volumeId: id)
        shown.size = size
        shown.volumeType = type
        shown.status = status
        shown.encrypted = isEncrypted
        shown.attachments = attachment.map {
            [EC2VolumeAttachment(volumeId: id, instanceId: $0.instance, device: $0.device, status: "attached")]
        }
        let tags = tags.visible(at: now)
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        return shown
    }
}
