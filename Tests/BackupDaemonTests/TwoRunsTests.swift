import AWS
import BackupCore
import BackupDaemon
import Simulation
import Testing

/// The same config and fleet, run twice on one account, each with a ledger of its own.
@Suite struct TwoRunsTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let day = Duration.seconds(86_400)
    private static let home = Region("us-east-1")
    private static let away = Region("eu-west-1")

    /// Some days of two daemons on a simulated account and a virtual clock.
    private struct Lives {
        /// Each set or copy that was ever begun, as `region slot`, and how often.
        var begun: [String: Int] = [:]
        var left: [String] = []
        var conflicts: [Int] = [0, 0]
        var steps: [[String]] = [[], []]
    }

    /// What the second daemon does besides: it begins later by `lag`, and the first one is stopped after so many days.
    private func live(days: Int64, lag: Int64 = 0, visibleAfter: Int64 = 30, firstEndsOn end: Int64? = nil) throws
        -> Lives
    {
        let turn = VirtualTurn(now: TwoRunsTests.start)
        var policy = Policy(
            name: PolicyName("web"), regions: [TwoRunsTests.home],
            selection: Selection(
                ec2Instances: ResourceSelector(names: [Glob("*")]),
                lightsailInstances: ResourceSelector(names: [Glob("*")])),
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: Retention(daily: 4))
        policy.copies = [CopyRule(region: TwoRunsTests.away, retention: Retention(daily: 3))]
        let configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"],
             "timings": {"visible-after": \(visibleAfter), "snapshot-seconds": 20, "copy-seconds": 100},
             "ec2-instances": [
                {"id": "i-1", "volumes": [{"id": "vol-1", "device": "/dev/xvda", "boot": true}, {"id": "vol-2", "device": "/dev/sdf"}]},
                {"id": "i-2", "volumes": [{"id": "vol-3", "device": "/dev/xvda", "boot": true}]},
                {"id": "i-3", "volumes": [{"id": "vol-4", "device": "/dev/xvda", "boot": true}]}],
             "lightsail-instances": [{"name": "blog"}]}
            """
        let aws = SimulatedAWS(try World(StrictJSON.seed(Array(seed.utf8)), now: turn.now), clock: turn)
        let ears = [Hearing(), Hearing()]
        let result = turn.run { () async -> Lives in
            await withTaskGroup(of: Void.self) { group in
                for (index, ear) in ears.enumerated() {
                    let runner = TwoRunsTests.runner(RunID(UInt64(7 + index)), aws, configuration, ear, turn)
                    group.addTask {
                        try? await turn.sleep(until: TwoRunsTests.start + .seconds(Int64(index) * lag))
                        await runner.open()
                        let scheduler = Scheduler(
                            configuration: configuration, runner: runner, clock: turn, events: ear, service: Silence(),
                            watchdog: nil, reload: { nil })
                        let last = index == 0 ? end ?? days : days
                        await withTaskGroup(of: Void.self) { group in
                            group.addTask { await scheduler.run() }
                            try? await turn.sleep(until: TwoRunsTests.start + TwoRunsTests.day * last)
                            await scheduler.stop()
                        }
                    }
                }
            }
            return await TwoRunsTests.lives(aws, configuration, ears, turn)
        }
        return try #require(result)
    }

    private static func runner(
        _ run: RunID, _ aws: SimulatedAWS, _ configuration: Configuration, _ ear: Hearing, _ turn: VirtualTurn
    ) -> PlanRunner {
        let numbers = Numbers()
        return PlanRunner(
            cloud: AWSCloud(ec2: aws, lightsail: aws, fleet: configuration.fleet, clock: turn),
            history: MemoryHistory(),
            instructions: MemoryInstructions(), events: ear, clock: turn, nonces: { "\(run)/\(numbers.next())" },
            run: run)
    }

    private static func lives(
        _ aws: SimulatedAWS, _ configuration: Configuration, _ ears: [Hearing], _ turn: VirtualTurn
    ) async -> Lives {
        var lives = Lives()
        for call in await aws.log where call.outcome == "ok" {
            if call.operation.hasPrefix("Create") && call.operation.contains("Snapshot")
                || call.operation == "CopySnapshot"
            {
                lives.begun["\(call.region) \(call.time.prefix(10)) \(call.operation)", default: 0] += 1
            }
        }
        let cloud = AWSCloud(ec2: aws, lightsail: aws, fleet: configuration.fleet, clock: turn)
        for (place, scope) in configuration.scopes.sorted(by: { $0.key < $1.key }) {
            let listing = await cloud.listing(of: place, scope: scope)
            lives.left += listing.points.map { point in
                let surplus = point.members.count > point.declaredMembers ? " with a member too many" : ""
                return
                    "\(point.site) \(point.resource.rawValue.prefix(3)) \(point.slot.description.prefix(10)) \(point.state)\(surplus)"
            }.sorted()
        }
        lives.conflicts = ears.map { $0.of(.fleetConflict).count }
        lives.steps = ears.map { $0.of(.steppedBack) }
        return lives
    }

    /// What each side holds of four instances after `days`: four days at home, three in the other region.
    private func expectWhole(_ lives: Lives, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(Set(lives.left).count == lives.left.count, "\(lives.left)", sourceLocation: sourceLocation)
        #expect(lives.left.allSatisfy { $0.hasSuffix(" usable") }, "\(lives.left)", sourceLocation: sourceLocation)
        #expect(
            lives.left.filter { $0.hasPrefix("us-east-1") }.count == 16, "\(lives.left)", sourceLocation: sourceLocation
        )
        #expect(
            lives.left.filter { $0.hasPrefix("eu-west-1") }.count == 12, "\(lives.left)", sourceLocation: sourceLocation
        )
    }

    /// Both take the first slot; from the second on only one does, and what was made twice is gone.
    @Test(arguments: [0, 5, 30, 59] as [Int64]) func oneOfThemStepsBack(lag: Int64) throws {
        let lives = try live(days: 30, lag: lag)
        expectWhole(lives)
        #expect(lives.steps.map(\.count) == [0, 1], "\(lives.steps)")
        // One slot of three EC2 instances at the most was taken twice.
        #expect(lives.conflicts.max() ?? 0 <= 3, "\(lives.conflicts)")
        let days = lives.begun.filter { $0.key.hasPrefix("us-east-1") && $0.key.hasSuffix("CreateSnapshots") }
        #expect(days.values.filter { $0 > 3 }.count <= 1, "\(days)")
        let copies = lives.begun.filter { $0.key.hasPrefix("eu-west-1") }
        #expect(copies.values.filter { $0 > 5 }.count <= 1, "\(copies)")
    }

    /// The one that went first ends for good: the other takes the slot half the start window later, and the next at once.
    @Test func theOtherTakesOver() throws {
        let lives = try live(days: 12, firstEndsOn: 6)
        expectWhole(lives)
        #expect(lives.steps[1].count == 2 && lives.steps[1].last?.contains("goes first again") == true)
    }
}

/// Hears events with their kinds.
///
/// `@unchecked Sendable`: used on one thread alone, the virtual turn's.
final class Hearing: EventSink, @unchecked Sendable {
    private var events: [Event] = []
    func emit(_ event: Event) { events.append(event) }
    func of(_ kind: EventKind) -> [String] { events.filter { $0.kind == kind }.map(\.message) }
}
