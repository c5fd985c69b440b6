import BackupCore

/// Lightsail's part of a seed.
extension World {
    mutating func plant(_ seed: LightsailInstanceSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(newName: seed.name, in: seed.region, home: home)
        let automatic = try SimulatedAutomatic(seed.autoSnapshots, seed.automatic, of: seed.name, now: now)
        let zone = "\(region)\(seed.zone ?? "a")"
        var instance = SimulatedLightsailInstance(
            name: seed.name, uuid: seed.uuid ?? generator.uuid(), sequence: nextSequence(), life: .over(at: now),
            visibleAt: now, zone: zone, bundle: seed.bundle ?? LightsailKind.instance.seededBundle,
            blueprint: seed.blueprint ?? LightsailKind.instance.seededBlueprint,
            systemDiskSize: 40, automatic: automatic, tags: TagList(seeded: seed.tags ?? [:], at: now))
        instance.ports = seed.ports ?? instance.ports
        instance.keyPair = seed.keyPair ?? instance.keyPair
        instance.addressType = seed.ipAddressType ?? instance.addressType
        instance.idle = seed.stopOnIdle
        regions[region]?.lightsailInstances.append(instance)
        for disk in seed.disks ?? [] {
            let planted = SimulatedLightsailDisk(
                name: disk.name, uuid: generator.uuid(), sequence: nextSequence(), life: .over(at: now), visibleAt: now,
                zone: zone, size: disk.size, path: disk.path, attachedTo: seed.name, automatic: SimulatedAutomatic(),
                tags: TagList(seeded: disk.tags ?? [:], at: now))
            regions[region]?.lightsailDisks.append(planted)
        }
    }

    mutating func plant(_ seed: LightsailStaticIPSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(newName: seed.name, in: seed.region, home: home)
        let sequence = nextSequence()
        regions[region]?.staticIPs.append(
            SimulatedStaticIP(
                name: seed.name, uuid: generator.uuid(), sequence: sequence, createdAt: now,
                address: seed.address ?? "198.51.100.\(sequence % 250 + 1)", attachedTo: seed.attachedTo))
    }

    mutating func plant(_ seed: LightsailKeyPairSeed, home: String) throws(SeedError) {
        let region = try place(seed.region, home: home, of: seed.name)
        regions[region]?.keyPairs.append(seed.name)
    }

    mutating func plant(_ seed: LightsailDiskSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(newName: seed.name, in: seed.region, home: home)
        let automatic = try SimulatedAutomatic(seed.autoSnapshots, seed.automatic, of: seed.name, now: now)
        let disk = SimulatedLightsailDisk(
            name: seed.name, uuid: seed.uuid ?? generator.uuid(), sequence: nextSequence(), life: .over(at: now),
            visibleAt: now, zone: "\(region)a", size: seed.size ?? 32, automatic: automatic,
            tags: TagList(seeded: seed.tags ?? [:], at: now))
        regions[region]?.lightsailDisks.append(disk)
    }

    mutating func plant(_ seed: LightsailDatabaseSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(newName: seed.name, in: seed.region, home: home)
        let database = SimulatedLightsailDatabase(
            name: seed.name, uuid: seed.uuid ?? generator.uuid(), sequence: nextSequence(), life: .over(at: now),
            visibleAt: now, zone: "\(region)a", size: seed.size ?? 40, state: seed.state,
            bundle: LightsailKind.database.seededBundle,
            blueprint: LightsailKind.database.seededBlueprint,
            tags: TagList(seeded: seed.tags ?? [:], at: now))
        regions[region]?.lightsailDatabases.append(database)
    }

