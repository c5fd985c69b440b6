import Testing

@testable import BackupCore

/// What two runs on one fleet both made: the same one stays for both, and costs no other point its place.
@Suite struct RivalTests {
    private func scene(keepLast: Int = 2) throws -> Scene {
        var scene = try Scene(retention: Retention(last: keepLast))
        for day in ["2026-11-18", "2026-11-19", "2026-11-20"] { scene.addPoint(day) }
        return scene
    }

    @Test func theOneThatWasTakenFirstStays() throws {
        var scene = try scene()
        scene.addRival(of: 2)
        let surplus = scene.points[3]
        for points in [scene.points, scene.points.reversed()] {
            scene.points = points
            #expect(points.outranked().mapValues(\.set) == [surplus.id: SetID("set-2026-11-20")])
        }
        // In the same second, the set decides.
        scene.points[0].taken = scene.points[1].taken
        #expect(scene.points.outranked().mapValues(\.set) == [surplus.id: SetID("set-2026-11-20")])
    }

    @Test(arguments: [[MemberState.completed, .failed], [.completed]])
    func whatFailedOrLostMembersStaysInNobodysStead(states: [MemberState]) throws {
        var scene = try scene()
        scene.addRival(of: 2)
        scene.points[2].members = zip(scene.points[2].members, states).map { member, state in
            var member = member
            member.state = state
            return member
        }
        #expect(scene.points.outranked().isEmpty)
    }

    @Test func oneMadeByHandInTheSameSecondIsNoRival() throws {
        var scene = try scene()
        scene.addRival(of: 2)
        scene.points[3].kind = .manual
        #expect(scene.points.outranked().isEmpty)
    }

    /// keep-last 2 keeps the points of two days, not the same day twice.
    @Test func itTakesNoOtherPointsPlace() throws {
        var scene = try scene()
        scene.addRival(of: 2)
        #expect(scene.keeping() == ["us-east-1 2026-11-19: keep-last 2/2", "us-east-1 2026-11-20: keep-last 1/2"])
    }

    @Test func aHeldOneStays() throws {
        var scene = try scene()
        scene.addRival(of: 2)
        scene.points[3].hold = "why"
        #expect(scene.pruning() == ["prune us-east-1 2026-11-18: no rule keeps it"])
    }

    /// While it is not certain which one stays, neither is copied; then that one alone.
    @Test func onlyWhatStaysIsCopied() throws {
        var scene = try scene()
        scene.addDestination()
        scene.addRival(of: 2)
        scene.points[2].copiedTo = []
        scene.points[3].copiedTo = []
        scene.points[2].members[0].state = .pending
        #expect(scene.actions().filter { $0.hasPrefix("copy") } == [])
        scene.points[2].members[0].state = .completed
        let orders = scene.plan().actions.compactMap { action in
            if case .copy(let order) = action.work { order.point.set.rawValue } else { nil }
        }
        #expect(orders == ["set-2026-11-20"])
    }

