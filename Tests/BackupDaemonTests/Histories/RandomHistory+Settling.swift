import BackupCore
import BackupDaemon

extension RandomHistory {
    /// No fault any more, and time for three slots and all graces; then each side must hold what is reckoned.
    func settle() async {
        guard violations.isEmpty else { return }
        await calmDown()
        disturbances["(passes before the end)", default: 0] += passes
        longest = configuration.policies.compactMap(\.longestInterval).max() ?? .seconds(86_400)
        let quiet = clock.truth + longest * 3 + .seconds(3 * 86_400 + 7200)
        while clock.truth < quiet, violations.isEmpty {
            let slot = configuration.policies.compactMap { $0.nextSlot(after: clock.now) }.min()
            move(to: min(slot ?? quiet, nextStart ?? quiet) + .seconds(5))
            await followToEnd()
        }
        await waitForOpening()
        guard violations.isEmpty else { return }
        compareWithReckoning()
    }

    private func calmDown() async {
        cloud.faults = .none
        cloud.outages = [:]
        clock.ahead = .zero
        instructions.areReadable = true
        history.isInTrouble = false
        recoverBinned()
        protectSomething()
        for policy in instructions.paused.keys.sorted() { instructions.paused[policy]?.resumed = clock.machine }
        if history.recordsLeft != nil { await restart() }
        say("nothing fails any more")
    }

    /// A snapshot does not stay in the recycle bin for good; an archived one may.
    private func recoverBinned() {
        for set in cloud.all {
            cloud.change(set.id) { set in
                let binned = set.members.indices.filter {
                    ["recoverable", "recovering"].contains(set.members[$0].member.state.word)
                }
                for index in binned { set.members[index].member.state = .completed }
            }
        }
    }

    /// After a stop nothing goes before something new is usable anywhere: a fleet needs something to protect.
    private func protectSomething() {
        let isProtecting = configuration.policies.contains { policy in
            cloud.resources.contains { watch.expectation(of: policy, $0.id).canBeTaken }
        }
        guard !isProtecting, let first = resources.first, !configuration.policies.isEmpty else { return }
        cloud.resources.removeAll { $0.id == first.id }
        cloud.resources.append(first)
        configuration.policies[0].selection = RandomPolicy.selection([first])
        configuration.policies[0].regions = [first.site.region]
        configuration.policies[0].exclusion = Exclusion()
        areRulesNew = true
    }

    /// Passes until nothing is left to do, as the scheduler makes them; a person approves what is over the cap.
    private func followToEnd() async {
        for _ in 0..<12 where violations.isEmpty {
            guard let report = await pass(.everything) else { return watch.fail("the ledger failed") }
            noteSurplus()
            nextStart = report.nextStart.flatMap { $0 > clock.now ? $0 : nil }
            if approve(report) { continue }
            // What fails again and again, such as a set without volumes, is not waited for.
            guard report.begins || report.pending > 0 || hasStartsSoon(report) else { return }
            move(by: .seconds(1500))
        }
    }

    /// What is kept again meanwhile begins anew, as the daemon's own candidacy does.
    private func noteSurplus() {
        let surplus = Set(surplus())
        unkept = unkept.filter { surplus.contains($0.key) }
        for id in surplus { unkept[id] = unkept[id] ?? clock.now }
    }

    private func hasStartsSoon(_ report: PassReport) -> Bool {
        report.nextStart.map { $0 - clock.now <= .seconds(900) } ?? false
    }

    private func approve(_ report: PassReport) -> Bool {
        let over = report.plan.actions.compactMap { action -> PointID? in
            if case .withhold(let point) = action.work, action.rule == "cap" { point.id } else { nil }
        }
        for id in over { instructions.approved[id] = clock.now + .seconds(86_400) }
        return !over.isEmpty
    }

    /// Goes on to a time at which every policy may copy and delete, and lets all of them do it.
    private func waitForOpening() async {
        for _ in 0..<30 {
            let isOpen = configuration.policies.allSatisfy { policy in
                Blackout.Kind.allCases.allSatisfy {
                    policy.blackouts.firstOpening(for: $0, from: clock.now) == clock.now
                }
            }
            if isOpen { break }
            move(by: .seconds(3600))
        }
        await followToEnd()
        // What was mended or deleted last may free something else.
        await followToEnd()
        await followToEnd()
    }

    /// Everything that the config has anything to do with and that is read.
    private func expectations() -> [(Expectation, Place)] {
        configuration.policies.flatMap { policy in
            resources.flatMap { resource -> [(Expectation, Place)] in
                let expectation = watch.expectation(of: policy, resource.id)
                // What a policy selects nothing of any more is not read for it any more.
                let scopes = configuration.scopes(of: policy)
                let places = Set(expectation.points.map(\.place)).intersection(scopes.keys)
                return places.sorted().map { (expectation, $0) }
            }
        }
    }

