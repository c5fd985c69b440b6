import BackupCore
import Testing

/// What AWS's limits leave no room for waits its turn, most behind first.
@Suite struct QueueTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let does: [String]
        let waits: [String]
        let scene: @Sendable (inout Scene) -> Void

        init(
            _ name: String, does: [String] = [], waits: [String] = [], scene: @escaping @Sendable (inout Scene) -> Void
        ) {
            (testDescription, self.does, self.waits, self.scene) = (name, does, waits, scene)
        }
    }

    private static let create = "create us-east-1 2026-11-20"

    /// The scene's instance with two volumes is due since 02:00; it is 02:10.
    static let rows: [Row] = [
        Row("there is room", does: [create]) { _ in },
        Row("four of somebody's snapshots of a volume leave room for one", does: [create]) {
            $0.others(4, of: "vol-2")
        },
        Row(
            "five do not",
            waits: ["wait us-east-1: vol-2 has 5 snapshots under way or failed, and takes no more at once"]
        ) { $0.others(5, of: "vol-2") },
        Row(
            "failed ones that are still there count",
            waits: ["wait us-east-1: vol-2 has 5 snapshots under way or failed, and takes no more at once"]
        ) { $0.others(5, of: "vol-2", isFailed: true) },
        Row(
            "a magnetic volume takes one at a time",
            waits: ["wait us-east-1: vol-2 has 1 snapshot under way or failed, and takes no more at once"]
        ) {
            $0.resource.volumes[1].isMagnetic = true
            $0.others(1, of: "vol-2")
        },
        Row("volumes that are left out do not matter", does: [create]) {
            $0.policy.exclusion.volumeIDs = ["vol-2"]
            $0.others(5, of: "vol-2")
        },
        Row("one snapshot of a volume in 15 s", waits: ["wait us-east-1: vol-1 takes one snapshot in 15 s"]) {
            $0.others(1, of: "vol-1", age: 14)
        },
        Row("after them it is its turn", does: [create]) { $0.others(1, of: "vol-1", age: 15) },
        Row("our own point of a moment ago counts too", waits: ["wait us-east-1: vol-1 takes one snapshot in 15 s"]) {
            $0.addPoint("2026-11-20T02:08:50Z", kind: .manual)
        },
        Row("one dated long after now holds nothing up", does: [create]) { $0.others(1, of: "vol-1", age: -3600) },
        Row(
            "99 pending snapshots of the region leave room for one volume, not for two",
            waits: ["wait us-east-1: 100 snapshots are under way in us-east-1, and no more fit"]
        ) {
            $0.others(99, of: nil)
        },
        Row("98 leave room for both", does: [create]) { $0.others(98, of: nil) },
        Row("failed ones are not pending", does: [create]) { $0.others(99, of: nil, isFailed: true) },
    ]

    @Test(arguments: rows) func creates(_ row: Row) throws {
        var scene = try Scene()
        scene.now = moment("2026-11-20T02:10:00Z")
        scene.memory.firstSeen[scene.pair] = moment("2026-11-20T00:00:00Z")
        row.scene(&scene)
        #expect(scene.actions() == row.does)
        #expect(scene.waits() == row.waits)
    }

    @Test func thePlanKnowsWhenAVolumeHasHadItsPause() throws {
        var scene = try Scene()
        scene.now = moment("2026-11-20T02:10:00Z")
        scene.memory.firstSeen[scene.pair] = moment("2026-11-20T00:00:00Z")
        scene.others(1, of: "vol-1", age: 5)
        #expect(scene.plan().nextTry == moment("2026-11-20T02:10:10Z"))
    }

    @Test func twoPoliciesOfOneInstanceTakeTurns() throws {
        var scene = try Scene()
        scene.now = moment("2026-11-20T02:10:00Z")
        var other = scene.policy
        other.name = PolicyName("also")
        other.objective.local = .seconds(3600)
        scene.others = [other]
        for policy in [scene.policy, other] {
            scene.memory.firstSeen[Pair(policy: policy.name, resource: scene.resource.id)] = moment(
                "2026-11-20T00:00:00Z")
        }
        // Neither has a point: both are as far behind as can be, and the names decide.
        #expect(scene.plan().actions.map(\.pair.policy) == [PolicyName("also")])
        #expect(scene.plan().queued.map(\.pair.policy) == [PolicyName("web")])
        scene.memory.firstSeen[scene.pair] = moment("2026-11-01T00:00:00Z")
        scene.addPoint("2026-11-19")
        scene.points.append(scene.points[0])
        scene.points[1].policy = other.name
        scene.points[1].set = SetID("other")
        // Both took their last one at the same time; "also" promised an hour, "web" a day.
        #expect(scene.plan().actions.map(\.pair.policy) == [PolicyName("also")])
        scene.policy.objective.local = .seconds(60)
        #expect(scene.plan().actions.map(\.pair.policy) == [PolicyName("web")])
    }

    // MARK: Copies

    private func copying(_ underWay: Int) throws -> Scene {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-19")
        scene.addPoint("2026-11-20")
        scene.copiesUnderWay(underWay)
        return scene
    }

    @Test func everybodysCopiesTakeRoom() throws {
        #expect(try copying(0).actions() == ["copy eu-west-1 2026-11-19", "copy eu-west-1 2026-11-20"])
        // Room for three members: the newest point whole, one member of the other.
        let some = try copying(17).plan()
        let members = some.actions.map { action in
            if case .copy(let order) = action.work { order.members.count } else { 0 }
        }
        #expect(some.actions.map(\.slot.description) == ["2026-11-20T02:00:00Z", "2026-11-19T02:00:00Z"])
        #expect(members == [2, 1])
        #expect(some.queued.isEmpty)
        let none = try copying(20)
        #expect(none.actions() == [])
        #expect(
            none.waits() == [
                "wait eu-west-1: 20 copies are under way to eu-west-1, and no more fit",
                "wait eu-west-1: 20 copies are under way to eu-west-1, and no more fit",
            ])
    }

    /// What a destination has nothing of comes before what is only a day old there.
    @Test func copiesGoToWhoIsMostBehind() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-19")
        scene.addPoint("2026-11-19", in: Scene.away)
        scene.addPoint("2026-11-20")
        var other = scene.policy
        other.name = PolicyName("zz-new")
        scene.others = [other]
        var point = scene.points[2]
        point.policy = other.name
        point.set = SetID("new")
        point.members = point.members.map { member in
            var member = member
            member.snapshot = SnapshotID("new-\(member.snapshot)")
            return member
        }
        scene.points.append(point)
        scene.copiesUnderWay(18)
        let copies = scene.plan().actions.filter { $0.word == "copy" }
        #expect(copies.map(\.pair.policy) == [PolicyName("zz-new")])
        #expect(scene.plan().queued.map(\.pair.policy) == [PolicyName("web")])
    }

    @Test func aLightsailInstanceIsSnapshottedOnceAtATime() throws {
        var scene = try Scene()
        scene.resource = Resource(
            id: ResourceID("u-1"), kind: .lightsailInstance, site: Site(Scene.home.region), name: "blog", arn: "arn")
        scene.policy.selection = Selection(lightsailInstances: ResourceSelector(names: [Glob("*")]))
        scene.now = moment("2026-11-20T02:10:00Z")
        scene.memory.firstSeen[scene.pair] = moment("2026-11-20T00:00:00Z")
        let item = UnderWay(
            snapshot: SnapshotID("theirs"), source: .resource(ResourceID("u-1")), started: scene.now - .seconds(60))
        #expect(scene.actions() == ["create us-east-1 2026-11-20"])
        scene.underWay[scene.resource.place] = [item]
        #expect(scene.actions() == [])
        #expect(scene.waits() == ["wait us-east-1: a snapshot of u-1 is being made already"])
        // What failed, and what is stuck, is waited for by nobody.
        var failed = item
        failed.isFailed = true
        var stuck = item
        stuck.started = scene.now - .seconds(86_400)
        for item in [failed, stuck] {
            scene.underWay[scene.resource.place] = [item]
            #expect(scene.actions() == ["create us-east-1 2026-11-20"])
        }
    }
}

extension Scene {
    /// Somebody's snapshots of a volume, or of volumes that are none of ours.
    fileprivate mutating func others(_ count: Int, of volume: String?, age: Int64 = 600, isFailed: Bool = false) {
        underWay[Scene.home] = (0..<count).map { number in
            UnderWay(
                snapshot: SnapshotID("theirs-\(number)"),
                source: .volume(VolumeID(volume ?? "vol-theirs-\(number)")), started: now - .seconds(age),
                isFailed: isFailed)
        }
    }

    fileprivate mutating func copiesUnderWay(_ count: Int) {
        underWay[Scene.away] = (0..<count).map {
            UnderWay(snapshot: SnapshotID("theirs-\($0)"), isCopy: true, started: now - .seconds(600))
        }
    }

    fileprivate func waits() -> [String] {
        plan().queued.map { "\($0.word) \($0.site): \($0.explanation)" }.sorted()
    }
}
