import BackupCore

extension PlanRunner {
    /// Reads, and returns whether that was everything.
    @discardableResult func read(_ configuration: Configuration, _ reading: Reading) async -> Bool {
        // Nothing is put off for so long, unless by a clock that was ahead.
        postponed = postponed.filter { $0.value <= clock.now + configuration.timing.quotaWait }
        let ripe = memory.open.values.contains {
            !underWay.contains($0.id) && beginning(of: $0) + configuration.timing.consistency <= clock.now
        }
        let hasSettled = memory.newcomerUntil(inventory, configuration.timing, now: clock.now).map { $0 <= clock.now }
        let reading = ripe || hasSettled == true ? .everything : reading
        switch reading {
        case .everything: await readEverything(configuration)
        case .pending: await refreshPending()
        case .nothing: break
        }
        narrator.narrateStates(of: inventory, in: configuration)
        return reading == .everything
    }

    private func readEverything(_ configuration: Configuration) async {
        let scopes = configuration.scopes
        let listings = await listings(of: scopes)
        guard listings.count == scopes.count else { return }
        for (place, listing) in listings.sorted(by: { $0.key < $1.key }) {
            if let gap = listing.gap { narrator.narrate(gapIn: place, gap) }
            if let gap = listing.protectionGap { narrator.narrate(protectionGapIn: place, gap) }
            if let gap = listing.sharingGap { narrator.narrate(sharingGapIn: place, gap) }
        }
        inventory = Inventory(listings)
        bridgeConsistencyGap(configuration.timing.consistency)
    }

    /// What AWS shows of each place; less if it is told to stop meanwhile.
    private func listings(of scopes: [Place: Scope]) async -> [Place: Listing] {
        let (cloud, stopBell) = (cloud, stopBell)
        var listings: [Place: Listing] = [:]
        guard !scopes.isEmpty else { return listings }
        await withTaskGroup(of: (Place, Listing)?.self) { group in
            for (place, scope) in scopes.sorted(by: { $0.key < $1.key }) {
                group.addTask { (place, await cloud.listing(of: place, scope: scope)) }
            }
            group.addTask {
                await stopBell.wait()
                return nil
            }
            for await found in group {
                guard let (place, listing) = found else { break }
                listings[place] = listing
                if listings.count == scopes.count { break }
            }
            group.cancelAll()
        }
        return listings
    }

    /// Where something waits for room that snapshots of others take, too, those are looked at anew.
    private func refreshUnderWay() async {
        for place in crowded.sorted() where inventory.listings[place]?.underWay.isEmpty == false {
            do {
                inventory.listings[place]?.underWay = try await cloud.underWay(in: place)
            } catch {
                narrator.narrate(gapIn: place, error)
            }
        }
    }

    /// AWS may not show yet what it has just done; what this process saw done counts until it does.
    private func bridgeConsistencyGap(_ consistency: Duration) {
        let now = clock.now
        // After a step back of the clock, a moment ago may lie days ahead: what is remembered must not outlive AWS's own
        // word for so long.
        made = made.mapValues { ($0.point, min($0.at, now)) }
            .filter { !shows(whatWasDoneAt: $0.value.at, in: $0.key.place, consistency) }
        deleted = deleted.mapValues { min($0, now) }
            .filter { !shows(whatWasDoneAt: $0.value, in: $0.key.place, consistency) }
        for (_, recent) in made.sorted(by: { $0.key < $1.key }) { inventory.join(recent.point) }
        for id in deleted.keys { inventory.remove(id) }
        settings = settings.mapValues { ($0.0, min($0.at, now)) }.filter { now < $0.value.at + consistency }
        guard !settings.isEmpty else { return }
        for resource in inventory.resources {
            if let (setting, _) = settings[resource.id] { inventory.set(setting, of: resource) }
        }
    }

    /// Whether a reading is proof of what was done at a moment: it must have begun, not ended, after the delay.
    func shows(whatWasDoneAt moment: Moment, in place: Place, _ consistency: Duration) -> Bool {
        guard let listing = inventory.listings[place] else { return true }
        return listing.gap == nil && moment + consistency <= listing.read
    }

    private func refreshPending() async {
        await refreshUnderWay()
        let pending = Dictionary(grouping: inventory.points.filter(\.isFollowed), by: \.place)
        for (place, points) in pending.sorted(by: { $0.key < $1.key }) {
            do {
                let asked = Dictionary(uniqueKeysWithValues: points.map { ($0.id, Set($0.members.map(\.snapshot))) })
                for var point in try await cloud.refreshed(points.sorted { $0.id < $1.id }, in: place) {
                    // What a call that is under way made or deleted meanwhile was not asked for.
                    guard let known = inventory.point(point.id) else { continue }
                    point.members += known.members.filter { asked[point.id]?.contains($0.snapshot) == false }
                    inventory.merge(point)
                    made[point.id]?.point = point
                }
            } catch {
                narrator.narrate(gapIn: place, error)
            }
        }
    }
}

extension RecoveryPoint {
    /// Whether it is being made by us, and is asked about until it is done; Lightsail's own come with the next reading.
    var isFollowed: Bool { state == .pending && !isAutomatic }
}

extension Inventory {
    /// Takes over how a resource's automatic snapshots were just set.
    mutating func set(_ setting: AutomaticSetting, of resource: Resource) {
        guard let index = listings[resource.place]?.resources.firstIndex(where: { $0.id == resource.id }) else {
            return
        }
        listings[resource.place]?.resources[index].automatic = setting
    }
}
