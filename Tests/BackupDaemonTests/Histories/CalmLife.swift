import BackupCore
import Simulation

@testable import BackupDaemon

/// A daemon in a cloud in which nothing fails but what the test makes fail, led from slot to slot.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class CalmLife: @unchecked Sendable {
    let clock: ModelClock
    let cloud: ModelCloud
    let watch: Watch
    let history = FailingHistory()
    let instructions = ModelInstructions()
    var configuration: Configuration { didSet { watch.configuration = configuration } }
    private(set) var runner: PlanRunner
    private let numbers = Numbers()
    private(set) var withheld: Set<String> = []

    init(_ policies: [Policy], _ resources: [Resource], from start: String = "2026-03-01T12:00:00Z") throws {
        guard let start = Moment(rfc3339: start) else { throw ExpressionError(at: 0, "no moment") }
        clock = ModelClock(start)
        cloud = ModelCloud(clock, SplitMix64(seed: 1))
        cloud.resources = resources
        configuration = Configuration(fleet: FleetName("f"), policies: policies)
        watch = Watch(cloud, configuration)
        let numbers = numbers
        runner = PlanRunner(
            cloud: cloud, history: history, instructions: instructions, events: Silence(), clock: clock,
            nonces: { numbers.next() })
    }

    /// The daemon ends and is started again.
    func restart() async {
        let numbers = numbers
        runner = PlanRunner(
            cloud: cloud, history: history, instructions: instructions, events: Silence(), clock: clock,
            nonces: { numbers.next() })
        await runner.open()
    }

    /// Leads it through `body`; false if that waits for something that cannot come.
    func live(_ body: @escaping @Sendable (CalmLife) async -> Void) -> Bool {
        let isDone = VirtualTurn(now: clock.truth).run { () async -> Bool in
            await self.runner.open()
            // What it has never seen before waits for its next slot.
            await self.pass()
            await body(self)
            return true
        }
        return isDone ?? false
    }

    func move(by span: Duration) {
        clock.truth = clock.truth + span
        cloud.advance()
    }

    @discardableResult func pass(_ reading: PlanRunner.Reading = .everything) async -> PassReport {
        watch.read = []
        watch.absent = await runner.memory.absent
        watch.before = cloud.sets
        await runner.refreshInstructions()
        let report = await runner.pass(configuration, reading: reading)
        for action in report.plan.actions { if let rule = action.rule { withheld.insert(rule) } }
        return report
    }

    /// Goes on to the next slot, and begins what is due.
    @discardableResult func beginSlot() async -> PassReport {
        let slot = configuration.policies.compactMap { $0.nextSlot(after: clock.now) }.min() ?? clock.now
        move(by: slot - clock.now + .seconds(5))
        return await pass()
    }

    /// Goes on to the next slot, and on until what it began is finished.
    func slot() async {
        var report = await beginSlot()
        while report.done + report.pending > 0 {
            move(by: .seconds(1500))
            report = await pass()
        }
    }

    func slots(_ count: Int) async {
        for _ in 0..<count { await slot() }
    }

    /// The days of the slots of the usable points in a place, oldest first.
    func days(_ place: Place) -> [String] {
        cloud.all.map(\.truth).filter { $0.place == place && $0.state == .usable }.map(\.slot).sorted()
            .map { String($0.description.dropFirst(5).prefix(5)) }
    }
}

/// What most of these lives are about: an instance of two volumes, backed up each night at two.
enum Nightly {
    static let home = Place(.ec2, Region("us-east-1"))
    static let away = Place(.ec2, Region("eu-west-1"))

    static func instance(_ id: String = "i-1", volumes: Int = 2) -> Resource {
        Resource(
            id: ResourceID(id), kind: .ec2Instance, site: Site(home.region), name: id,
            volumes: (1...volumes).map {
                AttachedVolume(id: VolumeID("\(id)/\($0)"), device: "/dev/sd\($0)", isBoot: $0 == 1)
            })
    }

    static func policy(_ retention: Retention, _ copies: [CopyRule] = []) throws -> Policy {
        var policy = Policy(
            name: PolicyName("nightly"), regions: [home.region],
            selection: Selection(
                ec2Instances: ResourceSelector(names: [Glob("*")]),
                lightsailInstances: ResourceSelector(names: [Glob("*")])),
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: retention)
        policy.copies = copies
        return policy
    }
}
