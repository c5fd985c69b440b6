import BackupCore

/// What is left to be removed, as far as no ledger has to remember it.
struct DrillCleaning {
    /// Where something may lie that a drill made and nobody remembers; nil before the first look.
    var unswept: Set<Place>?
    /// How often in a row something could not be removed.
    var failures = 0
    /// When to try again what could not be removed; nil if nothing is left.
    var next: Moment?
    /// When to look again for what may be another installation's; of ours nothing waits for that.
    var nextSweep = Moment.longAgo

    static let longestPause = Duration.seconds(86_400)

    /// Whether it is time; a clock that was far ahead keeps nothing waiting for longer than the longest pause.
    static func isTime(_ moment: Moment?, now: Moment) -> Bool {
        moment.map { $0 <= now || $0 - now > longestPause } ?? true
    }
}

extension Drills {
    /// Removes what earlier drills left, now and after growing waits, until nothing is left.
    func clean(_ configuration: Configuration, _ cleaning: inout DrillCleaning) async {
        guard DrillCleaning.isTime(cleaning.next, now: clock.now) else { return }
        let history = await runner.memory.drills
        var unswept = cleaning.unswept ?? configuration.drillPlaces.union(history.records.values.compactMap(\.place))
        // Nobody knows then what is to stay.
        guard await runner.memory.isLedgerUsable else {
            cleaning.next = clock.now + .seconds(60)
            return
        }
        // How these went is known.
        for record in history.unended where record.tested != nil && !Task.isCancelled { await finish(record) }
        var troubles: [Trouble] = []
        let sweeps = DrillCleaning.isTime(cleaning.nextSweep, now: clock.now)
        for place in sweeps ? unswept.sorted() : [] where !Task.isCancelled {
            switch await sweep(place, configuration.fleet) {
            case .success(let othersStay): if !othersStay { unswept.remove(place) }
            case .failure(let trouble): troubles.append((place.site, trouble))
            }
        }
        for record in await runner.memory.drills.remains(now: clock.now) where !Task.isCancelled {
            if let trouble = await remove(record) { troubles.append(trouble) }
        }
        guard !Task.isCancelled else { return }
        // Told at first, and about once a day.
        if cleaning.failures % 96 == 0 {
            for (site, error) in troubles {
                tell(
                    Event(
                        .actionFailed, "what drills made in \(site) could not be removed: \(error); it is tried again",
                        Event.Fields(site: site, action: "remove-drill", reason: error.description)))
            }
        }
        cleaning.unswept = unswept
        cleaning.failures = troubles.isEmpty ? 0 : cleaning.failures + 1
        cleaning.next =
            troubles.isEmpty ? nil : clock.now + .seconds(min(900, 60 << Int64(min(cleaning.failures - 1, 4))))
        if sweeps { cleaning.nextSweep = troubles.isEmpty ? clock.now + DrillCleaning.longestPause : .longAgo }
    }

    /// When what drills have left is to be removed next.
    func nextRemoval(_ cleaning: DrillCleaning) async -> Moment? {
        let (history, now) = (await runner.memory.drills, clock.now)
        // What could not be removed a moment ago is not tried at once again.
        let soon = history.remains(now: now).isEmpty ? nil : cleaning.next ?? now + .seconds(60)
        return [soon, history.kept(now: now).compactMap(\.keptUntil).min()].compactMap { $0 }.min()
    }

    private typealias Trouble = (Site, DrillFailure)

    /// Removes what lies there under marks that nobody remembers: the ledger was lost, or a drill was cut off.
    ///
    /// True if something stays there that may be another installation's.
    private func sweep(_ place: Place, _ fleet: FleetName) async -> Result<Bool, DrillFailure> {
        let memory = await runner.memory
        let now = clock.now
        let kept = Set(memory.drills.kept(now: now).compactMap(\.subject?.mark))
        do throws(DrillFailure) {
            let spared = try await driller.sweep(place, of: fleet) { mark in
                kept.contains(mark) || memory.isOthers(mark, now: now)
            }
            return .success(!spared.isSubset(of: kept))
        } catch {
            return .failure(error)
        }
    }

    private func remove(_ record: DrillRecord) async -> Trouble? {
        guard let subject = record.subject else { return nil }
        do throws(DrillFailure) {
            try await driller.remove(subject.mark, in: subject.point.place)
        } catch {
            return (subject.point.place.site, error)
        }
        var gone = record
        gone.isGone = true
        await runner.record([.drilled(gone)])
        return nil
    }
}

extension Memory {
    /// Whether another installation on the fleet has made what bears the mark: ours was there by then, and knows nothing
    /// of it.
    ///
    /// After a day nobody else removes it.
    fileprivate func isOthers(_ mark: String, now: Moment) -> Bool {
        guard let installed, let began = Drill.began(mark), now - began < .seconds(86_400) else { return false }
        return installed < began && !drills.records.values.contains { $0.subject?.mark == mark }
    }
}
