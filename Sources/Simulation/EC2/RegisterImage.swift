package import AWS
package import BackupCore

extension World {
    package mutating func registerImage(_ request: RegisterImageRequest, in region: Region, now: Moment)
        throws(AWSError) -> RegisterImageReply
    {
        let refuse = try admit(EC2.registerImage, in: region)
        let state = state(of: region, now: now)
        guard (3...128).contains(request.name.count), request.name.allSatisfy(Refusal.isOfImageNames) else {
            throw refuse(
                "InvalidAMIName.Malformed",
                "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', "
                    + "'-', '/' and '_'")
        }
        if let taken = state.images.first(where: { $0.name == request.name && $0.owner == account }) {
            throw refuse(
                "InvalidAMIName.Duplicate",
                "AMI name \(request.name) is already in use by AMI \(taken.id)")
        }
        let devices = request.blockDevices ?? []
        guard let root = request.rootDeviceName, let boot = devices.first(where: { $0.deviceName == root }),
            boot.ebs?.snapshotId != nil
        else { throw refuse("InvalidBlockDeviceMapping", "The root device needs a snapshot.") }
        for volume in devices.compactMap(\.ebs) {
            let snapshot = try refuse.readable(volume.snapshotId ?? "", in: state, now)
            try refuse.check(volume, of: snapshot, tooSmall: "InvalidBlockDeviceMapping")
            guard volume.encrypted == nil else {
                throw refuse("InvalidBlockDeviceMapping", "The encrypted flag cannot be specified with a snapshot.")
            }
        }
        let tags = try refuse.tags(of: "image", in: request.tagSpecifications, ["image"])
        if request.dryRun == true { throw refuse.dryRun }
        var image = SimulatedImage(
            id: generator.identifier("ami"), sequence: nextSequence(), name: request.name, owner: account,
            state: "available", createdAt: now, snapshots: devices.compactMap(\.ebs?.snapshotId),
            registration: request)
        image.visibleAt = visibleAt(now)
        image.tags = TagList(tags, visibleAt: now)
        regions[region]?.images.append(image)
        return RegisterImageReply(imageId: image.id)
    }

    package mutating func deregisterImage(_ request: DeregisterImageRequest, in region: Region, now: Moment)
        throws(AWSError) -> EC2Done
    {
        let refuse = try admit(EC2.deregisterImage, in: region)
        guard regions[region]?.images.contains(where: { $0.id == request.imageId && $0.owner == account }) == true
        else { throw refuse.noImage(request.imageId) }
        if request.dryRun == true { throw refuse.dryRun }
        regions[region]?.images.removeAll { $0.id == request.imageId }
        return EC2Done()
    }

    package func getInstanceUEFIData(_ request: GetInstanceUEFIDataRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetInstanceUEFIDataReply
    {
        let refuse = try admit(EC2.getInstanceUEFIData, in: region)
        guard let found = state(of: region, now: now).instances.first(where: { $0.id == request.instanceId }) else {
            throw refuse.noInstance(request.instanceId)
        }
        guard let data = found.hardware.uefiData else {
            throw refuse("UnsupportedOperation", "The instance '\(found.id)' does not boot by UEFI.")
        }
        return GetInstanceUEFIDataReply(instanceId: found.id, uefiData: data)
    }
}

extension SimulatedImage {
    var rootDevice: String { registration?.rootDeviceName ?? "/dev/xvda" }

    /// Its volumes; of one that was there already the first snapshot is the root's.
    var devices: [EC2BlockDeviceRequest] {
        if let devices = registration?.blockDevices { return devices }
        return zip(["/dev/xvda"] + "fghijklmnop".map { "/dev/sd\($0)" }, snapshots).map { device, id in
            EC2BlockDeviceRequest(deviceName: device, ebs: .init(snapshotId: id))
        }
    }
}

extension Refusal {
    fileprivate static func isOfImageNames(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || " ()[]./-'@_".contains(character)
    }
}
