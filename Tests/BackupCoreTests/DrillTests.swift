import Testing

@testable import BackupCore

/// Which points are drilled, and when.
struct DrillTests {
    private static func scene(_ resources: [String], isCopy: Bool) throws -> (Policy, Inventory) {
        let scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        let place = isCopy ? Scene.away : Scene.home
        let points = resources.flatMap { resource in
            (1...3).map { day in
                let taken = Moment(rfc3339: "2026-11-0\(day)T02:00:00Z") ?? .longAgo
                return RecoveryPoint(
                    policy: scene.policy.name, resource: ResourceID(resource), slot: taken, kind: .scheduled,
                    set: SetID("\(resource)-\(day)"), place: place, home: Scene.home.site, taken: taken,
                    declaredMembers: 1,
                    members: [
                        Member(
                            snapshot: SnapshotID("snap-\(resource)-\(day)"), state: .completed, gibibytes: 1,
                            started: taken)
                    ])
            }
        }
        return (scene.policy, Inventory([place: Listing(points: points, read: scene.now)]))
    }

    private static func rule(_ pick: DrillRule.Pick, limit: Int = 1, isOfCopies: Bool = true) throws -> DrillRule {
        DrillRule(
            schedule: Schedule(try .cron("0 6 * * *"), zone: .utc), isOfCopies: isOfCopies, pick: pick, limit: limit)
    }

    @Test func resourcesTakeTurns() throws {
        let (policy, inventory) = try DrillTests.scene(["i-1", "i-2", "i-3"], isCopy: true)
        let rule = try DrillTests.rule(.latest)
        var memory = Memory()
        var order: [String] = []
        for day in 0..<6 {
            let slot = Moment(seconds: 1_800_000_000 + Int64(day) * 86_400)
            let points = rule.points(of: policy, in: inventory, memory, slot: slot)
            #expect(points.count == 1)
            for point in points {
                order.append(point.set.rawValue)
                let drill = Drill(
                    fleet: FleetName("acme"), policy: policy.name, rule: rule, slot: slot, point: point, began: slot)
                memory.apply(.drilled(drill.pair, DrillRecord(drill)))
            }
        }
        #expect(order == ["i-1-3", "i-2-3", "i-3-3", "i-1-3", "i-2-3", "i-3-3"])
        #expect(memory.lastDrill(of: policy.name)?.resource == ResourceID("i-3"))
    }

    @Test func severalWithEachSlot() throws {
        let (policy, inventory) = try DrillTests.scene(["i-1", "i-2", "i-3"], isCopy: true)
        let points = try DrillTests.rule(.latest, limit: 2).points(of: policy, in: inventory, Memory(), slot: .longAgo)
        #expect(points.map(\.set.rawValue) == ["i-1-3", "i-2-3"])
    }

    @Test func onlyWhereItIsToBe() throws {
        let (policy, atHome) = try DrillTests.scene(["i-1"], isCopy: false)
        #expect(try DrillTests.rule(.latest).points(of: policy, in: atHome, Memory(), slot: .longAgo).isEmpty)
        let rule = try DrillTests.rule(.latest, isOfCopies: false)
        #expect(rule.points(of: policy, in: atHome, Memory(), slot: .longAgo).count == 1)
    }

    /// The same for the same slot, and in the long run every point.
    @Test func drawnByLot() throws {
        let (policy, inventory) = try DrillTests.scene(["i-1", "i-2"], isCopy: true)
        let rule = try DrillTests.rule(.random)
        let drawn = (0..<200).map { day in
            rule.points(of: policy, in: inventory, Memory(), slot: Moment(seconds: Int64(day) * 86_400)).map(\.set)
        }
        let again = (0..<200).map { day in
            rule.points(of: policy, in: inventory, Memory(), slot: Moment(seconds: Int64(day) * 86_400)).map(\.set)
        }
        #expect(drawn == again && Set(drawn.flatMap { $0 }).count == 6)
    }

    @Test(
        arguments: [
            ("it comes", "2026-11-20T05:00:00Z", "2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z"),
            ("not before", "2026-11-20T05:00:00Z", "2026-11-20T05:59:59Z", nil),
            ("taken already", "2026-11-20T06:00:00Z", "2026-11-20T12:00:00Z", nil),
            ("of several the newest", "2026-11-17T00:00:00Z", "2026-11-20T07:00:00Z", "2026-11-20T06:00:00Z"),
            ("too late", "2026-11-19T12:00:00Z", "2026-11-20T15:00:01Z", nil),
            ("just in time", "2026-11-19T12:00:00Z", "2026-11-20T13:59:59Z", "2026-11-20T06:00:00Z"),
        ] as [(String, String, String, String?)])
    func due(name: String, since: String, now: String, expected: String?) throws {
        let due = try DrillTests.rule(.latest).dueSlot(
            since: #require(Moment(rfc3339: since)), window: .seconds(8 * 3600), now: #require(Moment(rfc3339: now)))
        #expect(due?.description == expected, "\(name)")
    }

    /// Every mark of a fleet's begins alike, no other fleet's does, and Lightsail takes marks and names.
    @Test func marksAndNames() throws {
        let (policy, inventory) = try DrillTests.scene(["i-1"], isCopy: true)
        let rule = try DrillTests.rule(.latest)
        let point = try #require(rule.points(of: policy, in: inventory, Memory(), slot: .longAgo).first)
        let slot = try #require(Moment(rfc3339: "2026-11-20T06:00:00Z"))
        let drill = Drill(
            fleet: FleetName("acme"), policy: policy.name, rule: rule, slot: slot, point: point, began: slot)
        #expect(drill.mark.hasPrefix(Drill.marks(of: FleetName("acme"))))
        #expect(!drill.mark.hasPrefix(Drill.marks(of: FleetName("acm"))))
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-=._:/@")
        #expect(drill.mark.allSatisfy(allowed.contains))
        #expect(drill.name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } && drill.name.count <= 200)
    }
}
