import AWS
import BackupCore
import BackupDaemon
import Simulation
import Testing

/// Some days of the real daemon on a simulated account and a virtual clock, and what there is after them.
struct Life {
    /// Day and state of each point, by place.
    let points: [String: [String]]
    let log: [LoggedCall]
    let world: World
    let memory: Memory
    let messages: [String]

    init(
        _ configuration: Configuration, _ world: World, from start: Moment, days: Int64,
        _ disturb: @escaping @Sendable (inout World) -> Void = { _ in }, onDay day: Int64 = 0
    ) throws {
        let turn = VirtualTurn(now: start)
        let aws = SimulatedAWS(world, clock: turn)
        let ears = Ears()
        let result = turn.run { () async -> ([String: [String]], [LoggedCall], World, Memory) in
            let cloud = AWSCloud(ec2: aws, lightsail: aws, fleet: configuration.fleet, clock: turn)
            let numbers = Numbers()
            let runner = PlanRunner(
                cloud: cloud, history: MemoryHistory(), instructions: MemoryInstructions(), events: ears,
                clock: turn, nonces: { numbers.next() })
            await runner.open()
            let scheduler = Scheduler(
                configuration: configuration, runner: runner, clock: turn, events: ears, service: Silence(),
                watchdog: nil, reload: { nil })
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await scheduler.run() }
                try? await turn.sleep(until: start + .seconds(day * 86_400))
                await aws.change(disturb)
                try? await turn.sleep(until: start + .seconds(days * 86_400))
                await scheduler.stop()
            }
            var points: [String: [String]] = [:]
            // In order: a dictionary's own order changes from one instance to the next.
            for (place, scope) in configuration.scopes.sorted(by: { $0.key < $1.key }) {
                let listing = await cloud.listing(of: place, scope: scope)
                points[place.description] = listing.points.map { point in
                    let surplus = point.members.count > point.declaredMembers ? " with a member too many" : ""
                    return "\(point.slot.description.prefix(10)) \(point.state)\(surplus)"
                }.sorted()
            }
            return (points, await aws.log, await aws.world, await runner.memory)
        }
        (points, log, self.world, memory) = try #require(result)
        messages = ears.messages
    }

    /// How often each of these operations was asked for.
    func counts(of operations: some Sequence<String>) -> [String: Int] {
        let all = Dictionary(grouping: log, by: \.operation).mapValues(\.count)
        return Dictionary(operations.map { ($0, all[$0] ?? 0) }) { first, _ in first }
    }
}

/// Hears what the daemon tells.
///
/// `@unchecked Sendable`: used on one thread alone, the virtual turn's.
final class Ears: EventSink, @unchecked Sendable {
    private(set) var messages: [String] = []
    func emit(_ event: Event) { messages.append(event.message) }
}
