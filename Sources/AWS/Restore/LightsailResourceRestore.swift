package import BackupCore

/// A disk of its own from a Lightsail disk's snapshot, attached if that is asked for.
package struct LightsailDiskRestore: RestoreWork {
    package let region: Region
    package private(set) var remarks: [String] = []
    private let lightsail: any LightsailRestoreReading
    private let mark: String
    private var request: CreateDiskFromSnapshotRequest
    private var attachment: (instance: String, path: String)?

    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) {
        let (region, lightsail) = (point.place.region, reading.lightsail)
        (self.region, self.lightsail, mark) = (region, lightsail, order.mark(of: point.set))
        guard let member = point.members.first else { throw .refused("the point has no snapshot") }
        let sidecar = point.sidecar ?? Sidecar([])
        let origin = try await DiskOrigin(point, member, lightsail)
        var zone = order.zone
        if case .attach(let instance) = order.aim {
            let reply = try await found { () async throws(AWSError) in
                try await lightsail.getInstance(InstanceNameRequest(instanceName: instance), in: region)
            }
            guard let there = reply?.instance else {
                throw .refused("instanceName: there is no instance \"\(instance)\" in \(region)")
            }
            // A path is given as that of the original, or as the only one.
            guard let path = order.disks[origin.path ?? ""] ?? order.disks.values.first ?? origin.path else {
                throw .refused("diskPath: where it is to be attached is not known: say --device /dev/xvdf")
            }
            attachment = (instance, path)
            zone = there.location?.availabilityZone
        }
        let choice = try ZoneChoice(
            asked: zone, original: sidecar[.zone], among: try await LightsailStock.zones(of: region, lightsail),
            in: region)
        let mark = mark
        let disks = try await LightsailStock.disks(in: region, lightsail)
        let name = try LightsailNaming.name(order.names, after: origin.name, slot: point.slot) { candidate in
            disks[candidate].map { $0.tags.dictionary[RestoreTag.key] == mark ? .us : .another } ?? .nobody
        }
        request = CreateDiskFromSnapshotRequest(
            diskName: name, availabilityZone: choice.zone, sizeInGb: order.lightsail.gibibytes ?? origin.gibibytes)
        origin.name(in: &request, order)
        request.tags = lightsailTags(order, sidecar, mark)
        request.addOns = order.lightsail.addOns ?? (sidecar.addOns.isEmpty ? nil : sidecar.addOns)
        remarks = [choice.remark].compactMap { $0 }
        if let fault = request.fault ?? tagFault(request.tags) { throw .refused(fault) }
        guard request.sizeInGb >= origin.gibibytes else {
            throw .refused("sizeInGb: the snapshot holds \(origin.gibibytes) GiB, more than \(request.sizeInGb)")
        }
        if origin.isManual, order.lightsail.takesLatestAutomatic {
            throw .refused("useLatestRestorableAutoSnapshot: this point is a manual snapshot, not an automatic one")
        }
        try await checkNames(order)
    }

    /// Its name is nobody else's, and the path free.
    private func checkNames(_ order: RestoreOrder) async throws(RestoreError) {
        let stock = try await LightsailStock(region, lightsail)
        let (name, disk) = (request.diskName, stock.disks[request.diskName])
        guard stock.holder(of: name, mark) == .nobody || disk?.tags.dictionary[RestoreTag.key] == mark else {
            throw .refused(
                "diskName: \(name) is there already, and not of this restore: give the new disk another name with --as")
        }
        guard let attachment else { return }
        if let zone = order.zone, zone != request.availabilityZone {
            throw .refused("availabilityZone: \(attachment.instance) is in \(request.availabilityZone), not in \(zone)")
        }
        let holders = stock.disks.values.filter {
            $0.attachedTo == attachment.instance && $0.isAttached == true && $0.path == attachment.path
                && $0.name != name
        }
        if let holder = holders.first?.name {
            throw .refused(
                "diskPath: \(attachment.path) of \(attachment.instance) is taken by \(holder): say another with --device"
            )
        }
        if let other = disk?.attachedTo, disk?.isAttached == true, other != attachment.instance {
            throw .refused(
                "\(name) was restored before and is attached to \(other): give the new disk another name with --as")
        }
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let (lightsail, region, name) = (lightsail, region, request.diskName)
        let disk = try await found { () async throws(AWSError) in
            try await lightsail.getDisk(DiskNameRequest(diskName: name), in: region)
        }?.disk
        let state = disk?.state ?? "unknown"
        if let disk {
            guard disk.tags.dictionary[RestoreTag.key] == mark else {
                throw .refused(
                    "\(name) is there already, and not of this restore: give the new disk another name with --as")
            }
            outlook.there.append("disk \(name) (\(state))")
            if !["available", "in-use"].contains(state) { outlook.wait(for: "the disk \(name), which is \(state)") }
        } else {
            outlook.add("create the disk \(name) from \(mark)", request)
        }
        if let attachment, disk?.attachedTo != attachment.instance || disk?.isAttached != true {
            outlook.add(
                "attach \(name) to \(attachment.instance) at \(attachment.path)",
                AttachDiskRequest(diskName: name, instanceName: attachment.instance, diskPath: attachment.path),
                isReady: state == "available")
        }
        return outlook
    }
}

