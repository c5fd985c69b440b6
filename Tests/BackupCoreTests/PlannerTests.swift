import BackupCore
import Testing

@Suite struct GatingTests {
    @Test func failedPointOfTheSlotGoesFirst() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20", states: [.failed, .failed])
        #expect(scene.actions() == ["remove-failed us-east-1 2026-11-20"])
    }

    @Test func openIntentGatesItsOwnPairUntilItIsResolved() throws {
        var scene = try Scene()
        let key = Intent.Key(
            verb: .create, pair: scene.pair, slot: moment("2026-11-20T02:00:00Z"), site: Scene.home.site)
        scene.memory.apply(.began(Intent(id: SetID("n"), key: key, set: SetID("n"), began: scene.now)))
        #expect(scene.actions() == [])
        #expect(scene.plan().nextTry == scene.now + .seconds(60))
    }

    @Test func backoffGrowsWithFailures() throws {
        var scene = try Scene()
        let key = Intent.Key(
            verb: .create, pair: scene.pair, slot: moment("2026-11-20T02:00:00Z"), site: Scene.home.site)
        for (failures, wait) in [(1, 60), (2, 120), (3, 240), (7, 3600), (20, 3600)] {
            scene.memory.setbacks[key] = Setback(count: failures, last: scene.now, code: "x")
            #expect(scene.plan().nextTry == scene.now + .seconds(wait), "\(failures) failures")
        }
    }

    @Test func incompleteHomeCreatesNothingBlindly() throws {
        var scene = try Scene()
        scene.gaps = [Scene.home]
        #expect(scene.actions() == [])
    }
}

@Suite struct CopyTests {
    @Test func usablePointOwesACopyOnceAndNeverAgain() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-20")
        #expect(scene.actions() == ["copy eu-west-1 2026-11-20"])
        scene.memory.copiesSeen = [PointID(place: Scene.away, set: SetID("set-2026-11-20")): scene.now]
        #expect(scene.actions() == [])
        scene.memory.copiesSeen = [:]
        scene.points[0].copiedTo = [Scene.away.site]
        #expect(scene.actions() == [])
    }

    @Test func pendingAndIncompleteSetsAreNotCopied() throws {
        for states in [[MemberState.pending, .completed], [.completed], [.other("recoverable"), .completed]] {
            var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
            scene.addPoint("2026-11-20", states: states)
            #expect(!scene.actions().contains { $0.hasPrefix("copy") }, "\(states)")
        }
    }

    @Test func onlyMissingMembersAreCopied() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-20")
        scene.addPoint("2026-11-20", in: Scene.away, states: [.pending])
        let copies = scene.plan().actions.compactMap { action -> [String]? in
            if case .copy(let order) = action.work { order.members.map(\.snapshot.rawValue) } else { nil }
        }
        #expect(copies == [["snap-us-east-1-2026-11-20-1"]])
    }

    @Test func whatTheDestinationWouldNotKeepIsNotOwed() throws {
        var scene = try Scene(
            copies: [CopyRule(region: Scene.away.region, retention: Retention(last: 1))])
        scene.addPoint("2026-11-19")
        scene.addPoint("2026-11-20")
        #expect(scene.actions() == ["copy eu-west-1 2026-11-20"])
    }

    @Test func aHoldAtHomeIsNoReasonToCopy() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region, retention: Retention(last: 1))])
        scene.addPoint("2026-11-19")
        scene.addPoint("2026-11-20")
        scene.points[0].isHeld = true
        #expect(scene.actions() == ["copy eu-west-1 2026-11-20"])
    }

    @Test func destinationTakesTwentyAtATime() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        for day in 10...20 { scene.addPoint("2026-11-\(day)") }
        let members = scene.plan().actions.compactMap { action -> Int? in
            if case .copy(let order) = action.work { order.members.count } else { nil }
        }
        #expect(members.reduce(0, +) == 20)
    }
}

/// What AWS itself holds against a delete: locks, images, a refusal.
@Suite struct ProtectionRuleTests {
    private func scene(copies: [CopyRule] = []) throws -> Scene {
        var scene = try Scene(retention: Retention(last: 2), copies: copies)
        for day in 17...20 { scene.addPoint("2026-11-\(day)") }
        return scene
    }

    private func withheld(_ scene: Scene) -> [String] {
        scene.plan().actions.compactMap { action in
            if case .withhold = action.work { action.reason.description } else { nil }
        }
    }

