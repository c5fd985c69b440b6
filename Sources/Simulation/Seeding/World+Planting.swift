package import BackupCore

extension World {
    /// A new world out of a seed, whose relative times are measured from `now`; `number` begins the ids.
    package init(_ seed: Seed, now: Moment, number: UInt64 = 1) throws(SeedError) {
        self.init(regions: (seed.regions ?? ["us-east-1"]).map { Region($0) }, seed: number)
        try plant(seed, now: now)
    }

    /// Adds what the seed holds to what there is; settings that it gives replace those of the world.
    package mutating func plant(_ seed: Seed, now: Moment) throws(SeedError) {
        var planted = self
        planted.account = seed.account ?? account
        planted.timings = seed.timings ?? timings
        planted.instanceAddress = seed.instanceAddress ?? instanceAddress
        planted.badKeys = seed.badKeys.map { Set($0) } ?? badKeys
        planted.denied = seed.denied.map { Set($0) } ?? denied
        for region in seed.regions ?? [] where planted.regions[Region(region)] == nil {
            planted.regions[Region(region)] = RegionState()
        }
        for role in seed.roles ?? [] { try planted.plant(role) }
        let home = seed.regions?.first ?? self.home.rawValue
        for instance in seed.ec2Instances ?? [] { try planted.plant(instance, home: home, now: now) }
        for volume in seed.ec2Volumes ?? [] { try planted.plant(volume, home: home, now: now) }
        for instance in seed.lightsailInstances ?? [] { try planted.plant(instance, home: home, now: now) }
        for disk in seed.lightsailDisks ?? [] { try planted.plant(disk, home: home, now: now) }
        for database in seed.lightsailDatabases ?? [] { try planted.plant(database, home: home, now: now) }
        for address in seed.lightsailStaticIPs ?? [] { try planted.plant(address, home: home, now: now) }
        for keyPair in seed.lightsailKeyPairs ?? [] { try planted.plant(keyPair, home: home) }
        for snapshot in seed.snapshots ?? [] { try planted.plant(snapshot, home: home, now: now) }
        for image in seed.images ?? [] { try planted.register(image, home: home, now: now) }
        for snapshot in seed.lightsailSnapshots ?? [] { try planted.plant(snapshot, home: home, now: now) }
        for (account, seed) in (seed.accounts ?? [:]).sorted(by: { $0.key < $1.key }) {
            let home = planted.account
            planted.enter(account)
            var part = seed
            (part.account, part.timings, part.badKeys, part.denied) = (nil, nil, nil, nil)
            try planted.plant(part, now: now)
            planted.enter(home)
        }
        self = planted
    }

    func place(_ region: String?, home: String, of what: String) throws(SeedError) -> Region {
        let region = Region(region ?? home)
        guard regions[region] != nil else { throw SeedError("\(what): region \(region) is not among \"regions\"") }
        return region
    }

    private mutating func plant(_ seed: RoleSeed) throws(SeedError) {
        guard let arn = RoleARN(seed.arn) else {
            throw SeedError("\(seed.arn): a role's ARN is like arn:aws:iam::111122223333:role/name")
        }
        roles[seed.arn] = SimulatedRole(
            arn: arn, externalID: seed.externalID, longest: seed.longestSeconds ?? 3600,
            webIdentityToken: seed.webIdentityToken)
    }

    private mutating func plant(_ seed: EC2InstanceSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(seed.region, home: home, of: seed.id)
        var state = regions[region] ?? RegionState()
        guard seed.id.hasPrefix("i-") else { throw SeedError("\(seed.id): an instance's id begins with i-") }
        guard !state.instances.contains(where: { $0.id == seed.id }) else {
            throw SeedError("\(seed.id) is there twice")
        }
        guard World.stateCode(seed.state ?? "running") != nil else {
            throw SeedError("\(seed.id): no instance is ever in state \"\(seed.state ?? "")\"")
        }
        var tags = seed.tags ?? [:]
        tags["Name"] = seed.name ?? tags["Name"]
        let volumes = seed.volumes ?? []
        let zone = seed.localZone ?? "\(region)\(seed.zone ?? "a")"
        let root = volumes.first { $0.boot == true }?.device ?? "/dev/xvda"
        state.instances.append(
            SimulatedInstance(
                id: seed.id, sequence: nextSequence(), reservation: generator.identifier("r"),
                state: seed.state ?? "running", terminatedAt: seed.state == "terminated" ? now : nil,
                rootDevice: root, outpostArn: seed.outpost, localZone: seed.localZone, zone: zone, runsAt: now,
                visibleAt: now, hardware: SimulatedHardware(seed), tags: TagList(seeded: tags, at: now)))
        for volume in volumes {
            try state.check(newVolume: volume.id)
            state.volumes.append(
                SimulatedVolume(
                    id: volume.id, sequence: nextSequence(), size: volume.size ?? 8, type: volume.type ?? "gp3",
                    kmsKey: volume.kmsKey, isEncrypted: volume.encrypted ?? (volume.kmsKey != nil), zone: zone,
                    speed: SimulatedVolume.Speed(
                        of: volume.type ?? "gp3", size: volume.size ?? 8, volume.iops, volume.throughput),
                    usableAt: now, visibleAt: now,
                    attachment: .init(
                        instance: seed.id, device: volume.device, isRoot: volume.device == root,
                        goesWithIt: volume.device == root),
                    tags: TagList(seeded: volume.tags ?? [:], at: now)))
        }
        regions[region] = state
    }

