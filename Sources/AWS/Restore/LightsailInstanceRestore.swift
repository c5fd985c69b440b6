package import BackupCore

/// Instances from a Lightsail snapshot, with their disks, firewall, tags and add-ons.
package struct LightsailInstanceRestore: RestoreWork {
    package let region: Region
    package private(set) var remarks: [String] = []
    let lightsail: any LightsailRestoreReading
    private let clock: any WallClock
    /// So long after an instance was made its disks are shown, if they are there.
    private let settled: Duration
    /// What whatever is made is marked with.
    let mark: String
    private(set) var request: CreateInstancesFromSnapshotRequest
    /// The firewall that each is to have; nil leaves AWS's default.
    private var ports: [LightsailPort]?
    private var staticIP: String?

    // MARK: Choosing

    /// Looks up what there is to choose from, and chooses.
    ///
    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading, clock: any WallClock,
        settled: Duration
    ) async throws(RestoreError) {
        region = point.place.region
        (self.clock, self.settled) = (clock, settled)
        lightsail = reading.lightsail
        mark = order.mark(of: point.set)
        let origin = try await LightsailOrigin(point, reading.lightsail, order)
        let stock = try await LightsailStock(region, reading.lightsail)
        let sidecar = point.sidecar ?? Sidecar([])
        let bundle = try BundleChoice(
            original: sidecar[.type] ?? origin.bundle, asked: order.lightsail.bundle, gibibytes: origin.gibibytes,
            among: stock.bundles)
        let zone = try ZoneChoice(asked: order.zone, original: sidecar[.zone], among: stock.zones, in: region)
        let mark = mark
        let names =
            order.names.isEmpty
            ? [try LightsailNaming.name(after: origin.name, slot: point.slot) { stock.holder(of: $0, mark) }]
            : order.names
        request = CreateInstancesFromSnapshotRequest(
            instanceNames: names, availabilityZone: zone.zone, bundleId: bundle.bundle)
        origin.name(in: &request)
        remarks = [bundle.remark, zone.remark].compactMap { $0 }
        if let price = bundle.price { remarks.append("\(bundle.bundle) costs \(price) US dollars a month, each") }
        try map(origin.disks, as: order.disks, stock, isDrill: order.mark != nil)
        try complete(order, sidecar, stock)
        if let fault = request.fault ?? tagFault(request.tags) { throw .refused(fault) }
        try checkAddresses(stock)
        try checkNames(stock)
        try noteLosses(of: point, order, sidecar, stock)
    }

    /// New names of the disks: those asked for, the original's where they are free, else with the instance's before them.
    private mutating func map(
        _ disks: [LightsailDisk], as asked: [String: String], _ stock: LightsailStock, isDrill: Bool
    ) throws(RestoreError) {
        let paths = Set(disks.compactMap(\.path))
        if let unknown = asked.keys.sorted().first(where: { !paths.contains($0) }) {
            let known = paths.isEmpty ? "it holds no disks" : "there are \(paths.sorted().joined(separator: ", "))"
            throw .refused("attachedDiskMapping: the snapshot holds no disk of \(unknown): \(known)")
        }
        guard !disks.isEmpty else { return }
        // What a drill makes is told by its name as well.
        let isOne = request.instanceNames.count == 1 && !isDrill
        var maps: [String: [CreateInstancesFromSnapshotRequest.DiskMap]] = [:]
        for instance in request.instanceNames {
            maps[instance] = disks.map { disk in
                let original = LightsailNaming.plain(disk.name ?? "disk")
                let isFree = isOne && (stock.disks[original] == nil || stock.disks[original]?.attachedTo == instance)
                let given = asked[disk.path ?? ""].map { isOne ? $0 : "\(instance)-\($0)" }
                return CreateInstancesFromSnapshotRequest.DiskMap(
                    originalDiskPath: disk.path,
                    newDiskName: given ?? (isFree ? original : String("\(instance)-\(original)".prefix(255))))
            }
        }
        request.attachedDiskMapping = maps
    }

    private mutating func complete(
        _ order: RestoreOrder, _ sidecar: Sidecar, _ stock: LightsailStock
    ) throws(RestoreError) {
        if let script = order.userData {
            guard let text = String(validating: script, as: UTF8.self) else {
                throw .refused("userData: Lightsail takes text alone, and the file given with --user-data is binary")
            }
            request.userData = text
        }
        request.ipAddressType = order.lightsail.addressType ?? sidecar[.addresses]
        if let asked = order.keyPair, !stock.keyPairs.contains(asked), !asked.hasPrefix("LightsailDefaultKey") {
            let known = stock.keyPairs.sorted().joined(separator: ", ")
            throw .refused(
                "keyPairName: there is no \"\(asked)\" in \(region)\(known.isEmpty ? "" : "; there are \(known)")")
        }
        request.keyPairName = order.keyPair ?? sidecar[.keyPair].flatMap { stock.keyPairs.contains($0) ? $0 : nil }
        // Each region has a default one of its own.
        if let lost = sidecar[.keyPair], request.keyPairName == nil, !lost.hasPrefix("LightsailDefaultKey") {
            remarks.append("the region's default key pair is taken: there is none named \(lost) in \(region)")
        }
        request.addOns = order.lightsail.addOns ?? (sidecar.addOns.isEmpty ? nil : sidecar.addOns)
        if request.addOns?.isEmpty == true { request.addOns = nil }
        request.tags = lightsailTags(order, sidecar, mark)
        ports = sidecar.isEmpty ? nil : sidecar.ports
        guard let address = order.lightsail.staticIP else { return }
        guard request.instanceNames.count == 1 else {
            throw .refused(
                "AttachStaticIp: one address is for one instance, and there are \(request.instanceNames.count)")
        }
        guard let found = stock.staticIPs.first(where: { $0.name == address }) else {
            let known = stock.staticIPs.map(\.name).sorted().joined(separator: ", ")
            throw .refused(
                "staticIpName: there is no \"\(address)\" in \(region)\(known.isEmpty ? "" : "; there are \(known)")")
        }
        if let holder = found.attachedTo, found.isAttached == true, !request.instanceNames.contains(holder) {
            throw .refused("staticIpName: \"\(address)\" is attached to \(holder): detach it there first")
        }
        staticIP = address
    }

    /// What the new instance will not have of what the original had.
    private mutating func noteLosses(
        of point: RecoveryPoint, _ order: RestoreOrder, _ sidecar: Sidecar, _ stock: LightsailStock
    ) throws(RestoreError) {
        if sidecar.isEmpty {
            remarks.append(
                "firewall, tags and add-ons of the original are not known: the new instance has AWS's default firewall")
        } else if ports == nil {
            remarks.append("the firewall of the original is not known: the new instance has AWS's default")
        }
        if !sidecar.isWhole { remarks.append("not all that was noted of the original found room in tags") }
        if let address = sidecar[.staticIP], staticIP == nil {
            let name = stock.staticIPs.first { $0.ipAddress == address }?.name
            let how = name.map { ": attach it with --static-ip \($0) once no other instance has it" } ?? ""
            remarks.append("the original had the static address \(address)\(how)")
        }
    }

    /// A bundle without IPv4 is for IPv6 alone, and the other way round.
    private func checkAddresses(_ stock: LightsailStock) throws(RestoreError) {
        let bundle = stock.bundles.first { $0.bundleId == request.bundleId }
        let isOfIPv6 = bundle?.publicIpv4AddressCount == 0
        guard bundle != nil, isOfIPv6 != (request.ipAddressType == "ipv6") else { return }
        throw .refused(
            isOfIPv6
                ? "ipAddressType: \(request.bundleId) is for IPv6 alone, not for dualstack or ipv4: say --ip-address-type ipv6, or another --bundle"
                : "ipAddressType: ipv6 needs a bundle without IPv4, and \(request.bundleId) is none: say another --bundle"
        )
    }

    /// Names are unique over all of Lightsail's resources in a region.
    private func checkNames(_ stock: LightsailStock) throws(RestoreError) {
        let there = request.instanceNames.filter { stock.instances[$0] != nil }
        for name in request.instanceNames where stock.holder(of: name, mark) == .another {
            throw .refused(
                "instanceNames: \(name) is there already, and not of this restore: give the new instance another name with --as"
            )
        }
        guard there.isEmpty || there.count == request.instanceNames.count else {
            throw .refused(
                "instanceNames: \(there.joined(separator: ", ")) is there and the others are not, and one call makes them all: "
                    + "remove it with --undo, or give other names with --as")
        }
        guard there.isEmpty else { return }
        let maps = (request.attachedDiskMapping ?? [:]).values.flatMap { $0 }.compactMap(\.newDiskName)
        for name in maps.sorted() where stock.holder(of: name, mark) != .nobody {
            throw .refused("newDiskName: \(name) is there already: give the new disk another name with --disk")
        }
    }

    // MARK: Looking

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        var instances: [LightsailInstance] = []
        for name in request.instanceNames {
            if let instance = try await instance(named: name) { instances.append(instance) }
        }
        if instances.count < request.instanceNames.count {
            // One call makes them all.
            let names = request.instanceNames.joined(separator: " and ")
            outlook.add("create \(names) from \(mark)", request)
        }
        for instance in instances {
            let state = instance.state?.name ?? "unknown"
            outlook.there.append("instance \(instance.name) (\(state))")
            guard ["pending", "running"].contains(state) else {
                throw .refused("\(instance.name) is \(state), not running: start it, or remove it with --undo")
            }
            if state == "pending" { outlook.wait(for: "\(instance.name), which is pending, to run") }
        }
        for name in request.instanceNames {
            try await lookAtRest(of: name, instances.first { $0.name == name }, into: &outlook)
        }
        return outlook
    }

    private func instance(named name: String) async throws(RestoreError) -> LightsailInstance? {
        let (lightsail, region) = (lightsail, region)
        let reply = try await found { () async throws(AWSError) in
            try await lightsail.getInstance(InstanceNameRequest(instanceName: name), in: region)
        }
        guard let instance = reply?.instance else { return nil }
        guard instance.tags.dictionary[RestoreTag.key] == mark else {
            throw .refused(
                "\(name) is there already, and not of this restore: give the new instance another name with --as")
        }
        return instance
    }

    /// What follows once an instance runs: marks on its disks, the firewall, the address.
    private func lookAtRest(
        of name: String, _ instance: LightsailInstance?, into outlook: inout RestoreOutlook
    ) async throws(RestoreError) {
        let runs = instance?.state?.name == "running"
        let (lightsail, region) = (lightsail, region)
        for disk in (request.attachedDiskMapping?[name] ?? []).compactMap(\.newDiskName) {
            let seen =
                instance == nil
                ? nil
                : try await found { () async throws(AWSError) in
                    try await lightsail.getDisk(DiskNameRequest(diskName: disk), in: region)
                }?.disk
            if let seen { outlook.there.append("disk \(disk) (\(seen.state ?? "unknown"))") }
            guard seen?.tags.dictionary[RestoreTag.key] != mark else { continue }
            if seen == nil, let made = instance?.createdAt?.moment, clock.now - made > settled {
                outlook.there.append("disk \(disk) (removed since)")
                continue
            }
            if runs, seen == nil { outlook.wait(for: "AWS to show the disk \(disk)") }
            let tag = LightsailTag(key: RestoreTag.key, value: mark)
            outlook.add(
                "mark the disk \(disk)", LightsailTagResourceRequest(resourceName: disk, tags: [tag]),
                isReady: runs && seen != nil)
        }
        if let ports {
            let open =
                runs
                ? try await asked { () async throws(AWSError) in
                    try await lightsail.getInstancePortStates(InstanceNameRequest(instanceName: name), in: region)
                }.portStates ?? [] : nil
            if open.map({ $0.filter { $0.state != "closed" }.opensLike(ports) }) != true {
                outlook.add(
                    "open \(ports.isEmpty ? "no port" : ports.summary) of \(name), and nothing else",
                    PutInstancePublicPortsRequest(portInfos: ports, instanceName: name), isReady: runs)
            }
        }
        guard let staticIP else { return }
        let holder = try await LightsailStock.staticIPs(in: region, lightsail).first { $0.name == staticIP }?.attachedTo
        if holder != name {
            outlook.add(
                "give \(name) the address \(staticIP)",
                AttachStaticIPRequest(staticIpName: staticIP, instanceName: name), isReady: runs)
        }
    }
}
