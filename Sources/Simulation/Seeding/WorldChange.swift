package import BackupCore

/// Something that happens to a world from outside, as JSON.
package struct WorldChange: Codable, Sendable {
    /// EC2 instances' and volumes' ids, or names of Lightsail's instances, disks and databases.
    package var terminate: [String]?
    /// Snapshots' ids or names, which end in failure.
    package var fail: [String]?
    package var timings: Timings?
    package var badKeys: [String]?
    package var denied: [String]?
    /// Snapshots' ids, with the lock that each now has.
    package var lock: [String: LockSeed]?
    /// Snapshots' ids.
    package var unlock: [String]?
    package var registerImages: [ImageSeed]?
    /// Images' ids.
    package var deregisterImages: [String]?
    /// Names of Lightsail's instances or disks, with automatic snapshots that are to be otherwise than they would come.
    package var autoSnapshots: [String: [AutoSnapshotSeed]]?

    package init() {}

    enum CodingKeys: String, CodingKey {
        case terminate, fail, timings
        case badKeys = "bad-keys"
        case denied, lock, unlock
        case registerImages = "register-images"
        case deregisterImages = "deregister-images"
        case autoSnapshots = "auto-snapshots"
    }
}

extension World {
    /// Makes all of the change, or none of it if it names something that is not there.
    package mutating func apply(_ change: WorldChange, now: Moment) throws(SeedError) {
        var changed = self
        changed.timings = change.timings ?? timings
        changed.badKeys = change.badKeys.map { Set($0) } ?? badKeys
        changed.denied = change.denied.map { Set($0) } ?? denied
        for name in change.terminate ?? [] { try changed.terminate(name, now: now) }
        for name in change.fail ?? [] { try changed.fail(name, now: now) }
        for (id, lock) in (change.lock ?? [:]).sorted(by: { $0.key < $1.key }) {
            try changed.setLock(lock, of: id, now: now)
        }
        for id in change.unlock ?? [] { try changed.setLock(nil, of: id, now: now) }
        for image in change.registerImages ?? [] { try changed.register(image, home: home.rawValue, now: now) }
        for id in change.deregisterImages ?? [] { try changed.deregister(id) }
        for (name, seeds) in (change.autoSnapshots ?? [:]).sorted(by: { $0.key < $1.key }) {
            try changed.changeAutomatic(of: name, seeds, now: now)
        }
        self = changed
    }

    private mutating func changeAutomatic(of name: String, _ seeds: [AutoSnapshotSeed], now: Moment) throws(SeedError) {
        let wanted = try SimulatedAutomatic.known(seeds, of: name, now: now)
        let dates = Set(wanted.map(\.date))
        let change = { (automatic: inout SimulatedAutomatic) in
            automatic.known = automatic.known.filter { !dates.contains($0.date) } + wanted
        }
        try update(name) { state, found in
            for index in state.lightsailInstances.indices where state.lightsailInstances[index].name == name {
                change(&state.lightsailInstances[index].automatic)
                found = true
            }
            for index in state.lightsailDisks.indices where state.lightsailDisks[index].name == name {
                change(&state.lightsailDisks[index].automatic)
                found = true
            }
        }
    }

    /// An EC2 instance stays listed for an hour, without volumes; everything else is gone, its name free.
    private mutating func terminate(_ name: String, now: Moment) throws(SeedError) {
        try update(name) { state, found in
            if let index = state.instances.firstIndex(where: { $0.id == name }) {
                state.terminate(index, at: now)
                found = true
            }
            let before = state.resourceCount
            state.volumes.removeAll { $0.id == name }
            state.removeLightsailInstance(name)
            state.lightsailDisks.removeAll { $0.name == name }
            state.lightsailDatabases.removeAll { $0.name == name }
            found = found || state.resourceCount < before
        }
    }

    private mutating func fail(_ name: String, now: Moment) throws(SeedError) {
        try update(name) { state, found in
            if let index = state.snapshots.firstIndex(where: { $0.id == name }) {
                state.snapshots[index].life = state.snapshots[index].life.failed(now: now)
                found = true
            }
            if let index = state.lightsailSnapshots.firstIndex(where: { $0.name == name }) {
                state.lightsailSnapshots[index].life = state.lightsailSnapshots[index].life.failed(now: now)
                found = true
            }
        }
    }

    mutating func update(_ name: String, _ body: (inout RegionState, inout Bool) -> Void) throws(SeedError) {
        var found = false
        for region in regions.keys.sorted() {
            guard var state = regions[region] else { continue }
            body(&state, &found)
            regions[region] = state
        }
        guard found else { throw SeedError("there is no \(name) in this world") }
    }
}

extension RegionState {
    fileprivate var resourceCount: Int {
        volumes.count + lightsailInstances.count + lightsailDisks.count + lightsailDatabases.count
    }
}

extension Life {
    fileprivate func failed(now: Moment) -> Life {
        Life(startedAt: startedAt, readyAt: min(now, readyAt), failure: World.internalFailure)
    }
}
