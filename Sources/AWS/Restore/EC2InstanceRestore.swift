package import BackupCore
import FoundationEssentials

/// A new instance from a snapshot set: an image is registered from its snapshots, the instance started from it, and the image
/// deregistered again; its snapshots are recovery points, and stay.
package struct EC2InstanceRestore: RestoreWork {
    package var region: Region { source.region }
    package private(set) var remarks: [String]
    private let source: EC2Set
    private var image: RegisterImageRequest
    private var launch: RunInstancesRequest

    // MARK: Choosing

    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) {
        source = try await EC2Set(reading: point, order, reading.ec2)
        remarks = source.remarks
        let root = try EC2InstanceRestore.root(of: source)
        image = EC2InstanceRestore.image(from: source, root: root)
        launch = RunInstancesRequest(clientToken: source.token("instance"))
        if let remark = try noteArchitecture() { remarks.append(remark) }
        try await choosePlace(isAway: point.isCopy)
        try chooseRest(isAway: point.isCopy)
        let count = source.tags("instance", name: source.title).tags.count
        guard count <= 50 else {
            throw .refused(
                "Tag: \(count) are more than the 50 that an instance takes: leave the original's off with --no-tags")
        }
        launch.tagSpecifications = [
            source.tags("instance", name: source.title), source.tags("volume", name: source.title),
        ]
    }

    /// The device of the root volume, of which the set must hold a snapshot.
    private static func root(of source: EC2Set) throws(RestoreError) -> String {
        let platform = source.sidecar[.platform]
        guard platform == nil || platform == "Linux/UNIX" else {
            throw .refused(
                "PlatformDetails: the original was \(platform ?? ""), and an image registered from snapshots would be billed as "
                    + "Linux: start an instance from an image of that platform, and restore with --replace-root-volume or "
                    + "--attach-to")
        }
        let devices = source.members.compactMap(\.device)
        // Only where nothing was noted of the original.
        let usual = ["/dev/xvda", "/dev/sda1"].first { devices.contains($0) }
        guard let root = source.sidecar[.rootDevice] ?? usual, devices.contains(root) else {
            throw .refused(
                "RootDeviceName: the set holds no snapshot of \(source.sidecar[.rootDevice] ?? "a root device"), only of "
                    + "\(devices.joined(separator: ", ")): restore with --volumes-only or --attach-to")
        }
        return root
    }

    private static func image(from source: EC2Set, root: String) -> RegisterImageRequest {
        // Names of images are unique in a region: this one is the key.
        var image = RegisterImageRequest(name: source.token("image"))
        image.description = "restore of \(source.title)"
        image.architecture = source.sidecar[.architecture] ?? "x86_64"
        image.rootDeviceName = root
        image.virtualizationType = "hvm"
        image.enaSupport = source.sidecar.isEmpty || source.sidecar[.ena] == "yes" ? true : nil
        image.bootMode = source.sidecar[.bootMode]
        image.tpmSupport = source.sidecar[.tpm]
        image.uefiData = source.sidecar[.uefiData]
        image.blockDevices = source.members.compactMap { member in
            guard let device = member.device else { return nil }
            let kind = source.kind(of: member)
            var volume = EC2BlockDeviceRequest.Volume(snapshotId: member.snapshot.rawValue)
            (volume.volumeType, volume.iops, volume.throughput) = (kind.type, kind.iops, kind.throughput)
            volume.deleteOnTermination = !kind.stays
            return EC2BlockDeviceRequest(deviceName: device, ebs: volume)
        }
        image.tagSpecifications = [source.tags("image", name: source.title)]
        return image
    }

    private func noteArchitecture() throws(RestoreError) -> String? {
        if let stray = source.members.first(where: { $0.device == nil }) {
            throw .refused("DeviceName: where \(stray.snapshot) was attached is not known: restore with --volumes-only")
        }
        guard source.sidecar[.architecture] == nil else { return nil }
        return "the architecture of the original is not known: x86_64 is taken"
    }

    /// Zone and subnet: those asked for, at home the original's, elsewhere the zone's default subnet.
    private mutating func choosePlace(isAway: Bool) async throws(RestoreError) {
        let order = source.order
        let original = isAway || order.ec2.launchTemplate != nil ? nil : source.sidecar[.subnet]
        if let subnet = order.ec2.subnet ?? original {
            launch.subnetId = subnet
            let there = try await self.subnet(subnet)
            guard let there else {
                throw .refused("SubnetId: there is no subnet \(subnet) in \(region): name another with --subnet")
            }
            if let zone = order.zone, zone != there.availabilityZone {
                throw .refused("SubnetId: \(subnet) is in \(there.availabilityZone ?? "another zone"), not in \(zone)")
            }
            return
        }
        guard order.ec2.launchTemplate == nil || order.zone != nil else { return }
        let choice = try ZoneChoice(
            asked: order.zone, original: source.sidecar[.zone], among: try await source.sight.zones(), in: region)
        launch.placement = RunInstancesRequest.Placement(availabilityZone: choice.zone)
        if let remark = choice.remark { remarks.append(remark) }
        guard order.ec2.launchTemplate == nil else { return }
        let defaults = try await subnets([EC2Filter("default-for-az", ["true"])])
        guard defaults.contains(where: { $0.availabilityZone == choice.zone }) else {
            throw .refused("SubnetId: \(choice.zone) has no default subnet: name one of \(region) with --subnet")
        }
        if let lost = source.sidecar[.subnet] {
            remarks.append(
                "the subnet is the default one of \(choice.zone): the original's, \(lost), is of another region")
        }
    }

    private func subnet(_ id: String) async throws(RestoreError) -> DescribeSubnetsReply.Subnet? {
        let (ec2, region) = (source.sight.ec2, region)
        return try await found { () async throws(AWSError) in
            try await ec2.describeSubnets(DescribeSubnetsRequest(subnetIds: [id]), in: region)
        }?.subnets?.first
    }

    private func subnets(_ filters: [EC2Filter]) async throws(RestoreError) -> [DescribeSubnetsReply.Subnet] {
        let (ec2, region) = (source.sight.ec2, region)
        return try await pages { (token) async throws(AWSError) in
            let reply = try await ec2.describeSubnets(
                DescribeSubnetsRequest(filters: filters, nextToken: token), in: region)
            return (reply.subnets ?? [], reply.nextToken)
        }
    }

    /// Type, groups, key and profile: those asked for, else the original's where they can be there.
    private mutating func chooseRest(isAway: Bool) throws(RestoreError) {
        let (order, sidecar) = (source.order, source.sidecar)
        launch.userData = order.userData.map { Data($0).base64EncodedString() }
        if let template = order.ec2.launchTemplate {
            launch.launchTemplate = RunInstancesRequest.LaunchTemplate(naming: template)
        }
        // What a launch template says is not overruled by what the original had.
        let original: (Sidecar.Topic) -> String? = { order.ec2.launchTemplate == nil ? sidecar[$0] : nil }
        launch.instanceType = order.ec2.instanceType ?? original(.type)
        guard launch.instanceType != nil || launch.launchTemplate != nil else {
            throw .refused("InstanceType: what the original was is not known: say --type")
        }
        if !order.ec2.securityGroups.isEmpty {
            launch.securityGroupIds = order.ec2.securityGroups
        } else if order.ec2.launchTemplate == nil {
            let groups = sidecar.all(.securityGroup).compactMap(\.first)
            if !isAway, !groups.isEmpty { launch.securityGroupIds = groups }
            if isAway, !groups.isEmpty {
                remarks.append(
                    "the security group is the network's default: the original's, \(groups.joined(separator: ", ")), are of "
                        + "another region; say --security-group")
            }
        }
        launch.keyName = order.keyPair ?? (isAway ? nil : original(.keyPair))
        if isAway, order.keyPair == nil, let lost = original(.keyPair) {
            remarks.append("it has no key pair: whether \(lost) is there in \(region) is not known; say --key-pair")
        }
        // A drill must not act as the original does.
        let itsProfile = order.mark == nil ? original(.profile) : nil
        launch.iamInstanceProfile = (order.ec2.profile ?? itsProfile).map { profile in
            profile.hasPrefix("arn:") ? .init(arn: profile) : .init(name: profile)
        }
        if sidecar.isEmpty {
            remarks.append(
                "nothing was noted of the original: network, key and profile are AWS's defaults unless they are given")
        }
        if !sidecar.isWhole { remarks.append("not all that was noted of the original found room in tags") }
    }

    // MARK: Looking

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let all = try await source.sight.instances(source.marks)
        let instance = all.first { $0.state.name != "terminated" }
        if instance == nil, let dead = all.first(where: { $0.clientToken == launch.clientToken }) {
            let reason = dead.stateReason.map { ": \($0.code ?? "") \($0.message ?? "")" } ?? ""
            throw .refused(
                "\(dead.instanceId) was started and is terminated\(reason): mend that, and begin again with another name "
                    + "(--as), as EC2 remembers this one")
        }
        let image = try await source.sight.images(source.marks).first
        if let image { outlook.there.append("image \(image.imageId) (\(image.state ?? "unknown"))") }
        guard let instance else {
            lookAtLaunch(image, into: &outlook)
            return outlook
        }
        let state = instance.state.name
        outlook.there.append("instance \(instance.instanceId) (\(state))")
        switch state {
        case "running": break
        case "pending": outlook.wait(for: "\(instance.instanceId), which is pending, to run")
        default: throw .refused("\(instance.instanceId) is \(state), not running: start it, or remove it with --undo")
        }
        if let image, !source.order.ec2.keepsImage {
            outlook.add(
                "deregister the image: its snapshots stay", DeregisterImageRequest(imageId: image.imageId),
                isReady: state == "running")
        }
        return outlook
    }

    private func lookAtLaunch(_ image: EC2Image?, into outlook: inout RestoreOutlook) {
        let state = image?.state
        if image == nil { outlook.add("register an image of the snapshots", self.image) }
        if state == "pending" { outlook.wait(for: "the image \(image?.imageId ?? ""), which is pending") }
        var launch = launch
        launch.imageId = image?.imageId ?? "<the image>"
        outlook.add("start an instance from it", launch, isReady: state == "available")
        guard !source.order.ec2.keepsImage else { return }
        outlook.add(
            "deregister the image once it runs: its snapshots stay",
            DeregisterImageRequest(imageId: launch.imageId ?? ""), isReady: false)
    }
}

extension RunInstancesRequest.LaunchTemplate {
    /// `lt-0ab…` or a name, perhaps with `:` and a version.
    fileprivate init(naming text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let name = parts.first ?? text
        let version = parts.count > 1 ? parts[1] : nil
        self =
            name.hasPrefix("lt-")
            ? .init(launchTemplateId: name, version: version) : .init(launchTemplateName: name, version: version)
    }
}