/// What a disk is restored from.
private struct DiskOrigin {
    var name: String
    var gibibytes: Int
    var path: String?
    private var snapshot: String?
    private var automatic: AutomaticSnapshotID?

    init(
        _ point: RecoveryPoint, _ member: Member, _ lightsail: any LightsailRestoreReading
    ) async throws(RestoreError) {
        let region = point.place.region
        if let id = AutomaticSnapshotID(member.snapshot), point.isAutomatic {
            let disk = try await found { () async throws(AWSError) in
                try await lightsail.getDisk(DiskNameRequest(diskName: id.resource), in: region)
            }?.disk
            guard let disk else { throw .refused("\(id.resource) is gone, and its automatic snapshots with it") }
            (name, gibibytes, path, automatic) = (id.resource, disk.sizeInGb ?? 0, disk.path, id)
            return
        }
        let reply = try await found { () async throws(AWSError) in
            try await lightsail.getDiskSnapshot(
                DiskSnapshotNameRequest(diskSnapshotName: member.snapshot.rawValue), in: region)
        }
        guard let found = reply?.diskSnapshot else {
            throw .refused("the snapshot \(member.snapshot) is gone from \(region)")
        }
        name = found.fromDiskName ?? "restored"
        (gibibytes, snapshot) = (found.sizeInGb ?? member.gibibytes, found.name)
    }

    var isManual: Bool { automatic == nil }

    func name(in request: inout CreateDiskFromSnapshotRequest, _ order: RestoreOrder) {
        request.diskSnapshotName = snapshot
        request.sourceDiskName = automatic?.resource
        if automatic == nil { return }
        if order.lightsail.takesLatestAutomatic {
            request.useLatestRestorableAutoSnapshot = true
        } else {
            request.restoreDate = automatic?.date
        }
    }
}