    /// Usable points that are there though no rule keeps them.
    private func surplus() -> [PointID] {
        expectations().flatMap { expectation, place in
            let kept = expectation.kept(place)
            return expectation.usable(in: place).filter { !kept.contains($0.set) }.map(\.id)
        }
    }

    private func compareWithReckoning() {
        for id in surplus() where !isGraced(id) { watch.fail("\(title(id)) is still there") }
        for (expectation, place) in expectations() {
            for twin in expectation.twins where twin.place == place && !twin.isHeld {
                watch.fail("\(title(twin.id)) was made twice, and is still there")
            }
            let scopes = Set(configuration.scopes(of: expectation.policy).keys)
            for point in expectation.points where point.place == place && !point.isHeld {
                if point.members.count > point.declaredMembers {
                    watch.fail("\(title(point.id)) has \(point.members.count) members of \(point.declaredMembers)")
                }
                switch point.state {
                case .failed: watch.fail("\(title(point.id)) failed, and is still there")
                case .pending: watch.fail("\(title(point.id)) is still pending")
                case .incomplete where expectation.isDebris(point):
                    watch.fail("\(title(point.id)) lost members, and is still there")
                case .usable, .incomplete: break
                }
            }
            let isHomeRead = expectation.home.allSatisfy { scopes.contains($0.place) }
            if let rule = expectation.copyRule(place), isHomeRead, !expectation.owing(to: rule).isEmpty {
                let owing = expectation.home.filter {
                    expectation.owing(to: rule).contains($0.set)
                        && !expectation.isStuck(PointID(place: place, set: $0.set))
                }
                guard !owing.isEmpty else { continue }
                watch.fail("\(owing.map { title($0.id) }) owe \(rule.site) copies")
            }
        }
        for resource in cloud.resources {
            for policy in configuration.policies { compareProtection(watch.expectation(of: policy, resource.id)) }
        }
    }

    private func title(_ id: PointID) -> String {
        guard let point = cloud.set(id)?.truth else { return "\(id)" }
        return "\(id), \(point.policy)/\(point.resource)/\(point.slot) in \(point.site),"
    }

    /// Points from before the rules were new to the daemon are kept for a day more, each from its first candidacy.
    ///
    /// What cannot be taken any more never shows that backups work, as must be shown after a stop.
    private func isGraced(_ id: PointID) -> Bool {
        guard let point = cloud.set(id)?.truth else { return true }
        if point.taken < newRules, clock.now - .seconds(86_400) < unkept[id] ?? clock.now { return true }
        guard let resource = cloud.resources.first(where: { $0.id == point.resource }) else { return false }
        return configuration.policies.contains { policy in
            policy.claims(point.policy, in: configuration) && policy.selects(resource)
                && !watch.expectation(of: policy, resource.id).canBeTaken
        }
    }

    /// What is protected has been taken at one of the last slots.
    private func compareProtection(_ expectation: Expectation) {
        guard let resource = expectation.resource, expectation.canBeTaken else { return }
        let newest = expectation.usable(in: resource.place).filter { $0.kind == .scheduled }.map(\.taken).max()
        if (newest ?? .longAgo) + longest * 2 < clock.now {
            watch.fail("\(resource.id) has no newer point than \(newest.map { "\($0)" } ?? "never")")
        }
    }
}

extension PassReport {
    /// Whether something was begun that is worth looking at again soon.
    fileprivate var begins: Bool {
        plan.actions.contains { action in
            switch action.work {
            case .create, .copy, .removeFailed, .removeSurplus: true
            case .refuse, .unshare, .prune, .withhold, .repair, .adopt, .setAutomatic: false
            }
        }
    }
}

extension Expectation {
    /// What is left of a set once members are lost, if something newer makes up for it.
    fileprivate func isDebris(_ point: RecoveryPoint) -> Bool {
        guard rules(point.place) != nil, !point.members.contains(where: { $0.state.isUnknown }) else { return false }
        return (isGone && policy.whenResourceGone != .keep)
            || usable(in: point.place).contains { $0.taken > point.taken }
    }

    fileprivate var canBeTaken: Bool {
        guard let resource, policy.selects(resource) else { return false }
        return resource.provider.isLightsail || resource.volumes.contains { !policy.exclusion.excludes($0) }
    }

    /// A copy that waits for somebody: to bring a member back from an archive, or to release one that failed.
    fileprivate func isStuck(_ id: PointID) -> Bool {
        points.contains {
            $0.id == id && ($0.members.contains { $0.state.isUnknown } || ($0.isHeld && $0.state == .failed))
        }
    }

    /// What the rules alone keep in a place, with what owes a copy.
    func ruled(_ place: Place) -> Set<SetID> {
        let usable = usable(in: place)
        guard let rules = rules(place) else { return Set(usable.map(\.set)) }
        if isGone { return kept(place) }
        let owing = copyRule(place) == nil ? owing() : []
        return Reckoning.kept(usable, rules, zone, now).union(owing)
    }
}

extension MemberState {
    fileprivate var isUnknown: Bool { if case .other = self { true } else { false } }
}
