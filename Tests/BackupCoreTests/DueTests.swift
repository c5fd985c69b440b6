import Testing

@testable import BackupCore

/// The design's section on due and missed slots: a row for each of its sentences.
@Suite struct DueTests {
    /// What is planned to be created at a moment: `2026-11-20T02:00:00Z due`, or nothing.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let now: String
        let scene: @Sendable (inout Scene) throws -> Void
        var eagerness = Eagerness.scheduled
        let creates: String?
        var missed: MissedSlots?
        var testDescription: String { name }

        init(
            _ name: String, at now: String, creates: String?, eagerness: Eagerness = .scheduled,
            missed: MissedSlots? = nil, _ scene: @escaping @Sendable (inout Scene) throws -> Void = { _ in }
        ) {
            (self.name, self.now, self.scene, self.eagerness) = (name, now, scene, eagerness)
            (self.creates, self.missed) = (creates, missed)
        }
    }

    private static func one(_ slot: String) -> MissedSlots {
        MissedSlots(count: 1, oldest: moment(slot), newest: moment(slot))
    }

    /// The scene's policy takes a point at 02:00 UTC each day; its resource is known since January.
    static let rows: [Row] = [
        // A slot is satisfied by a non-failed scheduled point that bears it or a later slot, whatever its `taken`.
        Row("a slot whose time has come is due", at: "2026-11-20T02:00:00Z", creates: "2026-11-20T02:00:00Z due") {
            $0.addPoint("2026-11-19")
        },
        Row("a second before, nothing is", at: "2026-11-20T01:59:59Z", creates: nil) { $0.addPoint("2026-11-19") },
        Row("a usable point satisfies its slot", at: "2026-11-20T03:00:00Z", creates: nil) {
            $0.addPoint("2026-11-20")
        },
        Row("a pending one does", at: "2026-11-20T03:00:00Z", creates: nil) {
            $0.addPoint("2026-11-20", states: [.pending, .completed])
        },
        Row(
            "a failed one does not, but goes first", at: "2026-11-20T03:00:00Z", creates: nil,
            {
                $0.addPoint("2026-11-19")
                $0.addPoint("2026-11-20", states: [.failed, .completed])
            }),
        Row("a later slot's point satisfies the earlier slots", at: "2026-11-21T03:00:00Z", creates: nil) {
            $0.addPoint("2026-11-21")
        },
        Row("nor does a clock that went back a little make it forget", at: "2026-11-20T01:58:00Z", creates: nil) {
            $0.addPoint("2026-11-20")
        },
        Row(
            "a point of a slot to come, from a clock that was ahead, satisfies nothing yet",
            at: "2026-11-20T03:00:00Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.addPoint("2026-11-19")
                $0.addPoint("2026-11-21")
            }),
        Row(
            "what is left once a failed member was removed satisfies nothing", at: "2026-11-20T02:10:00Z",
            creates: "2026-11-20T02:00:00Z due",
            {
                $0.addPoint("2026-11-19")
                $0.addPoint("2026-11-20")
                $0.points[1].members.removeLast()
            }),
        Row("a member that AWS may only not show yet is not missed", at: "2026-11-20T02:00:30Z", creates: nil) {
            $0.addPoint("2026-11-20")
            $0.points[0].members.removeLast()
        },
        Row("an archived member is there", at: "2026-11-20T03:00:00Z", creates: nil) {
            $0.addPoint("2026-11-20", states: [.archived, .completed])
        },
        Row("AWS's clock 10 s behind ours: taken before its slot", at: "2026-11-20T02:00:05Z", creates: nil) {
            $0.addPoint("2026-11-20")
            $0.points[0].taken = moment("2026-11-20T01:59:50Z")
        },
        Row("AWS's clock 10 s ahead of ours: taken in the future", at: "2026-11-20T02:00:05Z", creates: nil) {
            $0.addPoint("2026-11-20")
            $0.points[0].taken = moment("2026-11-20T02:00:15Z")
        },
        Row(
            "AWS's clock 10 s behind: yesterday's point, taken in time, satisfies no more than its own slot",
            at: "2026-11-20T02:00:05Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.addPoint("2026-11-19")
                $0.points[0].taken = moment("2026-11-20T02:00:01Z")
            }),
        // Manual points satisfy none.
        Row(
            "a manual point just after a slot satisfies nothing", at: "2026-11-20T02:01:00Z",
            creates: "2026-11-20T02:00:00Z due",
            {
                $0.addPoint("2026-11-19")
                $0.addPoint("2026-11-20", kind: .manual)
                $0.points[1].slot = moment("2026-11-20T02:00:30Z")
            }),
        // Slots before the schedule text was in force or the resource was first seen are not missed.
        Row("a schedule edited at noon: the slot before noon is nobody's", at: "2026-11-20T13:00:00Z", creates: nil) {
            $0.policy.schedules = [try cron("0 11,14 * * *", "UTC")]
            $0.memory.schedules[PolicyName("web")] = ["cron 0 11,14 * * * UTC": moment("2026-11-20T12:00:00Z")]
        },
        Row(
            "a schedule edited at noon: the slot after noon is ours", at: "2026-11-20T14:00:00Z",
            creates: "2026-11-20T14:00:00Z due",
            {
                $0.policy.schedules = [try cron("0 11,14 * * *", "UTC")]
                $0.memory.schedules[PolicyName("web")] = ["cron 0 11,14 * * * UTC": moment("2026-11-20T12:00:00Z")]
            }),
        Row(
            "another schedule of the policy, not edited, keeps its slots", at: "2026-11-20T12:30:00Z",
            creates: "2026-11-20T10:00:00Z due",
            {
                $0.memory.firstSeen[$0.pair] = moment("2026-11-20T00:00:00Z")
                $0.policy.schedules = [try cron("0 11,14 * * *", "UTC"), try cron("0 10 * * *", "UTC")]
                $0.memory.schedules[PolicyName("web")] = [
                    "cron 0 11,14 * * * UTC": moment("2026-11-20T12:00:00Z"),
                    "cron 0 10 * * * UTC": moment("2026-01-01T00:00:00Z"),
                ]
            }),
        Row("a text that the ledger does not know yet begins now", at: "2026-11-20T12:30:00Z", creates: nil) {
            $0.memory.schedules[PolicyName("web")] = ["cron 0 5 * * * UTC": moment("2026-01-01T00:00:00Z")]
        },
        Row("before the resource was first seen nothing is missed", at: "2026-11-20T12:00:00Z", creates: nil) {
            $0.memory.firstSeen[$0.pair] = moment("2026-11-20T02:00:00Z")
        },
        Row(
            "with a lost ledger: what came after the oldest point", at: "2026-11-20T03:00:00Z",
            creates: "2026-11-20T02:00:00Z due", missed: one("2026-11-19T02:00:00Z"),
            {
                $0.memory = Memory()
                $0.addPoint("2026-11-18")
            }),
        Row("with a lost ledger and no point: nothing before now", at: "2026-11-20T03:00:00Z", creates: nil) {
            $0.memory = Memory()
        },
        // New pairs wait for the next slot; `first: now` changes that.
        Row("a new pair waits for the next slot", at: "2026-11-20T12:00:00Z", creates: nil) { $0.memory = Memory() },
        Row(
            "first: now takes the newest slot at once", at: "2026-11-20T12:00:00Z",
            creates: "2026-11-20T02:00:00Z firstPoint",
            {
                $0.memory = Memory()
                $0.policy.first = .now
            }),
        Row("first: now is no reason for a second one", at: "2026-11-20T12:00:00Z", creates: nil) {
            $0.memory = Memory()
            $0.policy.first = .now
            $0.addPoint("2026-11-20")
        },
        // `run --once` takes the newest unsatisfied slot; it honours blackout and pause, not `missed` and the window.
        Row(
            "run --once: a slot older than the pair", at: "2026-11-20T12:00:00Z",
            creates: "2026-11-20T02:00:00Z newestUnsatisfied", eagerness: .newestSlot, { $0.memory = Memory() }),
        Row(
            "run --once: a slot past its window, missed: skip", at: "2026-11-20T23:00:00Z",
            creates: "2026-11-20T02:00:00Z newestUnsatisfied", eagerness: .newestSlot,
            missed: one("2026-11-20T02:00:00Z"),
            {
                $0.addPoint("2026-11-19")
                $0.policy.schedules[0].missed = .skip
            }),
        Row("run --once: in a blackout", at: "2026-11-20T09:00:00Z", creates: nil, eagerness: .newestSlot) {
            $0.addPoint("2026-11-19")
            $0.policy.blackouts = [Blackout(kinds: [.backups], start: 8 * 3600, end: 18 * 3600, zone: .utc)]
        },
        Row("run --once: paused", at: "2026-11-20T12:00:00Z", creates: nil, eagerness: .newestSlot) {
            $0.addPoint("2026-11-19")
            $0.memory.pauses[PolicyName("web")] = Pause(since: moment("2026-11-20T00:00:00Z"))
        },
        // Due = slot + spread; the start window counts from due; a slot started later is missed.
        Row("a spread delays the start", at: "2026-11-20T02:01:00Z", creates: nil) {
            $0.policy.schedules[0].spread = .seconds(7200)
            $0.addPoint("2026-11-19")
        },
        Row(
            "… and not the slot", at: "2026-11-20T04:00:00Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.policy.schedules[0].spread = .seconds(7200)
                $0.addPoint("2026-11-19")
            }),
        Row(
            "the window's last second", at: "2026-11-20T10:00:00Z", creates: "2026-11-20T02:00:00Z due",
            { $0.addPoint("2026-11-19") }),
        Row(
            "a second later it is missed, and caught up on", at: "2026-11-20T10:00:01Z",
            creates: "2026-11-20T02:00:00Z catchUp", missed: one("2026-11-20T02:00:00Z"),
            { $0.addPoint("2026-11-19") }),
        Row(
            "the window counts from due", at: "2026-11-20T10:00:01Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.policy.schedules[0].spread = .seconds(7200)
                $0.addPoint("2026-11-19")
            }),
        // A slot that two schedules share is one, with the earlier due time and the more lenient `missed`.
        Row(
            "shared: the earlier due time", at: "2026-11-20T02:00:00Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.policy.schedules.append(try cron("0 2 * * fri", "UTC"))
                $0.policy.schedules[0].spread = .seconds(7200)
                $0.addPoint("2026-11-19")
            }),
        Row(
            "shared: the more lenient rule", at: "2026-11-20T12:00:00Z", creates: "2026-11-20T02:00:00Z catchUp",
            missed: one("2026-11-20T02:00:00Z"),
            {
                $0.policy.schedules[0].missed = .skip
                $0.policy.schedules.append(try cron("0 2 * * fri", "UTC"))
                $0.addPoint("2026-11-19")
            }),
        Row(
            "not shared on a Thursday: the rule of the one", at: "2026-11-19T12:00:00Z", creates: nil,
            missed: one("2026-11-19T02:00:00Z"),
            {
                $0.policy.schedules[0].missed = .skip
                $0.policy.schedules.append(try cron("0 2 * * fri", "UTC"))
                $0.addPoint("2026-11-18")
            }),
        Row("shared: one point is enough", at: "2026-11-20T02:30:00Z", creates: nil) {
            $0.policy.schedules.append(try cron("0 2 * * fri", "UTC"))
            $0.addPoint("2026-11-20")
        },
        // After downtime at most one coalesced catch-up, which bears the newest missed slot.
        Row(
            "three days off: one catch-up for the newest", at: "2026-11-20T01:00:00Z",
            creates: "2026-11-19T02:00:00Z catchUp",
            missed: MissedSlots(
                count: 3, oldest: moment("2026-11-17T02:00:00Z"), newest: moment("2026-11-19T02:00:00Z")),
            { $0.addPoint("2026-11-16") }),
        Row(
            "an hourly schedule, five hours off: the newest is in time, four were missed", at: "2026-11-20T07:10:00Z",
            creates: "2026-11-20T07:00:00Z due",
            missed: MissedSlots(
                count: 4, oldest: moment("2026-11-20T03:00:00Z"), newest: moment("2026-11-20T06:00:00Z")),
            {
                $0.policy.schedules = [try cron("0 * * * *", "UTC")]
                $0.addPoint("2026-11-20")
            }),
        Row(
            "missed: skip", at: "2026-11-20T12:00:00Z", creates: nil, missed: one("2026-11-20T02:00:00Z"),
            {
                $0.policy.schedules[0].missed = .skip
                $0.addPoint("2026-11-19")
            }),
        Row(
            "run-once-within: in time", at: "2026-11-20T14:00:00Z", creates: "2026-11-20T02:00:00Z catchUp",
            missed: one("2026-11-20T02:00:00Z"),
            {
                $0.policy.schedules[0].missed = .runOnce(within: .seconds(12 * 3600))
                $0.addPoint("2026-11-19")
            }),
        Row(
            "run-once-within: too late", at: "2026-11-20T14:00:01Z", creates: nil,
            missed: one("2026-11-20T02:00:00Z"),
            {
                $0.policy.schedules[0].missed = .runOnce(within: .seconds(12 * 3600))
                $0.addPoint("2026-11-19")
            }),
        // Blackout: hours in which nothing starts.
        Row("a blackout delays the start", at: "2026-11-20T05:59:59Z", creates: nil) {
            $0.policy.blackouts = [Blackout(kinds: [.backups], start: 0, end: 6 * 3600, zone: .utc)]
            $0.addPoint("2026-11-19")
        },
        Row(
            "… to its end", at: "2026-11-20T06:00:00Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.policy.blackouts = [Blackout(kinds: [.backups], start: 0, end: 6 * 3600, zone: .utc)]
                $0.addPoint("2026-11-19")
            }),
        Row(
            "… from where the window counts", at: "2026-11-20T14:00:00Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.policy.blackouts = [Blackout(kinds: [.backups], start: 0, end: 6 * 3600, zone: .utc)]
                $0.addPoint("2026-11-19")
            }),
        Row(
            "a blackout of copies delays no backup", at: "2026-11-20T03:00:00Z", creates: "2026-11-20T02:00:00Z due",
            {
                $0.policy.blackouts = [Blackout(kinds: [.copies], start: 0, end: 6 * 3600, zone: .utc)]
                $0.addPoint("2026-11-19")
            }),
        Row(
            "a blackout over midnight", at: "2026-11-20T03:00:00Z", creates: nil,
            {
                $0.policy.blackouts = [
                    Blackout(kinds: [.backups], start: 22 * 3600, end: 4 * 3600, weekdays: [4], zone: .utc)
                ]
                $0.addPoint("2026-11-19")
            }),
        // Pause.
        Row("a paused policy starts nothing", at: "2026-11-20T03:00:00Z", creates: nil) {
            $0.memory.pauses[PolicyName("web")] = Pause(since: moment("2026-11-20T01:00:00Z"))
            $0.addPoint("2026-11-19")
        },
        Row("what fell into the pause is nobody's", at: "2026-11-20T12:00:00Z", creates: nil) {
            $0.memory.pauses[PolicyName("web")] = Pause(
                since: moment("2026-11-17T00:00:00Z"), until: moment("2026-11-20T11:00:00Z"))
            $0.addPoint("2026-11-16")
        },
        Row("what falls into a pause that holds is not missed", at: "2026-11-20T12:00:00Z", creates: nil) {
            $0.memory.pauses[PolicyName("web")] = Pause(since: moment("2026-11-17T00:00:00Z"))
            $0.addPoint("2026-11-16")
        },
        Row(
            "a slot from before the pause is taken after it", at: "2026-11-20T05:00:00Z",
            creates: "2026-11-20T02:00:00Z due",
            {
                $0.memory.pauses[PolicyName("web")] = Pause(
                    since: moment("2026-11-20T02:10:00Z"), resumed: moment("2026-11-20T04:00:00Z"))
                $0.addPoint("2026-11-19")
            }),
        Row("a clock set back before the pause ends none", at: "2026-11-20T03:00:00Z", creates: nil) {
            $0.memory.pauses[PolicyName("web")] = Pause(since: moment("2026-11-20T04:00:00Z"))
            $0.addPoint("2026-11-19")
        },
        Row(
            "a clock set back before a resume starts none", at: "2026-11-20T03:00:00Z",
            creates: "2026-11-20T02:00:00Z due"
        ) {
            $0.memory.pauses[PolicyName("web")] = Pause(
                since: moment("2026-11-20T04:00:00Z"), resumed: moment("2026-11-20T05:00:00Z"))
            $0.addPoint("2026-11-19")
        },
        Row("what fell into the pause before the last one is nobody's either", at: "2026-11-20T01:00:00Z", creates: nil)
        {
            $0.memory.pauses[PolicyName("web")] = Pause(
                since: moment("2026-11-19T12:00:00Z"), resumed: moment("2026-11-20T00:30:00Z"),
                earlier: moment("2026-11-19T06:00:00Z"))
            $0.addPoint("2026-11-16")
        },
        Row(
            "after the pause the next slot is due", at: "2026-11-21T02:00:00Z", creates: "2026-11-21T02:00:00Z due",
            {
                $0.memory.pauses[PolicyName("web")] = Pause(
                    since: moment("2026-11-17T00:00:00Z"), until: moment("2026-11-20T11:00:00Z"))
                $0.addPoint("2026-11-16")
            }),
    ]

    @Test(arguments: rows) func due(_ row: Row) throws {
        var scene = try Scene()
        scene.memory.schedules[PolicyName("web")] = nil
        try row.scene(&scene)
        scene.now = moment(row.now)
        let plan = scene.plan(row.eagerness)
        let creates = (plan.actions + plan.queued).filter { if case .create = $0.work { true } else { false } }
        let texts = creates.map { "\($0.slot) \($0.reason.name)" }
        #expect(texts == (row.creates.map { [$0] } ?? []))
        #expect(plan.missed[scene.pair] == row.missed)
    }

    @Test func thePlanSaysWhenTheNextOneStarts() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        #expect(scene.plan().nextStart == moment("2026-11-21T02:00:00Z"))
        scene.policy.schedules[0].spread = .seconds(7200)
        let delay = scene.policy.schedules[0].delay(of: scene.pair)
        #expect(delay > .zero && delay < .seconds(7200))
        #expect(scene.plan().nextStart == moment("2026-11-21T02:00:00Z") + delay)
        scene.policy.blackouts = [Blackout(kinds: [.backups], start: 0, end: 6 * 3600, zone: .utc)]
        #expect(scene.plan().nextStart == moment("2026-11-21T06:00:00Z"))
        scene.memory.pauses[PolicyName("web")] = Pause(since: scene.now, until: scene.now + .seconds(60))
        #expect(scene.plan().nextStart == scene.now + .seconds(60))
    }

    @Test func sharesOfASpreadAreStableAndEven() throws {
        var schedule = try cron("0 2 * * *", "UTC")
        schedule.spread = .seconds(600)
        var perMinute = [Int](repeating: 0, count: 10)
        for number in 0..<10_000 {
            let pair = Pair(policy: PolicyName("web"), resource: ResourceID("i-\(number)"))
            let delay = schedule.delay(of: pair).inSeconds
            #expect((0..<600).contains(delay))
            #expect(schedule.delay(of: pair).inSeconds == delay)
            perMinute[Int(delay / 60)] += 1
        }
        #expect(perMinute.allSatisfy { (850...1150).contains($0) }, "\(perMinute)")
        // The same in every release: a change of the hash would move every start.
        #expect(schedule.delay(of: Pair(policy: PolicyName("web"), resource: ResourceID("i-1"))).inSeconds == 170)
    }

    @Test func pausesAndBlackoutsHoldCopiesAndPrunesToo() throws {
        var scene = try Scene(retention: Retention(last: 1), copies: [CopyRule(region: Scene.away.region)])
        scene.timing.pruneGrace = .zero
        for day in ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"] { scene.addPoint(day) }
        for index in 0..<3 { scene.points[index].copiedTo = [Scene.away.site] }
        let free = scene.actions()
        #expect(free.contains("copy eu-west-1 2026-11-20") && free.contains("prune us-east-1 2026-11-17"))
        scene.policy.blackouts = [Blackout(kinds: [.copies], start: 0, end: 13 * 3600, zone: .utc)]
        #expect(scene.actions().filter { $0.hasPrefix("copy") } == [])
        #expect(scene.actions().contains("prune us-east-1 2026-11-17"))
        #expect(scene.plan().nextRelease == moment("2026-11-20T13:00:00Z"))
        scene.policy.blackouts = [Blackout(kinds: [.prunes], start: 0, end: 13 * 3600, zone: .utc)]
        #expect(scene.actions().contains("withhold us-east-1 2026-11-17"))
        #expect(scene.actions().contains("copy eu-west-1 2026-11-20"))
        scene.policy.blackouts = []
        scene.memory.pauses[PolicyName("web")] = Pause(since: moment("2026-11-20T00:00:00Z"))
        #expect(scene.actions().allSatisfy { $0.hasPrefix("withhold") })
    }
}

extension Reason {
    fileprivate var name: String {
        switch self {
        case .due: "due"
        case .catchUp: "catchUp"
        case .firstPoint: "firstPoint"
        case .newestUnsatisfied: "newestUnsatisfied"
        default: "\(self)"
        }
    }
}