/// A database from a Lightsail database's snapshot.
package struct LightsailDatabaseRestore: RestoreWork {
    package let region: Region
    package private(set) var remarks: [String] = []
    private let lightsail: any LightsailRestoreReading
    private let mark: String
    private var request: CreateDatabaseFromSnapshotRequest

    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) {
        let (region, lightsail) = (point.place.region, reading.lightsail)
        (self.region, self.lightsail, mark) = (region, lightsail, order.mark(of: point.set))
        guard let member = point.members.first else { throw .refused("the point has no snapshot") }
        let sidecar = point.sidecar ?? Sidecar([])
        let snapshotName = member.snapshot.rawValue
        let reply = try await found { () async throws(AWSError) in
            try await lightsail.getDatabaseSnapshot(
                DatabaseSnapshotNameRequest(relationalDatabaseSnapshotName: snapshotName), in: region)
        }
        guard let snapshot = reply?.relationalDatabaseSnapshot else {
            throw .refused("the snapshot \(snapshotName) is gone from \(region)")
        }
        let databases = try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getDatabases(LightsailPageRequest(pageToken: token), in: region)
            return (reply.relationalDatabases ?? [], reply.nextPageToken)
        }
        let mark = mark
        let original = snapshot.fromRelationalDatabaseName ?? "restored"
        let name = try LightsailNaming.name(order.names, after: original, slot: point.slot) { candidate in
            databases.first { $0.name == candidate }
                .map { $0.tags.dictionary[RestoreTag.key] == mark ? .us : .another } ?? .nobody
        }
        request = CreateDatabaseFromSnapshotRequest(relationalDatabaseName: name)
        request.relationalDatabaseSnapshotName = snapshotName
        // AWS's own default is the bundle and a zone of its choice.
        request.availabilityZone = order.zone
        request.relationalDatabaseBundleId = order.lightsail.bundle
        request.tags = lightsailTags(order, sidecar, mark)
        if let fault = request.fault ?? tagFault(request.tags) { throw .refused(fault) }
        if let asked = order.lightsail.bundle { try await check(bundle: asked) }
        let stock = try await LightsailStock(region, lightsail)
        guard stock.holder(of: name, mark) == .nobody || databases.contains(where: { $0.name == name }) else {
            throw .refused(
                "relationalDatabaseName: \(name) is there already, and not of this restore: give the new database another name "
                    + "with --as")
        }
        if let zone = order.zone, !stock.zones.contains(zone) {
            throw .refused(
                "availabilityZone: \"\(zone)\" is not to be had in \(region); there are \(stock.zones.joined(separator: ", "))"
            )
        }
    }

    private mutating func check(bundle: String) async throws(RestoreError) {
        let (lightsail, region) = (lightsail, region)
        let all: [LightsailDatabaseBundle] = try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getDatabaseBundles(GetBundlesRequest(pageToken: token), in: region)
            return (reply.bundles ?? [], reply.nextPageToken)
        }
        let bundles = all.filter { $0.isActive != false }
        guard let found = bundles.first(where: { $0.bundleId == bundle }) else {
            let known = bundles.map(\.bundleId).sorted().joined(separator: ", ")
            throw .refused(
                "relationalDatabaseBundleId: there is no active bundle \"\(bundle)\" for databases in \(region); there are \(known)"
            )
        }
        if let price = found.price { remarks.append("\(bundle) costs \(price) US dollars a month") }
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let (lightsail, region, name) = (lightsail, region, request.relationalDatabaseName)
        let database = try await found { () async throws(AWSError) in
            try await lightsail.getDatabase(DatabaseNameRequest(relationalDatabaseName: name), in: region)
        }?.relationalDatabase
        guard let database else {
            outlook.add("create the database \(name) from \(mark)", request)
            return outlook
        }
        guard database.tags.dictionary[RestoreTag.key] == mark else {
            throw .refused(
                "\(name) is there already, and not of this restore: give the new database another name with --as")
        }
        let state = database.state ?? "unknown"
        outlook.there.append("database \(name) (\(state))")
        if state != "available" { outlook.wait(for: "the database \(name), which is \(state)") }
        return outlook
    }
}

/// What AWS would refuse in tags; nil if nothing.
///
/// Source: Lightsail developer guide, "Tags in Lightsail", restrictions.
func tagFault(_ tags: [LightsailTag]?) -> String? {
    let tags = tags ?? []
    if tags.count > 50 {
        return "tags: \(tags.count) are more than the 50 that a resource takes: leave some out, or say --no-tags"
    }
    return tags.lazy.map(\.key).first {
        $0.unicodeScalars.count > 128 || $0.isEmpty || $0.lowercased().hasPrefix("aws:")
    }
    .map { "tags: a key has 1 to 128 characters and does not begin with aws:; got \"\($0)\"" }
}

/// The original's tags, those asked for, and ours.
func lightsailTags(_ order: RestoreOrder, _ sidecar: Sidecar, _ mark: String) -> [LightsailTag] {
    let tags = (order.takesTags ? sidecar.tags : [:]).merging(order.tags) { _, asked in asked }
    return tags.sorted { $0.key < $1.key }.map { LightsailTag(key: $0.key, value: $0.value) }
        + [LightsailTag(key: RestoreTag.key, value: mark)]
}
