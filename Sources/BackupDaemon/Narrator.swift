import BackupCore

/// Turns what happens to the plan into events: each thing once, and only when it is news.
struct Narrator: Sendable {
    private let events: any EventSink
    private var states: [PointID: PointState] = [:]
    private var hasSeenAll = false
    private var withheld: [PointID: String] = [:]
    private var refused: [PointID: [Site: String]] = [:]
    /// Where something waits its turn, of the daemon's own and of what a person asked for.
    var crowded: Set<Place> = []
    var crowdedByHand: Set<Place> = []
    private var gaps: [Place: String] = [:]
    var failures = FailureFold()
    /// The pauses that were said to hold.
    private var paused: [PolicyName: Pause] = [:]
    /// What was said about instructions that cannot be read; nil once they can.
    var instructionTrouble: HistoryError?
    /// What was said about a ledger that cannot be used; nil while it can.
    var ledgerTrouble: HistoryError?
    private var protectionGaps: [Place: String] = [:]
    private var sharingGaps: [Place: String] = [:]
    /// Of which conflicts it was said that there are.
    var conflicts: Set<PointID> = []

    init(events: any EventSink) { self.events = events }

    // MARK: What AWS shows

    /// Points that became usable or failed since the last look; what was so before the first look is no news.
    mutating func narrateStates(of inventory: Inventory, in configuration: Configuration) {
        var states: [PointID: PointState] = [:]
        states.reserveCapacity(self.states.count)
        var changed: [RecoveryPoint] = []
        for point in inventory.points {
            let state = point.state
            states[point.id] = state
            let before = self.states[point.id]
            if before != state, before != nil || hasSeenAll { changed.append(point) }
        }
        for point in changed.sorted(by: { $0.id < $1.id }) { narrateChange(of: point) }
        self.states = states
        hasSeenAll = true
        gaps = gaps.filter { !inventory.isComplete($0.key) }
        sharingGaps = sharingGaps.filter { inventory.listings[$0.key]?.sharingGap != nil }
        protectionGaps = protectionGaps.filter { inventory.listings[$0.key]?.protectionGap != nil }
        refused = refused.filter { states[$0.key] != nil }
        if !withheld.isEmpty { withheld = withheld.filter { states[$0.key] != nil } }
    }

    private func narrateChange(of point: RecoveryPoint) {
        switch point.state {
        case .usable where point.isCopy:
            emit(.copyUsable, "\(point.title): its copy in \(point.site) is usable", fields(point))
        case .usable:
            emit(.pointUsable, "\(point.title) is usable", fields(point))
        case .failed:
            let message = point.members.compactMap(\.stateMessage).first ?? "no message from AWS"
            emit(
                .snapshotFailed, "\(point.title) failed in \(point.site): \(Remedy.advised(message))",
                fields(point, reason: message))
        case .pending, .incomplete:
            break
        }
    }

    mutating func narrate(gapIn place: Place, _ error: CloudError) {
        guard gaps.updateValue(error.gist, forKey: place) != error.gist else { return }
        emit(gapIn: place, error, "\(place) could not be read completely, so that nothing is deleted there: \(error)")
    }

    /// A missing permission is said before the first delete that it stops.
    mutating func narrate(protectionGapIn place: Place, _ error: CloudError) {
        guard protectionGaps[place] != error.code else { return }
        protectionGaps[place] = error.code
        emit(
            gapIn: place, error,
            "the locks and AMIs of \(place) could not be read, so that nothing is deleted there: \(error)"
                + remedy(for: error))
    }

    mutating func narrate(sharingGapIn place: Place, _ error: CloudError) {
        guard sharingGaps.updateValue(error.code, forKey: place) != error.code else { return }
        emit(
            gapIn: place, error,
            "which snapshots in \(place) are shared with other accounts could not be read, so that no share is taken back: "
                + "\(error)\(remedy(for: error))")
    }