    private mutating func plant(_ seed: EC2VolumeSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(seed.region, home: home, of: seed.id)
        var state = regions[region] ?? RegionState()
        try state.check(newVolume: seed.id)
        var tags = seed.tags ?? [:]
        tags["Name"] = seed.name ?? tags["Name"]
        state.volumes.append(
            SimulatedVolume(
                id: seed.id, sequence: nextSequence(), size: seed.size ?? 8, type: seed.type ?? "gp3",
                kmsKey: seed.kmsKey, isEncrypted: seed.encrypted ?? (seed.kmsKey != nil), zone: "\(region)a",
                speed: SimulatedVolume.Speed(of: seed.type ?? "gp3", size: seed.size ?? 8), usableAt: now,
                visibleAt: now,
                tags: TagList(seeded: tags, at: now)))
        regions[region] = state
    }
}

extension World {
    private mutating func plant(_ seed: SnapshotSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(seed.region, home: home, of: seed.id ?? "a snapshot")
        let start = try SeedTime.moment(seed.start, now: now)
        let id = seed.id ?? generator.identifier("snap")
        let isCopy = seed.volume == SimulatedSnapshot.volumeOfCopies
        let life = try Life(
            seeded: seed.state, good: "completed", start: start, seconds: timings.snapshotSeconds, now: now)
        let sequence = nextSequence()
        let lock = try seed.locked.map { seed throws(SeedError) in try SimulatedLock(seed, of: id, now: now) }
        regions[region]?.snapshots.append(
            SimulatedSnapshot(
                id: id, sequence: sequence, owner: seed.owner ?? account, volume: seed.volume, dataOf: seed.volume,
                description: seed.description ?? "", size: seed.size ?? 8,
                isEncrypted: seed.encrypted ?? (seed.kmsKey != nil), kmsKey: seed.kmsKey, life: life,
                visibleAt: start, lock: lock,
                copiedFrom: isCopy ? .init(region: region, snapshot: "") : nil,
                tags: TagList(seeded: seed.tags ?? [:], at: start)))
    }
}

extension SimulatedHardware {
    init(_ seed: EC2InstanceSeed) {
        type = seed.type ?? type
        architecture = seed.architecture ?? architecture
        keyName = seed.keyName
        subnet = seed.subnet
        securityGroups = seed.securityGroups ?? []
        profile = seed.profile
        platform = seed.platform ?? platform
        bootMode = seed.bootMode
        tpmSupport = seed.tpmSupport
        uefiData = seed.uefiData
    }
}

extension RegionState {
    fileprivate func check(newVolume id: String) throws(SeedError) {
        guard id.hasPrefix("vol-") else { throw SeedError("\(id): a volume's id begins with vol-") }
        guard !volumes.contains(where: { $0.id == id }) else { throw SeedError("\(id) is there twice") }
    }
}

extension TagList {
    init(seeded tags: [String: String], at moment: Moment) {
        self.init(tags.sorted { $0.key < $1.key }.map { (key: $0.key, value: Optional($0.value)) }, visibleAt: moment)
    }
}

extension Life {
    /// The life of what is there already: over, unless it is said to be pending.
    init(seeded state: String?, good: String, start: Moment, seconds: Int64, now: Moment)
        throws(SeedError)
    {
        switch state ?? good {
        case good: self.init(startedAt: start, readyAt: min(now, start + .seconds(seconds)))
        case "pending": self.init(startedAt: start, readyAt: now + .seconds(seconds))
        case "error": self.init(startedAt: start, readyAt: start, failure: World.internalFailure)
        default: throw SeedError("a snapshot's state is \(good), pending or error, not \"\(state ?? "")\"")
        }
    }
}

/// Times of a seed.
enum SeedTime {
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

    static func moment(_ text: String, now: Moment) throws(SeedError) -> Moment {
        if let moment = Moment(rfc3339: text) { return moment }
        guard let sign = text.first, sign == "-" || sign == "+", let unit = text.last.flatMap({ units[$0] }),
            let count = Int64(text.dropFirst().dropLast()), count >= 0
        else {
            throw SeedError("\"\(text)\" is no time: write 2026-11-20T02:00:00Z, or -26h for 26 hours ago")
        }
        return now + .seconds(sign == "-" ? -count * unit : count * unit)
    }
}