    private static let until = moment("2026-12-24T00:00:00Z")

    static let protections: [(String, @Sendable (inout Scene) -> Void, [String])] = [
        ("nothing", { _ in }, []),
        (
            "a lock", { $0.points[0].members[1].lock = SnapshotLock(state: "governance", until: until) },
            ["snap-us-east-1-2026-11-17-1 is locked (governance) until 2026-12-24T00:00:00Z"]
        ),
        (
            "a lock whose end AWS does not say",
            { $0.points[0].members[0].lock = SnapshotLock(state: "compliance-cooloff") },
            ["snap-us-east-1-2026-11-17-0 is locked (compliance-cooloff)"]
        ),
        ("a lock that has ended", { $0.points[0].members[0].lock = SnapshotLock(state: "x", until: $0.now) }, []),
        (
            "an image", { $0.points[0].members[1].image = ImageID("ami-1") },
            ["snap-us-east-1-2026-11-17-1 is used by the AMI ami-1"]
        ),
        (
            "a refusal", { $0.points[0].refusal = "InvalidSnapshot.InUse: in use by ami-2" },
            ["AWS refuses to delete it: InvalidSnapshot.InUse: in use by ami-2"]
        ),
        (
            "a lock says more than a refusal",
            {
                $0.points[0].refusal = "no"
                $0.points[0].members[0].lock = SnapshotLock(state: "governance")
            }, ["snap-us-east-1-2026-11-17-0 is locked (governance)"]
        ),
        (
            "not read", { $0.protectionGaps = [Scene.home] },
            Array(
                repeating:
                    "the locks and AMIs of ec2/us-east-1 could not be read (ec2:DescribeImages: UnauthorizedOperation)",
                count: 2)
        ),
        ("not read elsewhere", { $0.protectionGaps = [Scene.away] }, []),
    ]

    @Test(arguments: protections)
    func protectedPointStays(name: String, change: @Sendable (inout Scene) -> Void, reasons: [String]) throws {
        var scene = try scene()
        change(&scene)
        #expect(withheld(scene) == reasons)
        #expect(scene.actions().filter { $0.hasPrefix("prune") }.count == 2 - reasons.count)
    }

    @Test func itIsLookedAtAgainWhenTheLockEnds() throws {
        var scene = try scene()
        scene.points[0].members[0].lock = SnapshotLock(state: "governance", until: Self.until)
        #expect(scene.plan().nextRelease == Self.until)
        scene.now = Self.until
        #expect(scene.actions().contains("prune us-east-1 2026-11-17"))
    }

    /// Creates and copies need no locks.
    @Test func protectionsNotReadStopNothingElse() throws {
        var scene = try Scene(retention: Retention(last: 1), copies: [CopyRule(region: Scene.away.region)])
        scene.protectionGaps = [Scene.home, Scene.away]
        #expect(scene.actions(.newestSlot) == ["create us-east-1 2026-11-20"])
        scene.addPoint("2026-11-20")
        scene.addPoint("2026-11-19", states: [.failed])
        #expect(scene.actions() == ["copy eu-west-1 2026-11-20", "remove-failed us-east-1 2026-11-19"])
    }

    @Test func protectedDebrisStays() throws {
        var scene = try Scene(retention: Retention(last: 5))
        scene.addPoint("2026-11-15", states: [.completed])
        scene.addPoint("2026-11-20")
        #expect(scene.actions() == ["prune us-east-1 2026-11-15"])
        scene.protectionGaps = [Scene.home]
        #expect(scene.actions() == ["withhold us-east-1 2026-11-15"])
        scene.protectionGaps = []
        scene.points[0].members[0].image = ImageID("ami-1")
        #expect(withheld(scene) == ["snap-us-east-1-2026-11-15-0 is used by the AMI ami-1"])
    }

