import BackupCore
import BackupDaemon
import Simulation

extension RandomHistory {
    /// Now and then something happens: to the machine, in AWS, or by a person's hand.
    func disturb() async {
        recover()
        guard dice.happens(mischief) else { return }
        let disturbance = dice.pick(RandomHistory.lots)
        disturbances[disturbance.rawValue, default: 0] += 1
        switch disturbance {
        case .restart: await restart()
        case .lostLedger: await restart(losingLedger: true)
        case .death: dieLater()
        case .clockStep: setClock()
        case .configChange: changeConfiguration()
        case .hold: hold()
        case .goneResource: vanish()
        case .returnedResource: comeBack()
        case .volumes: changeVolumes()
        case .lostMember: loseMember()
        case .oddState: changeState()
        case .outage: goOut()
        case .pause: pause()
        case .foreign: addForeign()
        case .byHand: await takeByHand()
        case .unreadable: beUnreadable()
        case .sleep: sleep()
        case .badDisk: history.isInTrouble = true
        }
    }

    /// What people mend before long.
    private func recover() {
        guard dice.happens(300) else { return }
        instructions.areReadable = true
        history.isInTrouble = false
        clock.ahead = .zero
    }

    private enum Disturbance: String, CaseIterable {
        case restart, lostLedger = "lost ledger", death, clockStep = "clock step", configChange = "config change", hold
        case goneResource = "gone resource", returnedResource = "returned resource", volumes
        case lostMember = "lost member", oddState = "odd state", outage, pause, foreign, byHand = "by hand"
        case unreadable = "unreadable instructions", sleep, badDisk = "bad disk"
    }

    /// The likelier ones are in it more than once.
    private static let lots =
        Disturbance.allCases + [.death, .configChange, .configChange, .lostMember, .outage, .oddState]

    private func dieLater() { history.recordsLeft = dice.number(0...12) }

    /// Set wrong by hours, at times by days; or set right again.
    private func setClock() {
        let hours = Int64(dice.number(1...8))
        // For days only where AWS tells the time: no program could know better than a clock that nothing contradicts.
        let days = clock.isShownByAWS ? [hours * 24, -hours * 24] : []
        clock.ahead =
            clock.ahead != .zero ? .zero : .seconds(3600 * dice.pick([hours, -hours, hours, -hours] + days))
        watch.isClockSuspect = true
        say("the clock is set")
    }

    func changeConfiguration() {
        let before = configuration
        var after = before
        do {
            try RandomChange.change(&after, resources, &dice)
        } catch {
            watch.fail("\(error)")
        }
        let kept = ruled(by: before)
        (configuration, areRulesNew) = (after, true)
        say("the config is changed: \(configuration.summary)")
        // What the rules give up only now must not go within the grace.
        let grace = configuration.timing.pruneGrace
        for id in kept.subtracting(ruled(by: after)) { watch.graced[id] = (clock.now + grace, clock.truth + grace) }
    }

    /// The points that the rules keep now.
    private func ruled(by configuration: Configuration) -> Set<PointID> {
        watch.configuration = configuration
        var kept: Set<PointID> = []
        for policy in configuration.policies {
            for resource in resources {
                let expectation = watch.expectation(of: policy, resource.id)
                for place in Set(expectation.points.map(\.place)) {
                    kept.formUnion(expectation.ruled(place).map { PointID(place: place, set: $0) })
                }
            }
        }
        return kept
    }

    private func hold() {
        guard let set = dice.any(cloud.all.filter { !$0.isUntagged }) else { return }
        cloud.change(set.id) { $0.isHeld.toggle() }
        say("\(set.id) is \(set.isHeld ? "released" : "held")")
    }

    private func vanish() {
        guard let resource = dice.any(cloud.resources) else { return }
        cloud.resources.removeAll { $0.id == resource.id }
        watch.vanished[resource.id] = clock.truth
        say("\(resource.id) vanishes")
    }