    private func emit(gapIn place: Place, _ error: CloudError, _ message: String) {
        emit(
            .inventoryIncomplete, message,
            Event.Fields(
                site: place.site, reason: error.message, requestID: error.requestID, errorCode: error.code))
    }

    // MARK: What the runner does

    mutating func narrate(_ action: Action, made point: RecoveryPoint) {
        failures.succeeded(action.word, action.pair, in: action.site)
        var facts = fields(point, reason: action.reason.description)
        facts.action = action.word
        let ids = point.members.map(\.snapshot.rawValue).joined(separator: " ")
        switch action.work {
        case .create:
            emit(.setTaken, "\(point.title) taken in \(point.site): \(ids) (\(action.reason))", facts)
        case .copy:
            emit(.copyStarted, "\(point.title): copying to \(point.site): \(ids) (\(action.reason))", facts)
        case .prune:
            emit(.pruned, "\(point.title) deleted in \(point.site): \(action.reason)", facts)
        case .removeSurplus:
            emit(.pruned, "\(point.title): the second copy deleted in \(point.site): \(action.reason)", facts)
        case .removeFailed:
            emit(.failedRemoved, "\(point.title): failed members removed in \(point.site): \(action.reason)", facts)
        case .repair:
            emit(.repaired, "\(point.title): tags written in \(point.site): \(action.reason)", facts)
        case .adopt:
            emit(.adopted, "\(point.title) adopted in \(point.site): \(action.reason)", facts)
        case .unshare:
            emit(.unshared, "\(point.title): \(action.reason), and the share was taken back", facts)
        case .withhold, .refuse, .setAutomatic:
            break
        }
    }

    mutating func narrate(set resource: Resource, _ action: Action) {
        failures.succeeded(action.word, action.pair, in: action.site)
        let facts = Event.Fields(
            policy: action.pair.policy, resource: resource.id, site: resource.site, action: action.word,
            reason: action.reason.description)
        emit(
            .automaticSet, "\(action.pair.policy)/\(resource.title): automatic snapshots were set: \(action.reason)",
            facts)
    }

    /// Says what cannot be copied as things are, once for each point until that changes.
    mutating func narrate(refused action: Action) {
        guard case .refuse(let order) = action.work,
            refused[order.point.id, default: [:]].updateValue(action.reason.description, forKey: action.site)
                != action.reason.description
        else { return }
        var facts = fields(order.point, reason: action.reason.description)
        (facts.action, facts.site) = (action.word, action.site)
        emit(.actionFailed, "\(action.title): \(action.reason)", facts)
    }

    mutating func narrate(withheld action: Action, _ error: CloudError? = nil) {
        guard case .withhold(let point) = action.work, withheld[point.id] != action.reason.description else { return }
        withheld[point.id] = action.reason.description
        var facts = fields(point, reason: action.reason.description)
        facts.action = action.word
        facts.requestID = error?.requestID
        facts.errorCode = error?.code
        emit(.withheld, "\(point.title) is not deleted in \(point.site): \(action.reason)", facts)
    }

    func remedy(for error: CloudError) -> String {
        if error.kind == .needsPerson || error.kind == .refused, let sentence = Remedy.sentence(for: error) {
            return ". To mend it: \(sentence); it is tried again"
        }
        return switch error.kind {
        case .needsPerson: ". Check the credentials, permissions and keys of this account; it is tried again"
        case .unavailable: ". It is tried again by itself"
        case .refused, .quota, .protected, .outcomeUnknown: ""
        }
    }

    /// Calls a person: the same thing has failed so often in a row that waiting will hardly help.
    mutating func narrate(failing key: Intent.Key, _ setback: Setback, _ message: String) {
        guard
            failures.counts(
                .failingOnAndOn, key.verb.rawValue, key.pair, in: key.site, code: setback.code)
        else { return }
        let what = "\(key.verb.rawValue) \(key.pair.policy)/\(key.pair.resource)/\(key.slot) in \(key.site)"
        emit(
            .failingOnAndOn,
            "\(what) has failed \(setback.count) times in a row since \(setback.first): \(Remedy.advised(message))",
            Event.Fields(
                policy: key.pair.policy, resource: key.pair.resource, slot: key.slot, site: key.site,
                action: key.verb.rawValue, reason: message, errorCode: setback.code, count: setback.count))
    }

