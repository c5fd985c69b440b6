import BackupCore

/// What waits and what fails, without filling the journal.
extension Narrator {
    /// Says where there is no room for something, once for each place until all of it has had its turn.
    mutating func narrate(queued actions: [Action], byHand: Bool) {
        var said = byHand ? crowdedByHand : crowded
        narrate(queued: actions, said: &said)
        if byHand { crowdedByHand = said } else { crowded = said }
    }

    private func narrate(queued actions: [Action], said: inout Set<Place>) {
        var waiting: [Place: [Action]] = [:]
        for action in actions { if let place = action.queue { waiting[place, default: []].append(action) } }
        said.formIntersection(waiting.keys)
        for (place, actions) in waiting.sorted(by: { $0.key < $1.key }) {
            guard said.insert(place).inserted, let limit = actions.first?.limit else { continue }
            let count = actions.count == 1 ? "1 action waits" : "\(actions.count) actions wait"
            emit(
                .actionDeferred, "\(count) for room in \(place): \(limit)",
                Event.Fields(site: place.site, reason: limit.description, count: actions.count))
        }
    }

    mutating func narrate(_ action: Action, _ error: CloudError) {
        let facts = Event.Fields(
            policy: action.pair.policy, resource: action.pair.resource, slot: action.pointSlot, site: action.site,
            action: action.word, reason: error.message, requestID: error.requestID, errorCode: error.code)
        switch error.kind {
        case .protected:
            // It is told as withheld, by what the next plan will say of it.
            break
        case .quota where failures.says(.actionDeferred, action.word, action.pair, in: action.site, error):
            emit(.actionDeferred, "\(action.title) waits: \(error)", facts)
        case .outcomeUnknown:
            emit(
                .outcomeUnknown,
                "\(action.title): the reply was lost; it is looked for again before anything is repeated: \(error)",
                facts)
        case .refused, .unavailable, .needsPerson:
            guard failures.says(.actionFailed, action.word, action.pair, in: action.site, error) else {
                break
            }
            emit(.actionFailed, "\(action.title) failed: \(error)\(remedy(for: error))", facts)
        case .quota:
            break
        }
    }

    /// Says with its number what was too much to be said one by one.
    mutating func narrateRest() {
        for (group, count) in failures.takeRest() {
            let what = "\(group.action) in \(group.site): \(group.code)"
            let how =
                group.kind == .actionDeferred ? "wait" : group.kind == .failingOnAndOn ? "fail on and on" : "failed"
            emit(
                group.kind, "\(count) more of \(group.policy) \(how) in the same way: \(what)",
                Event.Fields(
                    policy: group.policy, site: group.site, action: group.action, errorCode: group.code, count: count))
        }
    }
}