    private func comeBack() {
        let away = resources.filter { resource in !cloud.resources.contains { $0.id == resource.id } }
        guard let resource = dice.any(away) else { return }
        cloud.resources.append(resource)
        say("\(resource.id) comes back")
    }

    private func changeVolumes() {
        guard let index = cloud.resources.indices.randomElement(using: &dice) else { return }
        let resource = cloud.resources[index]
        if resource.volumes.count > 1 {
            cloud.resources[index].volumes.removeLast()
        } else if let original = resources.first(where: { $0.id == resource.id }) {
            cloud.resources[index].volumes = original.volumes
        }
        say("\(resource.id) has \(cloud.resources[index].volumes.count) volumes")
    }

    /// Somebody deletes a member; a set of one is lost with it.
    private func loseMember() {
        guard let set = dice.any(cloud.all.filter { !$0.isHeld }), let lost = dice.any(set.truth.members) else {
            return
        }
        cloud.change(set.id) { $0.delete(lost.snapshot, shownUntil: clock.truth) }
        cloud.advance()
        say("\(set.id) loses \(lost.snapshot)")
    }

    /// Into the recycle bin or an archive, or back.
    private func changeState() {
        guard let set = dice.any(cloud.all.filter { $0.id.place.provider == .ec2 }) else { return }
        let word = dice.pick(["recoverable", "recovering", "archived"])
        let index = dice.number(0...max(0, set.members.count - 1))
        cloud.change(set.id) { set in
            switch set.members[index].member.state {
            case .completed: set.members[index].member.state = .other(word)
            case .other: set.members[index].member.state = .completed
            case .pending, .failed: break
            }
        }
        say("\(set.id) has a member that is \(word), or is so no more")
    }

    private func goOut() {
        let places = configuration.scopes.keys.sorted()
        guard let place = dice.any(places) else { return }
        cloud.outages[place] =
            clock.truth + (dice.happens(700) ? dice.seconds(600...40_000) : dice.seconds(80_000...500_000))
        say("\(place) is out")
    }

    private func pause() {
        guard let policy = dice.any(configuration.policies.map(\.name)) else { return }
        if let known = instructions.paused[policy], known.holds(at: clock.now) {
            instructions.paused[policy]?.resumed = clock.machine
            say("\(policy) is resumed")
        } else {
            let until = dice.happens(800) ? clock.machine + dice.seconds(3600...300_000) : nil
            instructions.paused[policy] = Pause(
                since: clock.machine, until: until, earlier: instructions.paused[policy]?.end)
            say("\(policy) is paused")
        }
    }

    private func takeByHand() async {
        guard let policy = dice.any(configuration.policies.map(\.name)) else { return }
        await pass(.everything, .byHand(policy, nil))
    }

    private func beUnreadable() {
        instructions.areReadable.toggle()
        say("instructions are \(instructions.areReadable ? "readable" : "damaged")")
    }

    /// The machine sleeps, or is off.
    private func sleep() {
        move(by: dice.happens(800) ? dice.seconds(3600...200_000) : dice.seconds(200_000...1_500_000))
        say("the machine wakes up")
    }
}

extension Configuration {
    /// What a reader of a trail wants to know of it.
    var summary: String {
        policies.map { policy in
            let copies = policy.copies.map {
                "\($0.site) \($0.keyName) \($0.which.map { "\($0)" } ?? "all") [\($0.retention?.text ?? "as home")]"
            }
            let names = policy.selection.kinds.flatMap { policy.selection[$0]?.names ?? [] }
            return
                "\(policy.name) adopts \(policy.adopts) of \(names) in \(policy.regions), \(policy.schedules.map(\.text)) "
                + "[\(policy.retention.text)] gone \(policy.whenResourceGone) boot excluded \(policy.exclusion.bootVolume), "
                + "blackouts \(policy.blackouts.map { "\($0.kinds.map(\.rawValue).sorted()) \($0.start)-\($0.end)" }) copies \(copies)"
        }.joined(separator: "\n    ") + " cap \(cap.count) \(cap.share)%"
    }
}
