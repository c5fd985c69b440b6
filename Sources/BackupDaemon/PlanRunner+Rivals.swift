import BackupCore

/// Two runs on one fleet: looking before something is begun, and once more when all that another began must be shown.
extension PlanRunner {
    /// Something that this run began at a moment.
    struct Watched: Sendable {
        var slot: Moment
        var at: Moment
    }

    /// Remembers what was begun; in Lightsail no second one can be made under the same name, and what a person asks for by hand
    /// is theirs alone.
    func watch(_ point: RecoveryPoint) {
        guard run != nil, point.place.provider == .ec2, point.kind == .scheduled else { return }
        watched[point.id] = Watched(slot: point.slot, at: clock.now)
    }

    /// The same for what an earlier call turned out to have begun, whose reply was lost or came to a process that is no more.
    func watch(found intent: Intent) {
        guard intent.key.verb.makes else { return }
        let set = intent.key.verb == .create ? intent.id : intent.set
        guard let point = inventory.points.first(where: { $0.set == set && $0.site == intent.key.site }) else { return }
        watch(point)
        watched[point.id]?.at = min(clock.now, intent.began)
    }

    /// When it is worth looking whether another run did the same.
    func nextWatch(_ timing: Timing) -> Moment? { watched.values.map { $0.at + timing.rivalsShow }.min() }

    /// Looks for what other runs made for the slots that this one took, once AWS must show it.
    func lookForRivals(_ timing: Timing, hasReadAll: Bool) async {
        let now = clock.now
        // A clock that was ahead may have dated them far into the future.
        watched = watched.mapValues { Watched(slot: $0.slot, at: min($0.at, now)) }
        let ripe = watched.filter { $0.value.at + timing.rivalsShow <= now }
        for (place, points) in Dictionary(grouping: ripe, by: \.key.place).sorted(by: { $0.key < $1.key }) {
            let latest = points.map(\.value.at).max() ?? now
            var isRead = hasReadAll && shows(whatWasDoneAt: latest, in: place, timing.rivalsShow)
            if !isRead { isRead = await look(for: Set(points.map(\.value.slot)), in: place) }
            for (id, _) in points {
                if isRead { watched[id] = nil } else { watched[id]?.at = now }
            }
        }
    }

    /// Where points are to be created or copied on a reading that is not of this pass, looks whether another run did so since;
    /// true if the plan is to be made again.
    ///
    /// What could not be looked at counts as not read: nothing is begun there before it is.
    func lookAgain(beforeBeginning plan: Plan) async -> Bool {
        guard run != nil else { return false }
        var slots: [Place: Set<Moment>] = [:]
        for action in plan.actions {
            guard let place = action.queue, place.provider == .ec2 else { continue }
            slots[place, default: []].insert(action.slot)
        }
        for (place, slots) in slots.sorted(by: { $0.key < $1.key }) { await look(for: slots, in: place) }
        return !slots.isEmpty
    }

    /// Takes over all points of these slots; false if they could not be read.
    @discardableResult private func look(for slots: Set<Moment>, in place: Place) async -> Bool {
        do {
            inventory.join(
                try await cloud.points(ofSlots: slots, in: place).filter { deleted[$0.id] == nil }, in: place)
            return true
        } catch {
            inventory.listings[place]?.gap = error
            narrator.narrate(gapIn: place, error)
            return false
        }
    }

    /// Says which conflicts came to light; true if this run steps back from now on because of them.
    func stepBack(over conflicts: [FleetConflict]) async -> Bool {
        narrator.narrate(conflicts)
        // One that is not settled for long, as what goes is held, says nothing new.
        let news = conflicts.filter { !answered.contains($0.point.id) }
        answered = Set(conflicts.map(\.point.id))
        guard let run, memory.steppedBack == nil, news.contains(where: { $0.sendsBack(run) }) else { return false }
        await record([.steppedBack(clock.now)])
        narrator.narrateStepBack()
        return true
    }

    /// What was left to the other was not done in time, and is begun here; unless the other has taken that slot of other
    /// resources, and lives.
    func goFirstAgain(havingBegun slot: Moment) async {
        guard memory.steppedBack != nil else { return }
        let isOtherAlive = inventory.points.contains { point in
            !point.isCopy && point.kind == .scheduled && slot <= point.slot
                && point.members.contains { $0.run != nil && $0.run != run }
        }
        guard !isOtherAlive else { return }
        await record([.steppedBack(nil)])
        narrator.narrateGoingFirst()
    }
}