    mutating func narrate(_ intent: Intent, _ ending: Ending) {
        guard intent.key.verb.makes else { return }
        if case .done = ending {
            failures.succeeded(intent.key.verb.rawValue, intent.key.pair, in: intent.key.site)
        }
        let facts = Event.Fields(
            policy: intent.key.pair.policy, resource: intent.key.pair.resource, slot: intent.key.slot,
            site: intent.key.site, action: intent.key.verb.rawValue)
        let what =
            "\(intent.key.verb.rawValue) of \(intent.key.pair.policy)/\(intent.key.pair.resource)/\(intent.key.slot)"
        if case .done = ending {
            emit(.adopted, "\(what) whose reply was lost had been performed: found in \(intent.key.site)", facts)
        } else {
            emit(.adopted, "\(what) whose reply was lost had not been performed", facts)
        }
    }

    /// Says how much new retention rules would delete; nothing if that is nothing.
    func narrate(gracedIn plan: Plan) {
        let graced = plan.actions.compactMap { action -> Moment? in
            if case .grace(let until) = action.reason { until } else { nil }
        }
        guard let first = graced.min() else { return }
        emit(
            .retentionChanged,
            "the retention rules are new: \(graced.count) points that they do not keep are spared until \(first), "
                + "and deleted then: see snapwarden prune",
            Event.Fields())
    }

    mutating func narrate(instructionTrouble error: HistoryError) {
        guard instructionTrouble != error else { return }
        instructionTrouble = error
        emit(
            .ledgerTrouble, "what is paused or approved cannot be read, what was known goes on: \(error)",
            Event.Fields())
    }

    func narrate(_ slots: MissedSlots, of pair: Pair, isAutomatic: Bool) {
        let facts = Event.Fields(policy: pair.policy, resource: pair.resource, slot: slots.newest)
        let which =
            slots.count == 1
            ? "the slot \(slots.newest)" : "\(slots.count) slots from \(slots.oldest) to \(slots.newest)"
        let why = isAutomatic ? "Lightsail took no automatic snapshot of that day" : "no point was started in time"
        emit(.slotMissed, "\(pair.policy)/\(pair.resource) missed \(which): \(why)", facts)
    }

    /// Says which policies are paused now and which are not any more; true if there is such news.
    mutating func narrate(_ pauses: [PolicyName: Pause], now: Moment) -> Bool {
        let holding = pauses.filter { $0.value.holds(at: now) }
        defer { paused = holding }
        for (policy, pause) in holding.sorted(by: { $0.key < $1.key }) where paused[policy] != pause {
            let end = pause.until.map { "until \($0)" } ?? "until it is resumed"
            emit(.paused, "\(policy) is paused \(end): it starts nothing", Event.Fields(policy: policy))
        }
        for policy in paused.keys.sorted() where holding[policy] == nil {
            emit(.resumed, "\(policy) goes on with its next slot", Event.Fields(policy: policy))
        }
        return paused != holding
    }

    mutating func narrate(_ report: PassReport) {
        narrateRest()
        guard report.done > 0 || !report.failures.isEmpty else { return }
        emit(
            .passEnded,
            "pass ended: \(report.done) done, \(report.failures.count) failed, \(report.pending) snapshots pending",
            Event.Fields())
    }

    func emit(_ kind: EventKind, _ message: String, _ fields: Event.Fields) {
        events.emit(Event(kind, message, fields))
    }

    func fields(_ point: RecoveryPoint, reason: String? = nil) -> Event.Fields {
        Event.Fields(
            policy: point.policy, resource: point.resource, slot: point.slot, site: point.site,
            snapshot: point.members.map(\.snapshot.rawValue).joined(separator: " "), reason: reason)
    }
}
