import BackupCore

extension PlanRunner {
    enum Result: Sendable {
        case done
        case nothingToDo
        case waiting
        case failed(Failure)
        /// It is no use to try as things are: the plan knew it, and says so again in the next pass.
        case refused(Failure)
        /// The removal was done; what had to be removed is a failure all the same.
        case removedFailed(Failure)
    }

    /// One action: intent, call, outcome.
    ///
    /// A failure of one never stops another.
    func perform(_ action: Action, _ configuration: Configuration) async -> Result {
        guard !isStopping else { return .nothingToDo }
        guard let key = action.key else {
            narrator.narrate(withheld: action)
            narrator.narrate(refused: action)
            guard case .refuse = action.work else { return .nothingToDo }
            return .refused(Failure(action, action.reason.description))
        }
        let intent = Intent(id: SetID(nonces()), key: key, set: action.set, began: clock.now)
        underWay.insert(intent.id)
        defer { underWay.remove(intent.id) }
        await record([.began(intent)] + noting(action, key, configuration))
        // The disk may have come into trouble since this was planned.
        guard memory.isLedgerUsable || !action.deletesPoints else {
            await record([.ended(intent.id, .notPerformed, at: clock.now)])
            return .waiting
        }
        let ending = await call(action, intent, configuration.timing)
        if let ending {
            let later = laterFailures(of: action, ending)
            await record([.ended(intent.id, ending, at: clock.now)] + later)
            callPerson(over: later, intent, ending)
        }
        return result(of: ending, action)
    }

    private func result(of ending: Ending?, _ action: Action) -> Result {
        switch ending {
        case .done:
            if case .removeFailed = action.work {
                .removedFailed(
                    Failure(action, Remedy.advised(action.reason.description)))
            } else {
                .done
            }
        case .failed(let code, let message, _): .failed(Failure(action, "\(code): \(message)"))
        case nil, .notPerformed, .deferred: .waiting
        }
    }

    /// What was removed because it failed counts against the attempt that made it.
    private func laterFailures(of action: Action, _ ending: Ending) -> [Change] {
        guard case .removeFailed(let point, let failed) = action.work, case .done = ending else { return [] }
        let key = Intent.Key(
            verb: point.isCopy ? .copy : .create, pair: action.pair, slot: action.slot, site: action.site)
        return [.failedLater(key, code: failed.first?.stateMessage ?? "error", at: clock.now)]
    }

    /// Says louder what has failed too often in a row.
    private func callPerson(over later: [Change], _ intent: Intent, _ ending: Ending) {
        if case .failed(let code, let message, _) = ending { callPerson(over: intent.key, "\(code): \(message)") }
        for case .failedLater(let key, let message, _) in later { callPerson(over: key, message) }
    }

    private func callPerson(over key: Intent.Key, _ message: String) {
        guard let setback = memory.setbacks[key], Failing.calls(at: setback.count) else { return }
        narrator.narrate(failing: key, setback, message)
    }

    /// Makes the call; nil while it is not known whether it was done.
    private func call(_ action: Action, _ intent: Intent, _ timing: Timing) async -> Ending? {
        do throws(CloudError) {
            try await carryOut(action, intent)
            return .done(requestID: nil)
        } catch {
            narrator.narrate(action, error)
            switch error.kind {
            case .protected:
                refused(action, error)
                return .deferred(code: error.code)
            case .quota:
                postponed[intent.key] = clock.now + timing.quotaWait
                return .deferred(code: error.code)
            case .outcomeUnknown where intent.key.verb.makes:
                // It may have been performed until now.
                let now = clock.now
                memory.open[intent.id]?.began = now
                return nil
            case .refused, .unavailable, .outcomeUnknown, .needsPerson:
                return .failed(code: error.code, message: error.message, requestID: error.requestID)
            }
        }
    }

    private func carryOut(_ action: Action, _ intent: Intent) async throws(CloudError) {
        switch action.work {
        case .create(var order):
            order.nonce = intent.id
            order.run = run
            narrator.narrate(action, made: took(try await cloud.create(order)))
        case .copy(let order):
            try await copy(order, action)
        case .removeSurplus(let point, let members):
            try await cloud.delete(members.map(\.snapshot), of: point.id)
            removed(members, from: point, action)
        case .prune(let point):
            try await cloud.delete(point.members.map(\.snapshot), of: point.id)
            lost(point, action)
        case .removeFailed(let point, let members):
            try await cloud.delete(members.map(\.snapshot), of: point.id)
            removed(members, from: point, action)
        case .repair(let order), .adopt(let order):
            try await cloud.repair(order)
            mended(order, action)
        case .setAutomatic(let setting, let resource):
            try await cloud.setAutomatic(setting, of: resource)
            settings[resource.id] = (setting, clock.now)
            inventory.set(setting, of: resource)
            narrator.narrate(set: resource, action)
        case .unshare(let point, let accounts):
            try await cloud.unshare(point, with: accounts)
            noteShares(of: point) { $0.subtract(accounts) }
            narrator.narrate(action, made: point)
        case .withhold, .refuse:
            break
        }
    }

    /// Takes over with whom a point is shared, or is about to be: what is asked of AWS may be done though its reply is lost.
    private func noteShares(of point: RecoveryPoint, _ change: (inout Set<AccountID>) -> Void) {
        guard var known = inventory.point(point.id) else { return }
        for index in known.members.indices { change(&known.members[index].sharedWith) }
        inventory.merge(known)
        if made[point.id] != nil { made[point.id]?.point = known }
    }

