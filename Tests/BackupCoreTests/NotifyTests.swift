import Testing

@testable import BackupCore

/// What people are told beyond the journal: what is wrong, once, and what is well again.
@Suite struct NotifyTests {
    private static let away = CopyRule(region: Scene.away.region)

    // MARK: What is wrong

    private typealias Change = @Sendable (inout Scene) -> Void
    private static let rows: [(name: String, change: Change, alarms: [String])] = [
        ("all is well", { _ in }, []),
        (
            "failed twice", { $0.memory.setbacks[$0.key] = Setback(count: 2, last: $0.now, code: "No") },
            []
        ),
        (
            "failed three times",
            { $0.memory.setbacks[$0.key] = Setback(count: 3, last: $0.now, code: "No") },
            ["failure create web i-1 us-east-1"]
        ),
        (
            "a slot was missed since the newest point",
            {
                $0.memory.missed[$0.pair] = MissedSlots(
                    count: 1, oldest: moment("2026-11-20T08:00:00Z"), newest: moment("2026-11-20T08:00:00Z"))
            },
            ["failure missed-slot web i-1 us-east-1"]
        ),
        (
            "a slot was missed before the newest point",
            {
                $0.memory.missed[$0.pair] = MissedSlots(
                    count: 1, oldest: moment("2026-11-19T02:00:00Z"), newest: moment("2026-11-19T02:00:00Z"))
            },
            []
        ),
        ("the objective is met", { $0.policy.objective.local = .seconds(36_000) }, []),
        (
            "the objective is missed", { $0.policy.objective.local = .seconds(35_000) },
            ["rpo-missed age web i-1 us-east-1"]
        ),
        (
            "no copy at all, known for long", { $0.policy.objective.dr = .seconds(3600) },
            ["rpo-missed age web i-1 eu-west-1"]
        ),
        (
            "no copy at all, just selected",
            {
                $0.policy.objective.dr = .seconds(3600)
                $0.memory.firstSeen[$0.pair] = $0.now
            }, []
        ),
        ("a place cannot be read", { $0.gaps = [Scene.away] }, ["failure reading - - eu-west-1"]),
        ("the config stands in", { $0.isStandIn = true }, ["failure config - - -"]),
        ("the ledger cannot be used", { $0.memory.isLedgerUsable = false }, ["failure ledger - - -"]),
    ]

    @Test(arguments: rows.indices)
    func alarms(row: Int) throws {
        let row = NotifyTests.rows[row]
        var scene = try Scene(copies: [NotifyTests.away])
        scene.addPoint("2026-11-20")
        row.change(&scene)
        #expect(scene.alarms.all.keys.sorted().map(\.description) == row.alarms, "\(row.name)")
    }

