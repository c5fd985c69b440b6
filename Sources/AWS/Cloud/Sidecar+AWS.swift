import BackupCore

extension Sidecar {
    init(of instance: EC2Instance, volumes known: [VolumeID: EC2Volume]) {
        var facts = Facts()
        facts.add(.type, instance.instanceType)
        facts.add(.zone, instance.placement?.availabilityZone)
        facts.add(.architecture, instance.architecture)
        facts.add(.rootDevice, instance.rootDeviceName)
        facts.add(.platform, instance.platformDetails)
        facts.add(.ena, instance.enaSupport == true ? "yes" : nil)
        facts.add(.bootMode, instance.bootMode)
        facts.add(.tpm, instance.tpmSupport)
        facts.add(.subnet, instance.subnetId)
        for group in instance.securityGroups ?? [] { facts.add(.securityGroup, group.groupId) }
        facts.add(.keyPair, instance.keyName)
        facts.add(.profile, instance.iamInstanceProfile?.arn)
        for device in instance.blockDevices ?? [] {
            guard let ebs = device.ebs, let volume = known[VolumeID(ebs.volumeId)] else { continue }
            facts.add(volume, at: device.deviceName, stays: ebs.deleteOnTermination == false)
        }
        facts.add(tags: instance.tags.dictionary)
        self.init(facts.all)
    }

    init(of volume: EC2Volume) {
        var facts = Facts()
        facts.add(.zone, volume.availabilityZone)
        facts.add(volume, at: "", stays: true)
        facts.add(tags: volume.tags.dictionary)
        self.init(facts.all)
    }

    init(of instance: LightsailInstance) {
        var facts = Facts()
        facts.add(.type, instance.bundleId)
        facts.add(.zone, instance.location?.availabilityZone)
        facts.add(name: instance.name)
        facts.add(.addresses, instance.ipAddressType)
        facts.add(.keyPair, instance.sshKeyName)
        if instance.isStaticIp == true { facts.add(.staticIP, instance.publicIpAddress) }
        for port in instance.networking?.ports ?? [] { facts.add(port) }
        facts.add(instance.addOns)
        facts.add(tags: instance.tags.dictionary)
        self.init(facts.all)
    }

    init(of disk: LightsailDisk) {
        var facts = Facts()
        facts.add(.zone, disk.location?.availabilityZone)
        facts.add(name: disk.name)
        facts.add(disk.addOns)
        facts.add(tags: disk.tags.dictionary)
        self.init(facts.all)
    }

    init(of database: LightsailDatabase) {
        var facts = Facts()
        facts.add(.type, database.relationalDatabaseBundleId)
        facts.add(.zone, database.location?.availabilityZone)
        facts.add(name: database.name)
        facts.add(tags: database.tags.dictionary)
        self.init(facts.all)
    }
}

/// Facts in the making: what is not known is left out.
private struct Facts {
    var all: [Sidecar.Fact] = []

    mutating func add(_ topic: Sidecar.Topic, _ text: String?) {
        if let text, !text.isEmpty { all.append(Sidecar.Fact(topic, text)) }
    }

    mutating func add(name: String?) {
        if let name, LightsailNaming.plain(name) != name { add(.name, name) }
    }

    mutating func add(_ volume: EC2Volume, at device: String, stays: Bool) {
        let numbers = [volume.iops, volume.throughput].map { String($0 ?? 0) }
        all.append(
            Sidecar.Fact(.volume, parts: [device, volume.volumeType ?? ""] + numbers + (stays ? ["stays"] : [])))
    }

    /// A word for each place that the ports are open to, so that none grows too long for a tag.
    mutating func add(_ port: LightsailPort) {
        let range = "\(port.fromPort ?? 0)-\(port.toPort ?? 0)"
        let sources = (port.cidrs ?? []) + (port.ipv6Cidrs ?? []) + (port.cidrListAliases ?? [])
        for source in sources { all.append(Sidecar.Fact(.port, port.protocol ?? "", range, source)) }
    }

    mutating func add(_ addOns: [LightsailAddOn]?) {
        for addOn in addOns ?? [] where addOn.status?.hasPrefix("Enabl") == true {
            let settings = [addOn.snapshotTimeOfDay, addOn.threshold, addOn.duration].compactMap { $0 }
            all.append(Sidecar.Fact(.addOn, parts: [addOn.name ?? ""] + settings))
        }
    }

    mutating func add(tags: [String: String]) {
        for (key, value) in tags.sorted(by: { $0.key < $1.key })
        where !key.hasPrefix("aws:") && !key.hasPrefix(PointTags.prefix) {
            all.append(Sidecar.Fact(.tag, key, value))
        }
    }
}
