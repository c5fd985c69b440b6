import BackupCore

/// What people and other tools do to protect snapshots, from outside.
extension World {
    /// Registers an image; its snapshots cannot be deleted from then on.
    mutating func register(_ seed: ImageSeed, home: String, now: Moment) throws(SeedError) {
        let region = try place(seed.region, home: home, of: seed.id)
        guard seed.id.hasPrefix("ami-") else { throw SeedError("\(seed.id): an image's id begins with ami-") }
        guard regions[region]?.images.contains(where: { $0.id == seed.id }) == false else {
            throw SeedError("\(seed.id) is there twice")
        }
        for id in seed.snapshots where regions[region]?.snapshots.contains(where: { $0.id == id }) == false {
            throw SeedError("\(seed.id): there is no \(id) in \(region)")
        }
        let state = seed.state ?? "available"
        guard ["available", "disabled"].contains(state) else {
            throw SeedError("\(seed.id): an image's state is available or disabled, not \"\(state)\"")
        }
        let image = SimulatedImage(
            id: seed.id, sequence: nextSequence(), name: seed.name ?? seed.id, owner: seed.owner ?? account,
            state: state, createdAt: now, snapshots: seed.snapshots)
        regions[region]?.images.append(image)
    }

    mutating func deregister(_ id: String) throws(SeedError) {
        try update(id) { state, found in
            let before = state.images.count
            state.images.removeAll { $0.id == id }
            found = found || state.images.count < before
        }
    }

    /// Locks a snapshot, or takes its lock off; a lock in compliance mode too, as no user of AWS could.
    mutating func setLock(_ seed: LockSeed?, of id: String, now: Moment) throws(SeedError) {
        let lock = try seed.map { seed throws(SeedError) in try SimulatedLock(seed, of: id, now: now) }
        try update(id) { state, found in
            guard let index = state.snapshots.firstIndex(where: { $0.id == id }) else { return }
            state.snapshots[index].lock = lock
            found = true
        }
    }
}

extension SimulatedLock {
    init(_ seed: LockSeed, of id: String, now: Moment) throws(SeedError) {
        guard let mode = Mode(rawValue: seed.mode) else {
            throw SeedError("\(id): a lock's mode is governance or compliance, not \"\(seed.mode)\"")
        }
        guard mode == .compliance || seed.coolOffHours == nil else {
            throw SeedError("\(id): only a lock in compliance mode has cool-off-hours")
        }
        self.init(
            mode: mode, createdAt: now,
            expiresAt: try seed.until.map { text throws(SeedError) in try SeedTime.moment(text, now: now) },
            coolOffHours: seed.coolOffHours)
    }
}
