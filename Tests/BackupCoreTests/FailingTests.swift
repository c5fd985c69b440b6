import Testing

@testable import BackupCore

/// What fails again and again: how it is counted, when a person is called, and when it is forgotten.
@Suite struct FailingTests {
    private static func key(_ verb: Intent.Verb, _ scene: Scene, _ day: String, in place: Place) -> Intent.Key {
        Intent.Key(verb: verb, pair: scene.pair, slot: moment(day + "T02:00:00Z"), site: place.site)
    }

    @Test func aPersonIsCalledAtThreeAndEachTimeItHasDoubled() {
        #expect((0...200).filter { Failing.calls(at: $0) } == [3, 6, 12, 24, 48, 96, 192])
    }

    @Test func failuresOfOneThingAddUpOverItsSlots() throws {
        var scene = try Scene()
        let first = moment("2026-11-18T02:00:00Z")
        let create = { (day: String) in FailingTests.key(.create, scene, day, in: Scene.home) }
        let changes: [Change] = [
            .failedLater(create("2026-11-18"), code: "old", at: first),
            .failedLater(create("2026-11-18"), code: "older", at: first + .seconds(60)),
            .failedLater(create("2026-11-19"), code: "new", at: first + .seconds(86_400)),
            .failedLater(FailingTests.key(.copy, scene, "2026-11-18", in: Scene.away), code: "away", at: first),
        ]
        for change in changes { scene.memory.apply(change) }
        #expect(
            scene.memory.failing(scene.pair, in: Scene.home.site)
                == Failing(verb: .create, count: 3, since: first, code: "new"))
        #expect(
            scene.memory.failing(scene.pair, in: Scene.away.site)
                == Failing(verb: .copy, count: 1, since: first, code: "away"))
        let other = Pair(policy: PolicyName("other"), resource: scene.resource.id)
        #expect(scene.memory.failing(other, in: Scene.home.site) == nil)
        let standings = scene.inventory.standings(under: scene.configuration, scene.memory, now: scene.now)
        #expect(standings.map { $0.failing?.count } == [3])
        let line = scene.configuration.statusLine(scene.inventory, scene.memory, now: scene.now)
        #expect(line.contains("; 1 failing on and on; "), "\(line)")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var verb: Intent.Verb
        /// Slots' days and states of points at home and away; what failed is the 19th's.
        var home: [(String, MemberState)] = []
        var away: [(String, MemberState)] = []
        var isUnread = false
        var isForgotten: Bool
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(name: "nothing there", verb: .create, isForgotten: false),
        Row(name: "its point pends", verb: .create, home: [("2026-11-19", .pending)], isForgotten: false),
        Row(name: "its point failed again", verb: .create, home: [("2026-11-19", .failed)], isForgotten: false),
        Row(name: "its point is usable", verb: .create, home: [("2026-11-19", .completed)], isForgotten: true),
        Row(name: "a newer one is usable", verb: .create, home: [("2026-11-20", .completed)], isForgotten: true),
        Row(name: "an older one is usable", verb: .create, home: [("2026-11-18", .completed)], isForgotten: false),
        Row(
            name: "a copy is no home point", verb: .create, away: [("2026-11-19", .completed)], isForgotten: false),
        Row(
            name: "its copy pends", verb: .copy, home: [("2026-11-19", .completed)],
            away: [("2026-11-19", .pending)], isForgotten: false),
        Row(
            name: "its copy is usable", verb: .copy, home: [("2026-11-19", .completed)],
            away: [("2026-11-19", .completed)], isForgotten: true),
        Row(
            name: "a newer copy is usable", verb: .copy, home: [("2026-11-19", .completed)],
            away: [("2026-11-20", .completed)], isForgotten: false),
        Row(name: "its home point is gone", verb: .copy, home: [("2026-11-18", .completed)], isForgotten: true),
        Row(
            name: "its home point may only not be shown", verb: .copy, home: [("2026-11-18", .completed)],
            isUnread: true, isForgotten: false),
    ])
    func recoveries(_ row: Row) throws {
        var scene = try Scene()
        for (day, state) in row.home { scene.addPoint(day, states: [state, state]) }
        for (day, state) in row.away { scene.addPoint(day, in: Scene.away, states: [state, state]) }
        if row.isUnread { scene.gaps = [Scene.home] }
        let place = row.verb == .create ? Scene.home : Scene.away
        let key = FailingTests.key(row.verb, scene, "2026-11-19", in: place)
        scene.memory.apply(.failedLater(key, code: "x", at: scene.now))
        let changes = scene.memory.recoveries(seeing: scene.inventory)
        #expect(changes == (row.isForgotten ? [.recovered(key)] : []))
        for change in changes { scene.memory.apply(change) }
        #expect(scene.memory.setbacks.isEmpty == row.isForgotten)
    }

    @Test(arguments: [
        ("Given key ID is not accessible", "see that kms-key names an enabled key of the copy's own region"),
        ("KMS.DisabledException", "enable the KMS key"),
        ("KMS.NotFoundException", "the copy's region has no such KMS key"),
        ("KMS.AccessDeniedException", "let the KMS key's policy"),
        ("KMS.InvalidStateException", "the KMS key is being"),
        ("KMS.SomethingNew", "see that the KMS key exists"),
        ("The presigned URL is missing or not valid for the source region", "AWS did not accept the presigned URL"),
        ("Internal error: the snapshot could not be completed", "the trouble is AWS's own"),
        ("UnauthorizedOperation", "allow this role the call"), ("AccessDeniedException", "allow this role the call"),
        ("ExpiredTokenException", "renew the credentials"), ("RequestExpired", "set the clock"),
    ])
    func remedies(_ text: String, _ beginning: String) throws {
        #expect(try #require(Remedy.sentence(for: text)).hasPrefix(beginning))
        #expect(Remedy.advised(text).hasPrefix("\(text) (\(beginning)"))
    }

    @Test func whatNobodyKnowsIsGivenAsItIs() {
        #expect(Remedy.sentence(for: "Something else") == nil)
        #expect(Remedy.advised("Something else") == "Something else")
        #expect(Remedy.table.allSatisfy { $0.part == $0.part.lowercased() && !$0.sentence.hasSuffix(".") })
    }
}
