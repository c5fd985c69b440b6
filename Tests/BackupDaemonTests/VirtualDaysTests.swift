import AWS
import BackupCore
import BackupDaemon
import Simulation
import Testing

/// The real daemon on a simulated account and a virtual clock.
@Suite struct VirtualDaysTests {
    private static let home = Region("us-east-1")
    private static let away = Region("eu-west-1")

    private func configuration() throws -> Configuration {
        let schedule = Schedule(try .cron("0 2 * * *"), zone: .utc)
        var policy = Policy(
            name: PolicyName("nightly"), regions: [VirtualDaysTests.home],
            selection: Selection(
                ec2Instances: ResourceSelector(names: [Glob("*")]),
                lightsailInstances: ResourceSelector(names: [Glob("*")])), schedules: [schedule],
            retention: Retention(daily: 3))
        policy.copies = [CopyRule(region: VirtualDaysTests.away, retention: Retention(daily: 2))]
        return Configuration(fleet: FleetName("acme"), policies: [policy])
    }

    private func world(now: Moment) throws -> World {
        var seed = Seed()
        seed.regions = [VirtualDaysTests.home.rawValue, VirtualDaysTests.away.rawValue]
        seed.ec2Instances = [
            try JSONText.read(
                EC2InstanceSeed.self,
                from: Array(
                    """
                    {"id": "i-1", "name": "web", "volumes": [
                        {"id": "vol-1", "device": "/dev/xvda", "boot": true}, {"id": "vol-2", "device": "/dev/sdf"}]}
                    """.utf8))
        ]
        seed.lightsailInstances = [
            try JSONText.read(LightsailInstanceSeed.self, from: Array(#"{"name": "blog"}"#.utf8))
        ]
        return try World(seed, now: now)
    }

    /// Slots of usable points by provider and region, newest last, after `days` days; and what the world was asked.
    private func run(days: Int64, faults: [Fault] = [], visibleAfter: Int64 = 0) throws -> (
        slots: [String: [String]], log: [LoggedCall]
    ) {
        let start = try #require(Moment(rfc3339: "2026-03-01T12:00:00Z"))
        let turn = VirtualTurn(now: start)
        var world = try world(now: start)
        world.faults = faults
        world.timings.visibleAfter = visibleAfter
        let configuration = try configuration()
        let aws = SimulatedAWS(world, clock: turn)
        let result = turn.run { () async -> (slots: [String: [String]], log: [LoggedCall]) in
            let cloud = AWSCloud(ec2: aws, lightsail: aws, fleet: configuration.fleet, clock: turn)
            let numbers = Numbers()
            let runner = PlanRunner(
                cloud: cloud, history: MemoryHistory(), instructions: MemoryInstructions(), events: Silence(),
                clock: turn,
                nonces: { numbers.next() })
            await runner.open()
            let scheduler = Scheduler(
                configuration: configuration, runner: runner, clock: turn, events: Silence(), service: Silence(),
                watchdog: nil, reload: { nil })
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await scheduler.run() }
                try? await turn.sleep(until: start + .seconds(days * 86_400))
                await scheduler.stop()
            }
            var slots: [String: [String]] = [:]
            // In order: a dictionary's own order changes from one instance to the next.
            for (place, scope) in configuration.scopes.sorted(by: { $0.key < $1.key }) {
                let listing = await cloud.listing(of: place, scope: scope)
                slots[place.description] = listing.points.map { point in
                    let surplus = point.members.count > point.declaredMembers ? " with a member too many" : ""
                    return "\(point.slot.description.prefix(10)) \(point.state)\(surplus)"
                }.sorted()
            }
            return (slots, await aws.log)
        }
        return try #require(result)
    }

    private static let expected = [
        "ec2/us-east-1": ["2026-03-19 usable", "2026-03-20 usable", "2026-03-21 usable"],
        "ec2/eu-west-1": ["2026-03-20 usable", "2026-03-21 usable"],
        "lightsail/us-east-1": ["2026-03-19 usable", "2026-03-20 usable", "2026-03-21 usable"],
        "lightsail/eu-west-1": ["2026-03-20 usable", "2026-03-21 usable"],
    ]

    @Test func afterTwentyDaysEachSideHoldsWhatItsRulesKeep() throws {
        let (slots, log) = try run(days: 20)
        #expect(slots == VirtualDaysTests.expected)
        // One create a day and resource, one copy of each member; a first point waits for the first slot.
        #expect(log.filter { $0.operation == "CreateSnapshots" }.count == 20)
        #expect(log.filter { $0.operation == "CreateInstanceSnapshot" }.count == 20)
        #expect(log.filter { $0.operation == "CopySnapshot" && $0.service == "ec2" }.count == 40)
    }

    @Test func theSameRunGivesTheSameCalls() throws {
        #expect(try run(days: 5).log == run(days: 5).log)
    }

    @Test(arguments: [Fault.Kind.throttle, .unavailable, .dropBefore, .dropAfter, .failLater])
    func faultsAllAlongChangeNothingInTheEnd(kind: Fault.Kind) throws {
        let faults = (0..<12).map { Fault(kind, on: "*", skip: 25 + $0 * 17, count: 1) }
        #expect(try run(days: 20, faults: faults).slots == VirtualDaysTests.expected)
    }
}

extension VirtualDaysTests {
    /// The reply of a set's second copy is lost, and AWS does not show yet what it made: nothing is made twice.
    @Test(arguments: [
        ("CopySnapshot", 1), ("CopySnapshot", 0), ("CreateSnapshots", 0), ("CreateInstanceSnapshot", 0),
    ])
    func lostRepliesAreNotRepeatedWhileAWSIsSlowToShow(operation: String, skip: Int) throws {
        let fault = Fault(
            .dropAfter, on: operation, service: operation == "CreateInstanceSnapshot" ? nil : .ec2, skip: skip)
        let (slots, log) = try run(days: 20, faults: [fault], visibleAfter: 40)
        #expect(slots == VirtualDaysTests.expected)
        #expect(log.filter { $0.operation == "CreateSnapshots" }.count == 20)
        #expect(log.filter { $0.operation == "CopySnapshot" && $0.service == "ec2" }.count == 40)
    }
}

extension PlanRunner {
    /// One on a simulated account, with a ledger in memory.
    init(
        on aws: SimulatedAWS, fleet: FleetName, _ turn: VirtualTurn,
        instructions: any Instructions = MemoryInstructions(), events: any EventSink = Silence()
    ) {
        let numbers = Numbers()
        self.init(
            cloud: AWSCloud(ec2: aws, lightsail: aws, fleet: fleet, clock: turn), history: MemoryHistory(),
            instructions: instructions, events: events, clock: turn, nonces: { numbers.next() })
    }
}

/// Nonces that are the same each time.
///
/// `@unchecked Sendable`: used on one thread alone, the virtual turn's.
final class Numbers: @unchecked Sendable {
    private var last = 0

    func next() -> String {
        last += 1
        return "n\(last)"
    }
}
