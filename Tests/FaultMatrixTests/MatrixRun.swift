import AWS
import BackupCore
import Simulation
import Testing

@testable import BackupDaemon

/// Some hours of the real daemon and the real clients, over the simulated wire and under a virtual clock: both
/// providers, two regions, two slots, with everything that a healthy fleet calls; at the end a person holds a point and
/// lets it go again.
struct MatrixRun: Sendable {
    static let home = Region("us-east-1")
    static let away = Region("eu-west-1")
    /// Five minutes before a slot.
    static let start = Moment(seconds: 1_772_330_100)
    /// Seconds from the start on: the second slot's business begins, faults that last end, the person comes.
    static let secondSlot: Int64 = 4 * 3600
    static let calm: Int64 = 5 * 3600
    static let person: Int64 = 8 * 3600

    /// What is left, what was done, and what was said.
    struct Outcome: Sendable {
        /// The world without ids and times.
        var dump = ""
        /// How often each call that makes something was performed.
        var made: [String: Int] = [:]
        var strikes = 0
        var events: [Event] = []
        /// What the person was answered instead of success.
        var refusals: [CloudError] = []
        var personSucceeded = false
    }

    static func configuration() throws -> Configuration {
        let any = ResourceSelector(names: [Glob("*")])
        var policy = Policy(
            name: PolicyName("nightly"), regions: [home],
            selection: Selection(ec2Instances: any, lightsailInstances: any),
            schedules: [Schedule(try .cron("0 2,6 * * *"), zone: .utc)], retention: Retention(last: 1))
        // Volumes' tags are read for it.
        policy.exclusion = Exclusion(volumeTags: [TagMatch(key: "scratch", values: [Glob("*")])])
        policy.copies = [CopyRule(region: away)]
        var configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
        configuration.timing.pruneGrace = .zero
        // A set that lost a member to a delete whose reply was lost goes in its next prune, not a day later.
        configuration.timing.debrisGrace = .seconds(1800)
        configuration.timing.inventoryInterval = .seconds(5400)
        return configuration
    }

    static func world() throws -> World {
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"],
             "timings": {"snapshot-seconds": 60, "copy-seconds": 60, "visible-after": 40},
             "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [
                {"id": "vol-1", "device": "/dev/xvda", "boot": true}, {"id": "vol-2", "device": "/dev/sdf"}]}],
             "lightsail-instances": [{"name": "blog"}]}
            """
        return try World(StrictJSON.seed(Array(seed.utf8)), now: start)
    }

    let strike: Strike?

    func outcome() throws -> Outcome {
        let turn = VirtualTurn(now: MatrixRun.start)
        let configuration = try MatrixRun.configuration()
        let wire = FaultyWire(try MatrixRun.world(), clock: turn, strike: strike)
        let ears = Ears()
        let client = AWSClient(
            settings: try AWSSettings(environment: [:]), credentials: Keys(), transport: wire, clock: turn,
            random: { 0.5 }, commons: AWSCommons(events: ears))
        let outcome = turn.run { () async -> Outcome in
            let cloud = AWSCloud(
                ec2: EC2Client(client), lightsail: LightsailClient(client), fleet: configuration.fleet, clock: turn)
            let inventory = await daemon(cloud, configuration, ears, turn)
            var outcome = Outcome()
            for point in inventory.points.sorted(by: { $0.id < $1.id }) where !point.isCopy {
                let isWell = await holdAndRelease(point, cloud, turn, &outcome.refusals)
                outcome.personSucceeded = isWell
            }
            try? await turn.sleep(until: turn.now + .seconds(300))
            outcome.dump = wire.admin("dump", query: "plain=1")
            outcome.made = made(wire.admin("requests"))
            outcome.strikes = wire.strikes
            outcome.events = ears.events
            return outcome
        }
        return try #require(outcome, "it waits for something that cannot come")
    }

    private func daemon(
        _ cloud: AWSCloud, _ configuration: Configuration, _ ears: Ears, _ turn: VirtualTurn
    ) async -> Inventory {
        let numbers = Guarded(0)
        let runner = PlanRunner(
            cloud: cloud, history: MemoryHistory(), instructions: MemoryInstructions(), events: ears, clock: turn,
            nonces: {
                numbers.withLock { number in
                    number += 1
                    return "n\(number)"
                }
            })
        try? await runner.open()
        let scheduler = Scheduler(
            configuration: configuration, runner: runner, clock: turn, events: ears, service: Nobody(), watchdog: nil,
            reload: { nil }, rarestTick: .seconds(600))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await scheduler.run() }
            try? await turn.sleep(until: MatrixRun.start + .seconds(MatrixRun.person))
            await scheduler.stop()
        }
        return await runner.inventory
    }

    /// A person who tries again every five minutes, for an hour.
    private func holdAndRelease(
        _ point: RecoveryPoint, _ cloud: AWSCloud, _ turn: VirtualTurn, _ refusals: inout [CloudError]
    ) async -> Bool {
        var held = false
        for _ in 0..<12 {
            do throws(CloudError) {
                if !held { try await cloud.hold(point, "audit") }
                held = true
                try await cloud.release(point)
                return true
            } catch {
                refusals.append(error)
                try? await turn.sleep(until: turn.now + .seconds(300))
            }
        }
        return false
    }

    private func made(_ log: String) -> [String: Int] {
        struct Call: Decodable {
            var service, operation, outcome: String
        }
        let calls = (try? JSONText.read([Call].self, from: Array(log.utf8))) ?? []
        let making = calls.filter { call in
            call.outcome == "ok"
                && ["CreateSnapshots", "CreateInstanceSnapshot", "CopySnapshot"].contains(call.operation)
        }
        return Dictionary(making.map { ("\($0.service):\($0.operation)", 1) }, uniquingKeysWith: +)
    }
}

/// Events as they came.
final class Ears: EventSink {
    private let heard = Guarded<[Event]>([])
    func emit(_ event: Event) { heard.withLock { $0.append(event) } }
    var events: [Event] { heard.withLock { $0 } }
}

/// A service manager that is not there.
struct Nobody: ServiceManager {
    func ready() {}
    func reloading() {}
    func stopping() {}
    func alive() {}
    func status(_ line: @autoclosure () -> String) {}
}