    @Test func protectedFailedMembersStayAndTheOthersGo() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20", states: [.failed, .failed])
        let removed = { (scene: Scene) in
            scene.plan().actions.flatMap { action -> [String] in
                if case .removeFailed(_, let members) = action.work { members.map(\.snapshot.rawValue) } else { [] }
            }
        }
        scene.points[0].members[0].lock = SnapshotLock(state: "governance", until: Self.until)
        #expect(removed(scene) == ["snap-us-east-1-2026-11-20-1"])
        scene.points[0].members[1].image = ImageID("ami-1")
        #expect(removed(scene) == [])
        #expect(withheld(scene) == ["snap-us-east-1-2026-11-20-0 is locked (governance) until 2026-12-24T00:00:00Z"])
        #expect(scene.plan().nextRelease == Self.until)
        scene.points[0].members[0].lock = nil
        scene.points[0].refusal = "no"
        #expect(removed(scene) == [])
    }

    // MARK: Waits

    /// What a blackout holds back is named, with until when.
    @Test func blackoutIsAWait() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-19")
        let waits = { (scene: Scene) in
            scene.plan().waits.map {
                "\($0.action?.rawValue ?? "-") \($0.site) \($0.cause.word) \($0.until?.description ?? "-")"
            }
        }
        #expect(waits(scene) == [])
        scene.policy.blackouts = [
            Blackout(kinds: [.backups, .copies], start: 11 * 3600, end: 13 * 3600, zone: .utc)
        ]
        #expect(
            waits(scene) == [
                "create us-east-1 blackout 2026-11-20T13:00:00Z", "copy eu-west-1 blackout 2026-11-20T13:00:00Z",
            ])
        #expect(scene.actions() == [])
        scene.memory.pauses[scene.policy.name] = Pause(since: scene.now, until: nil)
        #expect(waits(scene) == [], "a pause says it all")
    }

    /// An open intent gates its own pair alone.
    @Test func anOpenIntentGatesNobodyElse() throws {
        var scene = try Scene()
        var other = scene.policy
        other.name = PolicyName("other")
        scene.others = [other]
        scene.memory.firstSeen[Pair(policy: other.name, resource: scene.resource.id)] = moment("2026-01-01T00:00:00Z")
        let creates = { (scene: Scene) in
            let plan = scene.plan()
            // One of both waits for the volumes, which take one snapshot in 15 s.
            return (plan.actions + plan.queued).filter { $0.key?.verb == .create }.map(\.pair.policy.rawValue).sorted()
        }
        let both = creates(scene)
        #expect(both == ["other", "web"])
        let key = Intent.Key(
            verb: .create, pair: scene.pair, slot: moment("2026-11-20T02:00:00Z"), site: scene.resource.site)
        let intent = Intent(id: SetID("n"), key: key, set: SetID("n"), began: scene.now)
        scene.memory.open[intent.id] = intent
        #expect(creates(scene) == ["other"])
    }

    /// Lightsail deletes by name: while what has failed is being removed, nothing is made under the same one.
    @Test(arguments: [
        (Intent.Verb.removeFailed, "2026-11-20T02:00:00Z", 0), (.prune, "2026-11-20T02:00:00Z", 0),
        (.removeSurplus, "2026-11-20T02:00:00Z", 0), (.removeFailed, "2026-11-19T02:00:00Z", 1),
        (.repair, "2026-11-20T02:00:00Z", 1),
    ])
    func nothingIsMadeWhereSomethingIsBeingRemoved(verb: Intent.Verb, slot: String, creates: Int) throws {
        var scene = try Scene()
        let key = Intent.Key(verb: verb, pair: scene.pair, slot: moment(slot), site: scene.resource.site)
        scene.memory.open[SetID("n")] = Intent(id: SetID("n"), key: key, set: SetID("n"), began: scene.now)
        #expect(scene.actions().filter { $0.hasPrefix("create") }.count == creates)
    }

    /// The same of copies.
    @Test func nothingIsCopiedWhereACopyIsBeingRemoved() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-20")
        #expect(scene.actions() == ["copy eu-west-1 2026-11-20"])
        let key = Intent.Key(
            verb: .removeFailed, pair: scene.pair, slot: scene.points[0].slot, site: Scene.away.site)
        scene.memory.open[SetID("n")] = Intent(id: SetID("n"), key: key, set: SetID("n"), began: scene.now)
        #expect(scene.actions() == [])
    }

    /// With `run --once` what becomes due while it runs is left to the next run.
    @Test func aRunThatEndsTakesNoLaterSlot() throws {
        let scene = try Scene()
        var planner = Planner(
            configuration: scene.configuration, inventory: scene.inventory, memory: scene.memory, now: scene.now,
            eagerness: .newestSlot)
        let slots = { (planner: Planner) in planner.plan().actions.map(\.slot.description) }
        #expect(slots(planner) == ["2026-11-20T02:00:00Z"])
        planner.slotsThrough = moment("2026-11-19T12:00:00Z")
        #expect(slots(planner) == ["2026-11-19T02:00:00Z"])
    }
}
