import Glibc
import Simulation
import Testing

@testable import BackupCore
@testable import BackupDaemon

/// A year of the scheduler's decisions, minute by minute, with the machine killed, suspended and its clock set.
@Suite(.enabled(if: isOptimised, "takes minutes without optimisation")) struct VirtualYearTests {
    struct Plan: Sendable, CustomTestStringConvertible {
        let expression: Expression
        let zone: String
        /// How many slots 2026 has; nil where that is counted otherwise.
        let count: Int
        var testDescription: String { "\(expression.notation.rawValue) \(expression.text) \(zone)" }
    }

    static let plans: [Plan] = {
        do {
            return [
                Plan(expression: try .cron("30 2 * * *"), zone: "Europe/Berlin", count: 365),
                Plan(expression: try .cron("15 * * * *"), zone: "America/New_York", count: 8760),
                Plan(expression: try .aws("cron(0 22 ? * MON-FRI *)"), zone: "UTC", count: 261),
                Plan(expression: try .aws("rate(8 hours)"), zone: "Australia/Lord_Howe", count: 1095),
                Plan(
                    expression: try .calendar("*-*-01,15 02:10").expression, zone: "Australia/Lord_Howe", count: 24),
                Plan(expression: try .every("6h", period: .seconds(21_600)), zone: "America/New_York", count: 1460),
                Plan(expression: try .every("36h", period: .seconds(129_600)), zone: "Europe/Berlin", count: 243),
                Plan(expression: try .at(["02:30", "14:00"], on: [1, 4]), zone: "Europe/Berlin", count: 210),
            ]
        } catch {
            Issue.record("\(error)")
            return []
        }
    }()

    @Test(arguments: plans) func anUndisturbedYearHasEverySlotOnce(_ plan: Plan) throws {
        var year = try Year(plan, seed: 0)
        year.run(disturbed: false)
        #expect(year.created.count == plan.count)
        #expect(year.created == year.slots, "each slot, in order, once")
    }

    @Test(arguments: plans, [1, 2] as [UInt64])
    func killsSuspendsAndClockStepsNeverTakeASlotTwice(_ plan: Plan, seed: UInt64) throws {
        var year = try Year(plan, seed: seed)
        year.run(disturbed: true)
        print(
            "\(plan.testDescription) seed \(seed): \(year.created.count) of \(year.slots.count) slots, \(year.disturbances)"
        )
        #expect(Set(year.created).count == year.created.count, "no slot twice, seed \(seed)")
        #expect(year.created == year.expected, "the newest slot at each awake minute, seed \(seed)")
    }
}

/// A machine, its daemon, and what AWS holds.
private struct Year {
    private static let start = Moment(seconds: 1_767_225_600 - 43_200)
    private static let minutes = 365 * 1440 + 1440
    private static let kept = 12

    /// Every slot of the local year 2026.
    let slots: [Moment]
    /// The second before it; until then the first point's slot would be one to come.
    private let newYear: Moment
    private let configuration: Configuration
    private let pair: Pair
    private var generator: SplitMix64

    private var memory = Memory()
    private var state: SchedulerState?
    private var points: [RecoveryPoint] = []
    private(set) var created: [Moment] = []
    /// What a simpler reckoning takes: at each awake minute the newest slot, if no point bears it or one between it and
    /// five minutes from now.
    ///
    /// A point of a slot further ahead was taken while the clock was ahead.
    private(set) var expected: [Moment] = []
    private(set) var disturbances = "nothing"