    @Test func ofTwoCopiesOfOneSnapshotTheFirstStays() throws {
        var scene = try scene()
        scene.addDestination()
        scene.addPoint("2026-11-20", in: Scene.away)
        var second = scene.points[3].members[1]
        second.snapshot = SnapshotID("snap-second")
        second.started = second.started + .seconds(1)
        scene.points[3].members.append(second)
        func surplus() -> [String] {
            scene.plan().actions.compactMap { action in
                guard case .removeSurplus(_, let members) = action.work else { return nil }
                return "\(action.slot) \(members.map(\.snapshot)): \(action.reason)"
            }
        }
        #expect(
            surplus() == [
                "2026-11-20T02:00:00Z [snap-second]: two runs of snapwarden copied snap-us-east-1-2026-11-20-1, and the copy that "
                    + "began first stays"
            ])
        scene.now = second.started + .seconds(239)
        #expect(surplus() == [], "the other run may not have seen both yet")
        scene.now = second.started + .seconds(240)
        scene.points[3].members[1].state = .pending
        #expect(surplus() == [], "nothing goes before what stays is complete")
        #expect(scene.plan().nextRelease.map { $0 > scene.now } ?? true, "what is over is not waited for")
    }

    // MARK: Stepping back

    /// The smaller id goes first, whichever of the sets stays.
    @Test func oneOfTheTwoStepsBack() throws {
        var scene = try scene()
        scene.addRival(of: 2)
        for (index, run) in [(2, RunID(9)), (3, RunID(4))] {
            for member in scene.points[index].members.indices { scene.points[index].members[member].run = run }
        }
        let conflicts = scene.plan().conflicts
        #expect(conflicts.count == 1)
        #expect(conflicts.map { $0.sendsBack(RunID(9)) } == [true])
        #expect(conflicts.map { $0.sendsBack(RunID(4)) } == [false])
        #expect(conflicts.map { $0.sendsBack(RunID(1)) } == [false], "who made neither has nothing to learn from it")
    }

    /// Half of eight hours after the first slot that nobody took, whatever came since.
    @Test(arguments: [
        ("2026-11-21T02:00:00Z", []), ("2026-11-21T05:59:59Z", []),
        ("2026-11-21T06:00:00Z", ["create us-east-1 2026-11-21"]),
    ]) func whoSteppedBackTakesWhatStaysEmpty(now: String, creates: [String]) throws {
        var scene = try scene()
        scene.memory.steppedBack = moment("2026-11-20T02:02:00Z")
        scene.now = moment(now)
        #expect(scene.actions().filter { $0.hasPrefix("create") } == creates)
        if creates.isEmpty { #expect(scene.plan().nextStart == moment("2026-11-21T06:00:00Z")) }
    }

    @Test func byTheHourTheFirstEmptySlotCounts() throws {
        var scene = try scene()
        scene.policy.schedules = [try cron("0 * * * *", "UTC")]
        scene.addPoint("2026-11-20T12:00:00Z")
        scene.memory.steppedBack = moment("2026-11-20T02:02:00Z")
        scene.now = moment("2026-11-20T16:59:00Z")
        #expect(scene.actions().filter { $0.hasPrefix("create") } == [])
        scene.now = moment("2026-11-20T17:00:00Z")
        #expect(scene.plan().actions.compactMap { $0.word == "create" ? $0.slot : nil } == [scene.now])
    }

    @Test func itLeavesCopiesToTheOtherAsWell() throws {
        var scene = try scene()
        scene.addDestination()
        scene.points[2].copiedTo = []
        scene.memory.steppedBack = moment("2026-11-20T02:02:00Z")
        scene.now = moment("2026-11-20T06:00:59Z")
        #expect(scene.actions().filter { $0.hasPrefix("copy") } == [])
        scene.now = moment("2026-11-20T06:01:00Z")
        #expect(scene.actions().filter { $0.hasPrefix("copy") } == ["copy eu-west-1 2026-11-20"])
        scene.addPoint("2026-11-19", in: Scene.away, states: [.pending, .pending])
        #expect(scene.actions().filter { $0.hasPrefix("copy") } == [], "the other one is at it, perhaps")
        scene.now = moment("2026-11-20T10:01:00Z")
        #expect(scene.actions().filter { $0.hasPrefix("copy") } == ["copy eu-west-1 2026-11-20"], "but not for ever")
    }

    // MARK: What was just taken

    /// Twice the delay, counted from when its call was answered.
    @Test(arguments: [(119, true), (120, false)]) func itsCopyWaitsByName(seconds: Int64, waits: Bool) throws {
        var scene = try scene()
        scene.addDestination()
        scene.points[2].copiedTo = []
        let taken = scene.points[2]
        let key = Intent.Key(verb: .create, pair: scene.pair, slot: taken.slot, site: taken.site)
        let intent = Intent(id: taken.set, key: key, set: taken.set, began: taken.taken)
        scene.memory.recent[intent.id] = DoneIntent(intent, at: taken.taken)
        scene.now = taken.taken + .seconds(seconds)
        let end = taken.taken + .seconds(120)
        let unsettled = scene.memory.unsettled(in: scene.inventory, scene.timing, now: scene.now)
        #expect(unsettled == (waits ? [taken.id: end] : [:]))
        let before = scene.memory.unsettled(in: scene.inventory, scene.timing, now: taken.taken - .seconds(1))
        #expect(before == [:], "dated by a clock that was ahead, it says nothing")
        let plan = Planner(
            configuration: scene.configuration, inventory: scene.inventory, memory: scene.memory, now: scene.now,
            unsettled: unsettled
        ).plan()
        #expect(plan.waits.filter { $0.cause == .unsettled }.map(\.until) == (waits ? [end] : []))
        #expect(plan.actions.contains { $0.word == "copy" && $0.slot == taken.slot } == !waits)
    }

    // MARK: A ledger that has just been begun

    @Test(
        arguments: [
            ("a minute is not over", -59, true, []), ("it is over", -60, true, ["create us-east-1 2026-11-20"]),
            ("there is nothing yet", 0, false, ["create us-east-1 2026-11-20"]),
            ("by a clock that was ahead", 600, true, ["create us-east-1 2026-11-20"]),
        ] as [(String, Int64, Bool, [String])])
    func nothingIsBegunBeforeWhatTheLastOneBeganMustShow(
        name: String, installed: Int64, hasPoints: Bool, creates: [String]
    ) throws {
        var scene = try Scene()
        if hasPoints { scene.addPoint("2026-11-19") }
        scene.memory.installed = scene.now + .seconds(installed)
        #expect(scene.actions().filter { $0.hasPrefix("create") } == creates, "\(name)")
        if creates.isEmpty { #expect(scene.plan().nextTry == scene.now + .seconds(1)) }
    }
}

extension Scene {
    /// Another run's point of the same slot, begun a second later.
    mutating func addRival(of index: Int) {
        var rival = points[index]
        rival.set = SetID("\(rival.set)-rival")
        rival.taken = rival.taken + .seconds(1)
        for member in rival.members.indices {
            rival.members[member].snapshot = SnapshotID("\(rival.members[member].snapshot)-rival")
            rival.members[member].started = rival.members[member].started + .seconds(1)
        }
        points.append(rival)
    }
}

extension InterlockTests {
    static let rivals: [PruneRow] = [
        PruneRow(
            "rivals", "the one that stays is not complete",
            says:
                "withhold us-east-1 2026-11-20: two runs of snapwarden took this slot, and the set set-2026-11-20, which is "
                + "to stay, is not usable yet [rivals]"
        ) {
            $0.addRival(of: 1)
            $0.points[1].members[0].state = .pending
        },
        PruneRow(
            "rivals", "four minutes are not over", says: PruneRow.goes,
            "withhold us-east-1 2026-11-20: two runs of snapwarden took this slot: until 2026-11-20T02:05:01Z both see that "
                + "the set set-2026-11-20 stays [rivals]"
        ) {
            $0.addRival(of: 1)
            $0.now = moment("2026-11-20T02:05:00Z")
        },
        PruneRow(
            "rivals", "they are", says: PruneRow.goes,
            "prune us-east-1 2026-11-20: two runs of snapwarden took this slot, and the set set-2026-11-20 stays"
        ) {
            $0.addRival(of: 1)
            $0.now = moment("2026-11-20T02:05:01Z")
        },
    ]

    static let ledger: [PruneRow] = [
        PruneRow(
            "usable-ledger", "its disk is full",
            says: "withhold us-east-1 2026-11-19: the ledger cannot be used: what is deleted could not be written down "
                + "[usable-ledger]"
        ) { $0.memory.isLedgerUsable = false },
        PruneRow("usable-ledger", "it can be written", says: PruneRow.goes) { $0.memory.isLedgerUsable = true },
        PruneRow(
            "own-config", "the config in its file has problems",
            says: "withhold us-east-1 2026-11-19: the config has problems, and the one last applied stands in for it "
                + "[own-config]"
        ) { $0.isStandIn = true },
        PruneRow("own-config", "it has none", says: PruneRow.goes) { $0.isStandIn = false },
    ]
}