    /// Member by member, so that what was started is known though a later one fails.
    private func copy(_ order: CopyOrder, _ action: Action) async throws(CloudError) {
        let account = order.rule.account
        var order = order
        order.run = run
        if account != order.point.place.account { noteShares(of: order.point) { $0.insert(account) } }
        // Told to stop, it begins no further one: what is missing is copied after the next start.
        for (index, member) in order.members.enumerated() where index == 0 || !isStopping {
            let point = took(try await cloud.copy(member, order))
            if member == order.members.last { narrator.narrate(action, made: point) }
        }
    }

    /// Takes over what was made, and returns the whole point as it is known now.
    @discardableResult private func took(_ point: RecoveryPoint) -> RecoveryPoint {
        inventory.join(point)
        let whole = inventory.point(point.id) ?? point
        made[point.id] = (whole, clock.now)
        watch(whole)
        return whole
    }

    private func lost(_ point: RecoveryPoint, _ action: Action) {
        inventory.remove(point.id)
        made[point.id] = nil
        deleted[point.id] = clock.now
        narrator.narrate(action, made: point)
    }

    /// AWS protects it, though the last reading did not show by what: until the next one does, it is not asked again.
    private func refused(_ action: Action, _ error: CloudError) {
        switch action.work {
        case .prune(var point), .removeFailed(var point, _), .removeSurplus(var point, _):
            point = inventory.point(point.id) ?? point
            point.refusal = error.answer
            narrator.narrate(withheld: action.withheld(point, because: .deleteRefused(error.answer)), error)
            inventory.merge(point)
            if made[point.id] != nil { made[point.id]?.point = point }
        case .create, .copy, .refuse, .unshare, .withhold, .repair, .adopt, .setAutomatic: break
        }
    }

    private func removed(_ members: [Member], from point: RecoveryPoint, _ action: Action) {
        // It may have changed since it was planned.
        var rest = inventory.point(point.id) ?? point
        let gone = Set(members.map(\.snapshot))
        rest.members.removeAll { gone.contains($0.snapshot) }
        guard !rest.members.isEmpty else { return lost(point, action) }
        inventory.merge(rest)
        made[point.id] = nil
        narrator.narrate(action, made: point)
    }

    private func mended(_ order: RepairOrder, _ action: Action) {
        // It may have been shared, or not any more, since it was planned.
        var point = inventory.point(order.point.id) ?? order.point
        point.lacksTags = false
        point.copiedTo.formUnion(order.reached)
        inventory.merge(point)
        if made[point.id] != nil { made[point.id]?.point = point }
        narrator.narrate(action, made: point)
    }
}

extension Timing {
    /// How long an action waits once AWS said that too much is under way.
    var quotaWait: Duration { max(pollFirst, min(.seconds(15), pollLongest)) }
}

extension PassReport {
    mutating func take(_ result: PlanRunner.Result, of action: Action) {
        switch result {
        case .done:
            count(action)
            if action.queue?.provider == .ec2 { firstBegun = min(firstBegun ?? action.slot, action.slot) }
            if case .prune = action.work { pruned[action.pair.policy, default: 0] += 1 }
        case .nothingToDo: break
        case .waiting:
            unforeseen += 1
        case .failed(let failure):
            unforeseen += 1
            failures.append(failure)
        case .refused(let failure):
            failures.append(failure)
        case .removedFailed(let failure):
            count(action)
            failures.append(failure)
        }
    }

    private mutating func count(_ action: Action) {
        done += 1
        doneOf[action.pair.policy, default: 0] += 1
    }
}

extension Failure {
    fileprivate init(_ action: Action, _ error: String) {
        self.init(what: action.title, error: error, policy: action.pair.policy)
    }
}

extension Action {
    /// What protects comes before what mends, and that before what deletes.
    package var urgency: Int {
        switch work {
        case .create: 0
        case .removeFailed, .removeSurplus: 1
        case .copy, .refuse: 2
        case .repair, .adopt, .setAutomatic, .unshare: 3
        case .prune, .withhold: 4
        }
    }

    /// Whether something restorable goes: what failed holds nothing, and is in the way of the next backup.
    fileprivate var deletesPoints: Bool {
        switch work {
        case .prune, .removeSurplus: true
        case .create, .copy, .withhold, .refuse, .unshare, .repair, .adopt, .removeFailed, .setAutomatic: false
        }
    }

    /// The set it is about, as far as it exists.
    var set: SetID {
        switch work {
        case .create(let order): order.nonce
        case .copy(let order), .refuse(let order): order.point.set
        case .prune(let point), .withhold(let point), .removeFailed(let point, _), .removeSurplus(let point, _),
            .unshare(let point, _):
            point.set
        case .repair(let order), .adopt(let order): order.point.set
        case .setAutomatic: SetID("")
        }
    }

    /// `copy of web-nightly/i-0ab…/2026-11-20T02:00:00Z to eu-west-1`: what was tried, for people.
    package var title: String {
        "\(word) \(pair.policy)/\(pair.resource)\(pointSlot.map { "/\($0)" } ?? "") in \(site)"
    }
}

extension Plan {
    /// Whether it would delete anything.
    var deletes: Bool {
        actions.contains { action in
            switch action.work {
            case .prune, .removeFailed, .removeSurplus: true
            case .create, .copy, .refuse, .unshare, .withhold, .repair, .adopt, .setAutomatic: false
            }
        }
    }
}
