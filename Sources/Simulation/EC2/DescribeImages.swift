package import AWS
package import BackupCore

extension World {
    package func describeImages(_ request: DescribeImagesRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeImagesReply
    {
        let refuse = try admit(EC2.describeImages, in: region)
        let filters = try refuse.read(request.filters, known: World.imageFilters)
        if request.dryRun == true { throw refuse.dryRun }
        let state = state(of: region, now: now)
        for id in request.imageIds ?? [] where !state.images.contains(where: { $0.id == id }) {
            throw refuse.noImage(id)
        }
        let asked = state.images.filter { $0.visibleAt <= now && request.imageIds?.contains($0.id) ?? true }
        let page = try refuse.page(
            of: asked, ids: request.imageIds, idsParameter: "imagesSet", size: request.maxResults,
            token: request.nextToken)
        let owners = Set((request.owners ?? []).map { $0 == "self" ? account : $0 })
        let kept = page.items.filter { image in
            (owners.isEmpty || owners.contains(image.owner))
                && (image.state != "disabled" || request.includeDisabled == true)
                && filters.keep(tags: image.tags, at: now, image.values)
        }
        return DescribeImagesReply(images: kept.map { state.described($0, at: now) }, nextToken: page.token)
    }

    private static let imageFilters: Set<String> = [
        "block-device-mapping.snapshot-id", "image-id", "name", "owner-id", "state",
    ]
}

extension SimulatedImage {
    /// What a filter of that name looks at.
    fileprivate func values(of field: String) -> [String] {
        switch field {
        case "block-device-mapping.snapshot-id": snapshots
        case "image-id": [id]
        case "name": [name]
        case "owner-id": [owner]
        case "state": [state]
        default: []
        }
    }
}

extension RegionState {
    /// The image as DescribeImages shows it.
    fileprivate func described(_ image: SimulatedImage, at now: Moment) -> EC2Image {
        var shown = EC2Image(imageId: image.id)
        shown.name = image.name
        shown.state = image.state
        shown.ownerId = image.owner
        shown.creationDate = "\(image.createdAt.description.dropLast()).000Z"
        shown.rootDeviceName = image.rootDevice
        shown.rootDeviceType = "ebs"
        shown.blockDevices = image.devices.map { device in
            var volume = EC2Image.BlockDevice.Volume(snapshotId: device.ebs?.snapshotId)
            let snapshot = snapshots.first { $0.id == device.ebs?.snapshotId }
            volume.volumeSize = device.ebs?.volumeSize ?? snapshot?.size
            volume.encrypted = snapshot?.isEncrypted
            volume.deleteOnTermination = device.ebs?.deleteOnTermination ?? true
            volume.volumeType = device.ebs?.volumeType
            (volume.iops, volume.throughput) = (device.ebs?.iops, device.ebs?.throughput)
            return EC2Image.BlockDevice(deviceName: device.deviceName, ebs: volume)
        }
        let tags = image.tags.visible(at: now)
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        image.registration?.describe(in: &shown)
        return shown
    }
}

extension RegisterImageRequest {
    fileprivate func describe(in shown: inout EC2Image) {
        shown.description = description
        shown.architecture = architecture
        shown.virtualizationType = virtualizationType ?? "paravirtual"
        shown.enaSupport = enaSupport
        shown.sriovNetSupport = sriovNetSupport
        shown.bootMode = bootMode
        shown.tpmSupport = tpmSupport
        shown.imdsSupport = imdsSupport
        let tags = (tagSpecifications ?? []).flatMap(\.tags)
        shown.tags = tags.isEmpty ? nil : tags
    }
}
