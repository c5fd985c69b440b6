import AWS
import BackupCore
import Simulation
import Testing

@testable import BackupDaemon

/// Snapshots and copies that AWS began well and reports as failed an hour later, on both providers.
@Suite struct LateFailureTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let home = Region("us-east-1")
    private static let away = Region("eu-west-1")

    /// Events as they came, with when.
    private final class Ears: EventSink {
        private let heard = Guarded<[Event]>([])
        func emit(_ event: Event) { heard.withLock { $0.append(event) } }
        var events: [Event] { heard.withLock { $0 } }
        func of(_ kind: EventKind) -> [Event] { events.filter { $0.kind == kind } }
    }

    private struct Outcome: Sendable {
        var states: [String]
        var events: [Event]
        var setbacks: [Intent.Key: Setback]
        /// The hours and minutes at which each call that makes something came.
        var made: [String]
        var line: String
    }

    /// A day of the daemon with these faults, and what stands at its end; `until` cures a bad key after so many hours.
    private func day(
        _ faults: [Fault], select: Selection, kmsKey: String? = nil, badKey: String? = nil, hours: Int64 = 12,
        cureAfter: Int64? = nil
    ) throws -> Outcome {
        let turn = VirtualTurn(now: LateFailureTests.start)
        var policy = Policy(
            name: PolicyName("web"), regions: [LateFailureTests.home], selection: select,
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: Retention(last: 3))
        policy.first = .now
        policy.copies = [CopyRule(region: LateFailureTests.away, kmsKey: kmsKey)]
        let configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
        let seed =
            #"{"regions": ["us-east-1", "eu-west-1"], "ec2-instances": [{"id": "i-1", "volumes": [{"id": "vol-1", "device": "/dev/xvda", "boot": true}]}], "lightsail-instances": [{"name": "blog"}]}"#
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: turn.now)
        world.faults = faults
        if let badKey { world.badKeys = [badKey] }
        let aws = SimulatedAWS(world, clock: turn)
        let ears = Ears()
        let outcome = turn.run { () async -> Outcome in
            let runner = PlanRunner(on: aws, fleet: configuration.fleet, turn, events: ears)
            await runner.open()
            let scheduler = Scheduler(
                configuration: configuration, runner: runner, clock: turn, events: ears, service: Silence(),
                watchdog: nil, reload: { nil })
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await scheduler.run() }
                if let cureAfter {
                    try? await turn.sleep(until: LateFailureTests.start + .seconds(cureAfter * 3600))
                    await aws.change { $0.badKeys = [] }
                }
                try? await turn.sleep(until: LateFailureTests.start + .seconds(hours * 3600))
                await scheduler.stop()
            }
            let inventory = await runner.inventory
            let memory = await runner.memory
            let log = await aws.log.filter { $0.operation.hasPrefix("Create") || $0.operation == "CopySnapshot" }
            return Outcome(
                states: inventory.points.map { "\($0.site) \($0.state)" }.sorted(), events: ears.events,
                setbacks: memory.setbacks,
                made: log.filter { $0.operation != "CreateTags" }.map {
                    "\($0.operation) \($0.time.dropFirst(11).prefix(5))"
                },
                line: configuration.statusLine(inventory, memory, now: turn.now))
        }
        return try #require(outcome)
    }

    private static let ec2 = Selection(ec2Instances: ResourceSelector(names: [Glob("*")]))
    private static let lightsail = Selection(lightsailInstances: ResourceSelector(names: [Glob("*")]))

    @Test(arguments: [
        ("CreateSnapshots", ec2, "Internal error: the snapshot could not be completed"),
        ("CopySnapshot", ec2, "Internal error: the snapshot could not be completed"),
        ("CreateInstanceSnapshot", lightsail, "no message from AWS"),
        ("CopySnapshot", lightsail, "no message from AWS"),
    ])
    func fourFailuresInARowAndThenWell(_ operation: String, _ select: Selection, _ message: String) throws {
        let outcome = try day([Fault(.failLater, on: operation, count: 4)], select: select)
        #expect(outcome.states == ["eu-west-1 usable", "us-east-1 usable"])
        #expect(outcome.setbacks.isEmpty)
        let failed = outcome.events.filter { $0.kind == .snapshotFailed }
        #expect(failed.count == 4)
        #expect(failed.allSatisfy { $0.message.contains(message) && $0.fields.reason == message })
        #expect(outcome.events.filter { $0.kind == .failedRemoved }.count == 4)
        let calls = outcome.events.filter { $0.kind == .failingOnAndOn }
        #expect(calls.count == 1)
        #expect(calls.first?.kind.priority == .critical)
        #expect(calls.first?.message.contains("has failed 3 times in a row since 2026-11-20T02:0") == true)
    }

    @Test func aKeyThatCannotBeUsed() throws {
        let key = "alias/dr"
        let outcome = try day([], select: LateFailureTests.ec2, kmsKey: key, badKey: key)
        #expect(outcome.states == ["us-east-1 usable"])
        let failed = try #require(outcome.events.first { $0.kind == .snapshotFailed })
        #expect(
            failed.message.contains(
                "failed in eu-west-1: Given key ID is not accessible (see that kms-key names an enabled key of the copy's "
                    + "own region, and that its policy allows this role kms:DescribeKey"))
        let copies = outcome.made.filter { $0.hasPrefix("CopySnapshot") }
        // After 1, 2, 4 … 32 minutes, and then every hour: with what a copy takes to fail, 17 times in twelve hours.
        #expect((14...19).contains(copies.count), "\(copies)")
        let calls = outcome.events.filter { $0.kind == .failingOnAndOn }.map { $0.message.prefix { $0 != ":" } }
        #expect(calls.count == 3, "at 3, 6 and 12")
        #expect(outcome.line.contains("1 failing on and on"), "\(outcome.line)")
        #expect(outcome.setbacks.count == 1)
    }

    @Test func aKeyThatIsMendedEndsIt() throws {
        let key = "alias/dr"
        let outcome = try day([], select: LateFailureTests.ec2, kmsKey: key, badKey: key, cureAfter: 6)
        #expect(outcome.states == ["eu-west-1 usable", "us-east-1 usable"])
        #expect(outcome.setbacks.isEmpty)
        #expect(!outcome.line.contains("failing"), "\(outcome.line)")
    }
}