    init(_ plan: VirtualYearTests.Plan, seed: UInt64) throws {
        let schedule = Schedule(plan.expression, zone: try systemZone(plan.zone))
        let policy = Policy(
            name: PolicyName("p"), regions: [Region("us-east-1")],
            selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])), schedules: [schedule],
            retention: Retention())
        configuration = Configuration(fleet: FleetName("f"), policies: [policy])
        pair = Pair(policy: policy.name, resource: ResourceID("i-1"))
        generator = SplitMix64(seed: seed)
        guard let newYear = CivilDate(year: 2026, month: 1, day: 1), let next = CivilDate(year: 2027, month: 1, day: 1)
        else { throw ExpressionError(at: 0, "no such day") }
        let begin = schedule.zone.moment(of: CivilTime(date: newYear, secondOfDay: 0)) - .seconds(1)
        self.newYear = begin
        let end = schedule.zone.moment(of: CivilTime(date: next, secondOfDay: 0)) - .seconds(1)
        var slots: [Moment] = []
        while let slot = schedule.next(after: slots.last ?? begin), slot <= end { slots.append(slot) }
        self.slots = slots
        // A point from before: what follows it is ours, whatever is lost.
        addPoint(slot: begin, taken: begin)
    }

    mutating func run(disturbed: Bool) {
        var (kills, losses, suspends, steps) = (0, 0, 0, 0)
        var offset: Int64 = 0
        var asleepUntil = 0
        for minute in 0..<Year.minutes {
            if minute < asleepUntil { continue }
            if disturbed {
                switch Int.random(in: 0..<12_000, using: &generator) {
                case 0..<6:
                    (state, kills) = (nil, kills + 1)
                case 6..<8:
                    // The state directory is lost with it.
                    (state, memory, losses) = (nil, Memory(), losses + 1)
                case 8..<10:
                    (asleepUntil, suspends) = (minute + .random(in: 1...4320, using: &generator), suspends + 1)
                    continue
                case 10..<12:
                    (offset, steps) = (.random(in: -7200...7200, using: &generator), steps + 1)
                default: break
                }
            }
            let truth = Year.start + .seconds(Int64(minute * 60))
            tick(now: truth + .seconds(offset), truth: truth)
        }
        disturbances = "\(kills) kills, \(losses) with the state lost, \(suspends) suspends, \(steps) clock steps"
    }

    private mutating func tick(now: Moment, truth: Moment) {
        guard now > newYear, now <= slots[slots.count - 1] + .seconds(60) else { return }
        if let newest = newestSlot(through: now),
            !expected.suffix(Year.kept).contains(where: { $0 >= newest && $0 <= now + .seconds(300) })
        {
            expected.append(newest)
        }
        var state = self.state ?? SchedulerState(configuration: configuration, watchdog: nil, now: now)
        while state.tick(now: now).contains(where: { if case .startPass = $0 { true } else { false } }) {
            state.passEnded(pass(now: now, truth: truth), now: now)
        }
        self.state = state
    }

    /// What the runner's pass comes to for one pair.
    private mutating func pass(now: Moment, truth: Moment) -> PassReport {
        let policy = configuration.policies[0]
        if memory.firstSeen[pair] == nil {
            memory.apply(.saw(pair, at: min(now, points.map(\.slot).min().map { $0 - .seconds(1) } ?? now)))
        }
        if memory.schedules[policy.name] == nil {
            memory.apply(.scheduled(policy.name, [policy.schedules[0].text: Moment(seconds: 0)]))
        }
        let question = DueQuestion(
            policy: policy, pair: pair, points: points, memory: memory, timing: configuration.timing, now: now)
        var report = PassReport()
        if let due = question.answer(.scheduled) {
            created.append(due.slot)
            addPoint(slot: due.slot, taken: truth)
            report.done = 1
        }
        report.nextStart = question.nextStart
        return report
    }

    private mutating func addPoint(slot: Moment, taken: Moment) {
        let member = Member(snapshot: SnapshotID("snap"), state: .completed, started: taken)
        points.append(
            RecoveryPoint(
                policy: pair.policy, resource: pair.resource, slot: slot, kind: .scheduled,
                set: SetID("set-\(slot)"), place: Place(.ec2, Region("us-east-1")), home: Site(Region("us-east-1")),
                taken: taken, declaredMembers: 1, members: [member]))
        // Retention keeps the first and the last few, more than a clock ahead can make.
        if points.count > Year.kept { points.remove(at: 1) }
    }

    private func newestSlot(through now: Moment) -> Moment? {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle] <= now { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : slots[low - 1]
    }
}

private func systemZone(_ name: String) throws -> Zone {
    if name == "UTC" { return .utc }
    let file = try #require(fopen("/usr/share/zoneinfo/" + name, "re"), "tzdata is not installed")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return try #require(Zone(name: name, bytes: Array(bytes[..<count])))
}
