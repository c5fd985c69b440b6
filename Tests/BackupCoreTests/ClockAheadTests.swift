import BackupCore
import Testing

/// What was written down by a clock that was ahead does not count until that time comes.
@Suite struct ClockAheadTests {
    private let now = moment("2026-11-20T12:00:00Z")
    private let ahead = moment("2026-12-20T12:00:00Z")

    /// A ledger in which each moment that delays something lies a month ahead.
    private func memory() throws -> Memory {
        let scene = try Scene()
        var memory = scene.memory
        memory.firstSeen[scene.pair] = ahead
        memory.schedules[scene.policy.name] = ["cron 0 2 * * * UTC": ahead, "older": moment("2026-01-01T00:00:00Z")]
        memory.resumed[scene.policy.name] = ahead
        memory.absent[scene.pair] = ahead
        memory.candidates[PointID(place: Scene.home, set: SetID("a"))] = ahead
        memory.retention = RetentionInForce(text: "rules", since: ahead)
        return memory
    }

    @Test func allOfItCountsFromNow() throws {
        var memory = try memory()
        for change in memory.corrections(seeing: Inventory(), now: now) { memory.apply(change) }
        #expect(memory.corrections(seeing: Inventory(), now: now) == [])
        #expect(Array(memory.firstSeen.values) == [now])
        #expect(memory.schedules.values.flatMap(\.values).sorted() == [moment("2026-01-01T00:00:00Z"), now])
        #expect(Array(memory.resumed.values) == [now])
        #expect(Array(memory.absent.values) == [now])
        #expect(Array(memory.candidates.values) == [now])
        #expect(memory.retention == RetentionInForce(text: "rules", since: now))
    }

    /// If it is this clock that is behind, a grace would seem over once it is set right.
    @Test func nothingIsCorrectedByAClockThatMayBeBehind() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-21")
        #expect(try memory().corrections(seeing: scene.inventory, now: now) == [])
        var behind = try memory()
        behind.lastPass = now + .seconds(60)
        #expect(behind.corrections(seeing: Inventory(), now: now) == [])
    }

    /// AWS's time is later than no slot's beginning; what a delete waits for is left until both clocks agree.
    @Test func whatSlotsBeginFromIsCorrectedByAWSTime() throws {
        var scene = try Scene()
        scene.clockCorrections[Scene.home] = .seconds(-30 * 86_400)
        let before = try memory()
        var memory = before
        for change in memory.corrections(seeing: scene.inventory, now: now) { memory.apply(change) }
        #expect(Array(memory.firstSeen.values) == [now])
        #expect(memory.schedules.values.flatMap(\.values).sorted() == [moment("2026-01-01T00:00:00Z"), now])
        #expect(memory.resumed == before.resumed && memory.absent == before.absent)
        #expect(memory.candidates == before.candidates && memory.retention == before.retention)
    }

    /// Else a point taken since would have no grace.
    @Test func aClockThatIsBehindDatesNoRulesBeforeTheLastPass() throws {
        let scene = try Scene()
        var memory = Memory()
        #expect(memory.newRetention(scene.configuration, now: now)?.since == now)
        memory.lastPass = ahead
        #expect(memory.newRetention(scene.configuration, now: now)?.since == ahead)
        memory.lastPass = now - .seconds(60)
        #expect(memory.newRetention(scene.configuration, now: now)?.since == now)
    }

    @Test func aFailureFromAheadDelaysNothing() throws {
        var scene = try Scene()
        let key = Intent.Key(
            verb: .create, pair: scene.pair, slot: moment("2026-11-20T02:00:00Z"), site: Scene.home.site)
        scene.memory.setbacks[key] = Setback(count: 1, last: ahead, code: "x")
        #expect(scene.actions() == ["create us-east-1 2026-11-20"])
    }
}
