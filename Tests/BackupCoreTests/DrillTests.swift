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
        var history = DrillHistory()
        var order: [String] = []
        for day in 0..<6 {
            let slot = Moment(seconds: 1_800_000_000 + Int64(day) * 86_400)
            let points = rule.points(of: policy, in: inventory, history, slot: slot)
            #expect(points.count == 1)
            for point in points {
                order.append(point.set.rawValue)
                let drill = Drill(
                    fleet: FleetName("acme"), policy: policy.name, rule: rule, slot: slot, point: point, began: slot)
                history.note(DrillTests.over(DrillRecord(drill)))
            }
        }
        #expect(order == ["i-1-3", "i-2-3", "i-3-3", "i-1-3", "i-2-3", "i-3-3"])
        #expect(history.records.count == 3, "of each resource the last one is remembered")
    }

    /// One that passed, and of which nothing is left.
    private static func over(_ record: DrillRecord) -> DrillRecord {
        var record = record
        (record.tested, record.ended, record.isGone) = (record.began, record.began, true)
        return record
    }

    /// Whatever was cut off is begun again, and what was done with the slot is not.
    @Test(arguments: [DrillRule.Pick.latest, .random])
    func afterADeath(pick: DrillRule.Pick) throws {
        let (policy, inventory) = try DrillTests.scene(["i-1", "i-2", "i-3", "i-4"], isCopy: true)
        let rule = try DrillTests.rule(pick, limit: 3)
        let (before, slot) = (Moment(seconds: 1_800_000_000), Moment(seconds: 1_800_086_400))
        func record(_ point: RecoveryPoint, _ slot: Moment) -> DrillRecord {
            DrillRecord(
                Drill(
                    fleet: FleetName("acme"), policy: policy.name, rule: rule, slot: slot, point: point, began: slot))
        }
        var history = DrillHistory()
        for point in rule.points(of: policy, in: inventory, history, slot: before) {
            history.note(DrillTests.over(record(point, before)))
        }
        let chosen = rule.points(of: policy, in: inventory, history, slot: slot)
        #expect(chosen.count == 3)
        history.note(DrillTests.over(record(chosen[0], slot)))
        history.note(record(chosen[2], slot))
        let again = rule.points(of: policy, in: inventory, history, slot: slot)
        #expect(again.map(\.id) == [chosen[2].id, chosen[1].id])
        for point in again { history.note(DrillTests.over(record(point, slot))) }
        #expect(rule.points(of: policy, in: inventory, history, slot: slot).isEmpty)
    }

    /// What is kept is not forgotten before it is gone, and a failure not before the resource passed.
    @Test func whatIsRemembered() throws {
        let scene = try Scene()
        let configuration = scene.configuration
        var inventory = Inventory([Scene.home: Listing(read: scene.now)])
        for resource in ["i-1", "i-2"] {
            inventory.listings[Scene.home]?.points += try DrillTests.scene([resource], isCopy: false).1.points
        }
        func record(_ day: Int, _ resource: String?, _ change: (inout DrillRecord) -> Void = { _ in }) -> DrillRecord {
            let slot = Moment(seconds: 1_800_000_000 + Int64(day) * 86_400)
            guard let resource else {
                return DrillRecord(scene.policy.name, slot: slot, failed: "there is no usable point", at: slot)
            }
            let point = PointID(place: Scene.home, set: SetID("\(resource)-\(day)"))
            let subject = DrillRecord.Subject(resource: ResourceID(resource), point: point, mark: "mark \(day)")
            var record = DrillTests.over(
                DrillRecord(policy: scene.policy.name, slot: slot, subject: subject, began: slot))
            change(&record)
            return record
        }
        var history = DrillHistory()
        history.note(record(1, nil))
        #expect(history.last(under: configuration, in: inventory).map(\.hasFailed) == [true])
        history.note(record(2, "i-1") { $0.failure = "no answer" })
        history.note(
            record(3, "i-2") { record in
                record.isGone = false
                record.keptUntil = record.began + .seconds(2 * 86_400)
            })
        history.note(record(4, "i-2"))
        #expect(
            history.last(under: configuration, in: inventory).map { $0.subject?.resource.rawValue } == ["i-1", "i-2"])
        #expect(history.records.count == 3)
        let day = { Moment(seconds: 1_800_000_000 + $0 * 86_400) }
        #expect(history.kept(now: day(4)).map(\.subject?.mark) == ["mark 3"] && history.remains(now: day(4)).isEmpty)
        #expect(history.kept(now: day(5)).isEmpty && history.remains(now: day(5)).map(\.subject?.mark) == ["mark 3"])
        history.note(record(5, "i-1"))
        #expect(history.last(under: configuration, in: inventory).map(\.hasPassed) == [true])
        #expect(history.records.count == 3)
        // Of what has no point any more nobody is told.
        #expect(history.last(under: configuration, in: Inventory([Scene.home: Listing(read: scene.now)])).isEmpty)
        history.forget(Pair(policy: scene.policy.name, resource: ResourceID("i-2")))
        #expect(history.records.count == 1)
    }

    /// Another schedule begins anew, and so does whoever's clock was years ahead.
    @Test func howFar() throws {
        let rule = try DrillTests.rule(.latest)
        let (policy, now) = (PolicyName("web"), Moment(seconds: 1_800_000_000))
        var history = DrillHistory()
        #expect(history.done(rule, of: policy, now: now) == nil)
        history.progress[policy] = .init(schedule: rule.schedule.text, done: now + .seconds(600))
        #expect(history.done(rule, of: policy, now: now) == now + .seconds(600), "the clock was set back a little")
        history.progress[policy]?.done = now + .seconds(365 * 86_400)
        #expect(history.done(rule, of: policy, now: now) == nil)
        history.progress[policy] = .init(schedule: "cron 0 7 * * * UTC", done: now)
        #expect(history.done(rule, of: policy, now: now) == nil)
    }

    @Test func severalWithEachSlot() throws {
        let (policy, inventory) = try DrillTests.scene(["i-1", "i-2", "i-3"], isCopy: true)
        let points = try DrillTests.rule(.latest, limit: 2).points(
            of: policy, in: inventory, DrillHistory(), slot: .longAgo)
        #expect(points.map(\.set.rawValue) == ["i-1-3", "i-2-3"])
    }

    @Test func onlyWhereItIsToBe() throws {
        let (policy, atHome) = try DrillTests.scene(["i-1"], isCopy: false)
        #expect(try DrillTests.rule(.latest).points(of: policy, in: atHome, DrillHistory(), slot: .longAgo).isEmpty)
        let rule = try DrillTests.rule(.latest, isOfCopies: false)
        #expect(rule.points(of: policy, in: atHome, DrillHistory(), slot: .longAgo).count == 1)
    }

    /// The same for the same slot, and in the long run every point.
    @Test func drawnByLot() throws {
        let (policy, inventory) = try DrillTests.scene(["i-1", "i-2"], isCopy: true)
        let rule = try DrillTests.rule(.random)
        let drawn = (0..<200).map { day in
            rule.points(of: policy, in: inventory, DrillHistory(), slot: Moment(seconds: Int64(day) * 86_400)).map(
                \.set)
        }
        let again = (0..<200).map { day in
            rule.points(of: policy, in: inventory, DrillHistory(), slot: Moment(seconds: Int64(day) * 86_400)).map(
                \.set)
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
        let point = try #require(rule.points(of: policy, in: inventory, DrillHistory(), slot: .longAgo).first)
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