    @Test func whenTheNextObjectiveIsMissed() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        #expect(scene.alarms.nextMiss == nil)
        scene.policy.objective.local = .seconds(86_400)
        #expect(scene.alarms.nextMiss == moment("2026-11-21T02:01:00Z"))
    }

    /// A place that cannot be read passes by itself most of the time.
    @Test func whatIsTold() throws {
        var scene = try Scene()
        scene.gaps = [Scene.home]
        let alarms = scene.alarms
        #expect(!alarms.isWhole && alarms.all.values.map(\.patience) == [.seconds(300)])
        #expect(alarms.concerning([]).count == 1, "it concerns everybody")
        scene.gaps = []
        scene.memory.setbacks[scene.key] = Setback(count: 3, last: scene.now, code: "AccessDenied")
        let text = try #require(scene.alarms.all.values.first?.text)
        #expect(
            text
                == "web/web (i-1) in us-east-1: create fails again and again since 2026-11-20T12:00:00Z: AccessDenied. "
                + "To mend it: allow this role the call")
        #expect(scene.alarms.concerning([PolicyName("other")]).isEmpty)
        #expect(scene.alarms.concerning([scene.policy.name]).count == 1)
    }

    // MARK: When it is told

    private let target = NotifyTarget(name: "ops", way: .command(["/x"]))
    private let start = moment("2026-11-20T12:00:00Z")

    private func alarm(_ resource: String, _ kind: Alarm.Kind = .failure) -> Alarm {
        Alarm(kind, "create", policy: PolicyName("web"), resource: ResourceID(resource), "\(resource) fails")
    }

    private func next(
        _ pacing: NoticePacing, _ alarms: [Alarm], _ target: NotifyTarget? = nil, isWhole: Bool = true, after: Int64 = 0
    ) -> (notice: Notice?, look: Moment?) {
        pacing.next(
            target ?? self.target, Dictionary(uniqueKeysWithValues: alarms.map { ($0.id, $0) }), isWhole: isWhole,
            fleet: FleetName("acme"), now: start + .seconds(after))
    }

    @Test func eachIsToldOnceAndNotTooSoon() throws {
        var pacing = NoticePacing()
        #expect(next(pacing, []).notice == nil)
        let first = try #require(next(pacing, [alarm("a")]).notice)
        #expect(first.new.map(\.text) == ["a fails"] && first.recovered == [] && first.standing == 1)
        pacing.sent(first, now: start)
        #expect(next(pacing, [alarm("a")], after: 9999).notice == nil, "nothing is news")
        let waiting = next(pacing, [alarm("a"), alarm("b"), alarm("c")], after: 10)
        #expect(waiting.notice == nil && waiting.look == start + .seconds(300))
        let second = try #require(next(pacing, [alarm("b"), alarm("c")], after: 300).notice)
        #expect(second.new.map(\.text) == ["b fails", "c fails"] && second.recovered.map(\.text) == ["a fails"])
        #expect(second.subject == "snapwarden acme: 2 new problems, 1 recovered")
        pacing.sent(second, now: start + .seconds(300))
        #expect(pacing.told.count == 2)
    }

    @Test func whatEndedBeforeItCouldBeToldIsNotTold() {
        var pacing = NoticePacing()
        pacing.failed(now: start)
        #expect(next(pacing, [alarm("a")], after: 10).look == start + .seconds(60))
        #expect(next(pacing, [], after: 60).notice == nil)
    }

    @Test func whoDoesNotAnswerIsTriedAgainInGrowingTime() {
        var (pacing, after, waits) = (NoticePacing(), Int64(0), [Int64]())
        for _ in 1...9 {
            pacing.failed(now: start + .seconds(after))
            let look = next(pacing, [alarm("a")], after: after).look ?? start
            waits.append((look - start).inSeconds - after)
            after += waits.last ?? 0
        }
        #expect(waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
        #expect(next(pacing, [alarm("a")], after: after).notice != nil)
    }

    @Test func recoveryIsToldOnlyWhereAllCouldBeRead() {
        let pacing = NoticePacing(told: [alarm("a").id: "a fails"])
        #expect(next(pacing, [], isWhole: false).notice == nil)
        #expect(next(pacing, []).notice?.recovered.map(\.text) == ["a fails"])
        #expect(next(pacing, []).notice?.text.hasSuffix("All is well now.") == true)
    }

    /// While the next drill is under way nobody knows whether it is well.
    @Test func whatIsBeingTriedHasNotRecovered() throws {
        var scene = try Scene()
        scene.policy.drill = DrillRule(schedule: scene.policy.schedules[0], isOfCopies: false)
        scene.addPoint("2026-11-20")
        let point = scene.points[0]
        var record = DrillRecord(
            policy: scene.policy.name, slot: scene.now,
            subject: DrillRecord.Subject(resource: point.resource, point: point.id, mark: "m"), began: scene.now)
        scene.memory.drills.note(record)
        let id = try #require(scene.alarms.undecided.first)
        #expect(scene.alarms.all.isEmpty)
        let pacing = NoticePacing(told: [id: "the drill failed"])
        #expect(
            pacing.next(
                target, [:], undecided: scene.alarms.undecided, isWhole: true, fleet: FleetName("acme"), now: start
            ).notice == nil)
        (record.ended, record.failure) = (scene.now, "no answer")
        scene.memory.drills.note(record)
        #expect(scene.alarms.all.keys.map(\.self) == [id] && scene.alarms.undecided.isEmpty)
    }

    @Test func onlyWhatSomebodyWantsToHear() {
        var deaf = target
        deaf.news = [.objectiveMissed]
        #expect(next(NoticePacing(), [alarm("a")], deaf).notice == nil)
        #expect(next(NoticePacing(), [alarm("a", .objectiveMissed)], deaf).notice?.new.count == 1)
        var pacing = NoticePacing(told: [alarm("a", .objectiveMissed).id: "a"])
        #expect(next(pacing, [], deaf).notice == nil)
        pacing.forget(except: [])
        #expect(pacing.told == [:], "it is news the next time")
    }

    @Test func aClockThatWasAheadKeepsNobodyWaiting() {
        var pacing = NoticePacing()
        pacing.failed(now: start + .seconds(1_000_000))
        #expect(next(pacing, [alarm("a")]).notice != nil)
    }

    @Test func manyAreCounted() throws {
        let notice = try #require(next(NoticePacing(), (1...33).map { alarm("i-\($0)") }).notice)
        let lines = notice.text.split(separator: "\n")
        #expect(lines.count == 1 + 20 + 1 + 1 && lines.contains("… and 13 more"))
        #expect(lines.last == "33 problems hold now: snapwarden status")
    }
}

extension Scene {
    fileprivate var key: Intent.Key {
        Intent.Key(verb: .create, pair: pair, slot: moment("2026-11-20T02:00:00Z"), site: resource.site)
    }

    fileprivate var alarms: Alarms { Alarms(configuration, inventory, memory, now: now) }
}
