import BackupCore

/// What a Lightsail instance is restored from: a manual snapshot, or an automatic one of an instance that is there still.
struct LightsailOrigin {
    /// The original's name.
    var name: String
    var bundle: String?
    /// Of the system disk; what the new bundle must hold at least.
    var gibibytes: Int
    /// Those besides the system disk, with the paths that they were attached at.
    var disks: [LightsailDisk]
    private var source: Source

    private enum Source {
        case manual(String)
        /// Without a date the latest.
        case automatic(String, date: String?)
    }

    init(
        _ point: RecoveryPoint, _ lightsail: any LightsailRestoreReading, _ order: RestoreOrder
    ) async throws(RestoreError) {
        let region = point.place.region
        guard let member = point.members.first else { throw .refused("the point has no snapshot") }
        if point.isAutomatic {
            guard let id = AutomaticSnapshotID(member.snapshot) else {
                throw .refused("no automatic snapshot: \(member.snapshot)")
            }
            let reply = try await found { () async throws(AWSError) in
                try await lightsail.getInstance(InstanceNameRequest(instanceName: id.resource), in: region)
            }
            guard let instance = reply?.instance else {
                throw .refused("\(id.resource) is gone, and its automatic snapshots with it: restore a copy of it")
            }
            name = instance.name
            bundle = instance.bundleId
            let all = instance.hardware?.disks ?? []
            gibibytes = all.first { $0.isSystemDisk == true }?.sizeInGb ?? 0
            disks = all.filter { $0.isSystemDisk != true }
            source = .automatic(id.resource, date: order.lightsail.takesLatestAutomatic ? nil : id.date)
            return
        }
        if order.lightsail.takesLatestAutomatic {
            throw .refused("useLatestRestorableAutoSnapshot: this point is a manual snapshot, not an automatic one")
        }
        let reply = try await found { () async throws(AWSError) in
            try await lightsail.getInstanceSnapshot(
                InstanceSnapshotNameRequest(instanceSnapshotName: member.snapshot.rawValue), in: region)
        }
        guard let snapshot = reply?.instanceSnapshot else {
            throw .refused("the snapshot \(member.snapshot) is gone from \(region)")
        }
        name = snapshot.fromInstanceName ?? LightsailName(snapshot.name)?.instance ?? "restored"
        bundle = snapshot.fromBundleId
        gibibytes = snapshot.sizeInGb ?? 0
        disks = (snapshot.fromAttachedDisks ?? []).filter { $0.isSystemDisk != true }
        let attached = disks.compactMap(\.sizeInGb).reduce(0, +)
        // The snapshot's size is that of all its disks.
        if attached < gibibytes { gibibytes -= attached }
        source = .manual(snapshot.name)
    }

    /// Writes into a request what it is made from.
    func name(in request: inout CreateInstancesFromSnapshotRequest) {
        switch source {
        case .manual(let name): request.instanceSnapshotName = name
        case .automatic(let name, let date):
            request.sourceInstanceName = name
            request.restoreDate = date
            if date == nil { request.useLatestRestorableAutoSnapshot = true }
        }
    }
}

/// What a region of Lightsail has: to choose from, and to keep out of the way of.
struct LightsailStock {
    var bundles: [LightsailBundle]
    var zones: [String]
    var keyPairs: Set<String>
    var staticIPs: [LightsailStaticIP]
    var instances: [String: LightsailInstance]
    /// Those besides system disks.
    var disks: [String: LightsailDisk]
    var databases: [LightsailDatabase]

    init(_ region: Region, _ lightsail: any LightsailRestoreReading) async throws(RestoreError) {
        bundles = try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getBundles(
                GetBundlesRequest(includeInactive: true, pageToken: token), in: region)
            return (reply.bundles ?? [], reply.nextPageToken)
        }
        zones = try await LightsailStock.zones(of: region, lightsail)
        keyPairs = Set(
            try await pages { (token) async throws(AWSError) in
                let reply = try await lightsail.getKeyPairs(GetKeyPairsRequest(pageToken: token), in: region)
                return (reply.keyPairs ?? [], reply.nextPageToken)
            }.map(\.name))
        staticIPs = try await LightsailStock.staticIPs(in: region, lightsail)
        let all = try await LightsailStock.instances(in: region, lightsail)
        instances = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        disks = try await LightsailStock.disks(in: region, lightsail)
        databases = try await LightsailStock.databases(in: region, lightsail)
    }

    /// Who has that name; names are unique over all of Lightsail's resources in a region.
    func holder(of name: String, _ mark: String) -> LightsailNaming.Holder {
        let tags =
            instances[name].map(\.tags) ?? disks[name].map(\.tags) ?? databases.first { $0.name == name }.map(\.tags)
        guard let tags else { return staticIPs.contains { $0.name == name } ? .another : .nobody }
        return tags.dictionary[RestoreTag.key] == mark ? .us : .another
    }

    static func instances(
        in region: Region, _ lightsail: any LightsailRestoreReading
    ) async throws(RestoreError) -> [LightsailInstance] {
        try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getInstances(LightsailPageRequest(pageToken: token), in: region)
            return (reply.instances ?? [], reply.nextPageToken)
        }
    }

    static func databases(
        in region: Region, _ lightsail: any LightsailRestoreReading
    ) async throws(RestoreError) -> [LightsailDatabase] {
        try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getDatabases(LightsailPageRequest(pageToken: token), in: region)
            return (reply.relationalDatabases ?? [], reply.nextPageToken)
        }
    }

    static func zones(
        of region: Region, _ lightsail: any LightsailRestoreReading
    ) async throws(RestoreError) -> [String] {
        let regions = try await asked { () async throws(AWSError) in
            try await lightsail.getRegions(GetRegionsRequest(includeAvailabilityZones: true), in: region)
        }.regions
        let here = regions?.first { $0.name == region.rawValue }
        return (here?.availabilityZones ?? []).filter { $0.state == "available" }.compactMap(\.zoneName).sorted()
    }

    static func staticIPs(
        in region: Region, _ lightsail: any LightsailRestoreReading
    ) async throws(RestoreError) -> [LightsailStaticIP] {
        try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getStaticIPs(LightsailPageRequest(pageToken: token), in: region)
            return (reply.staticIps ?? [], reply.nextPageToken)
        }
    }

    static func disks(
        in region: Region, _ lightsail: any LightsailRestoreReading
    ) async throws(RestoreError) -> [String: LightsailDisk] {
        let all = try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getDisks(LightsailPageRequest(pageToken: token), in: region)
            return (reply.disks ?? [], reply.nextPageToken)
        }
        let named = all.filter { $0.isSystemDisk != true }.compactMap { disk in disk.name.map { ($0, disk) } }
        return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }
}

/// All items of all pages; `page` gives one, and the token of the next.
func pages<Item>(
    _ page: (_ token: String?) async throws(AWSError) -> (items: [Item], next: String?)
) async throws(RestoreError) -> [Item] {
    var items: [Item] = []
    var token: String?
    repeat {
        let next: (items: [Item], next: String?)
        do throws(AWSError) { next = try await page(token) } catch { throw .failed(error) }
        items += next.items
        token = next.next
    } while token != nil
    return items
}