    mutating func plant(_ seed: LightsailSnapshotSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(newName: seed.name, in: seed.region, home: home)
        let start = try SeedTime.moment(seed.created, now: now)
        let life = try Life(
            seeded: seed.state, good: "available", start: start, seconds: timings.snapshotSeconds, now: now)
        let found = source(of: seed, in: region)
        let isARN = seed.from.hasPrefix("arn:")
        let kind = found?.kind ?? (isARN ? LightsailKind(ofARN: seed.from) : nil) ?? .instance
        let arn = found?.arn ?? (isARN ? seed.from : lightsailARN(kind.rawValue, generator.uuid(), in: region))
        let disks = found?.disks ?? []
        let made = SimulatedLightsailSnapshot(
            kind: kind, name: seed.name, uuid: generator.uuid(), sequence: nextSequence(), life: life, visibleAt: start,
            fromName: found?.name ?? seed.from, fromARN: arn, bundle: found?.instance?.bundle ?? kind.seededBundle,
            blueprint: found?.instance?.blueprint ?? kind.seededBlueprint, disks: disks,
            size: found?.size ?? 0, isFromAutoSnapshot: false, tags: TagList(seeded: seed.tags ?? [:], at: start))
        regions[region]?.lightsailSnapshots.append(made)
    }

    private func place(newName name: String, in region: String?, home: String) throws(SeedError) -> Region {
        let region = try place(region, home: home, of: name)
        guard regions[region]?.isTaken(name) == false else { throw SeedError("\(name) is there twice") }
        return region
    }

    /// What a seeded snapshot is of.
    private struct Source {
        var kind: LightsailKind
        var name: String
        var arn: String
        var size: Int
        var instance: SimulatedLightsailInstance?
        var disks: [SimulatedLightsailInstance.Disk] = []
    }

    private func source(of seed: LightsailSnapshotSeed, in region: Region) -> Source? {
        for (place, state) in regions.sorted(by: { $0.key < $1.key }) {
            let all =
                state.lightsailInstances.map { instance in
                    Source(
                        kind: .instance, name: instance.name, arn: lightsailARN("Instance", instance.uuid, in: place),
                        size: instance.systemDiskSize, instance: instance, disks: state.disks(of: instance))
                }
                + state.lightsailDisks.map { disk in
                    Source(
                        kind: .disk, name: disk.name, arn: lightsailARN("Disk", disk.uuid, in: place), size: disk.size)
                }
                + state.lightsailDatabases.map { database in
                    Source(
                        kind: .database, name: database.name,
                        arn: lightsailARN("RelationalDatabase", database.uuid, in: place), size: database.size)
                }
            let found = all.first { $0.arn == seed.from || (place == region && $0.name == seed.from) }
            if let found { return found }
        }
        return nil
    }
}

extension LightsailKind {
    fileprivate var seededBundle: String { self == .database ? "micro_2_0" : "small_3_0" }
    fileprivate var seededBlueprint: String { self == .database ? "mysql_8_0" : "debian_12" }

    /// `…:Disk/6f1d…`.
    fileprivate init?(ofARN arn: String) {
        guard let type = arn.split(separator: ":").last?.split(separator: "/").first else { return nil }
        self.init(rawValue: String(type))
    }
}

extension SimulatedAutomatic {
    init(_ seeds: [AutoSnapshotSeed]?, _ time: String?, of name: String, now: Moment) throws(SeedError) {
        known = try SimulatedAutomatic.known(seeds ?? [], of: name, now: now).map { snapshot in
            // What is there already began before now.
            var snapshot = snapshot
            snapshot.createdAt = min(snapshot.createdAt, now)
            return snapshot
        }
        guard let time else { return }
        guard time.count == 5, time.hasSuffix(":00"), let hour = Int(time.prefix(2)), (0...23).contains(hour) else {
            throw SeedError("\(name): automatic is a whole hour such as 06:00, not \"\(time)\"")
        }
        setting = Setting(hour: hour, since: now)
    }

    static func known(_ seeds: [AutoSnapshotSeed], of name: String, now: Moment) throws(SeedError) -> [Snapshot] {
        try seeds.map { seed throws(SeedError) in
            guard let midnight = Moment(rfc3339: seed.date + "T00:00:00Z") else {
                throw SeedError("\(name): an automatic snapshot's date is 2026-11-20, not \"\(seed.date)\"")
            }
            let created = try seed.created.map { text throws(SeedError) in try SeedTime.moment(text, now: now) }
            return Snapshot(
                date: seed.date, status: seed.status ?? "Success",
                createdAt: created ?? midnight + .seconds(6 * 3600) + SimulatedAutomatic.delay)
        }
    }
}
