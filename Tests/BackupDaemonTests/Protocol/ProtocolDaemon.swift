import BackupCore
import BackupDaemon
import Simulation

/// One of the daemons: a ledger, and the process of the moment.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ProtocolDaemon: @unchecked Sendable {
    private let index: UInt64
    private let world: ProtocolWorld
    private let configuration: Configuration
    private var ledger = MemoryHistory()
    private var process: ProtocolProcess
    private(set) var runner: PlanRunner
    private var state: SchedulerState
    private var starts: UInt64 = 0

    init(_ index: UInt64, _ world: ProtocolWorld, _ configuration: Configuration) async {
        (self.index, self.world, self.configuration) = (index, world, configuration)
        process = ProtocolProcess(world, ledger)
        (runner, state) = ProtocolDaemon.start(process, RunID(index), world, configuration)
        await runner.open()
    }

    private static func start(
        _ process: ProtocolProcess, _ run: RunID, _ world: ProtocolWorld, _ configuration: Configuration
    ) -> (PlanRunner, SchedulerState) {
        let numbers = Numbers()
        let runner = PlanRunner(
            cloud: process, history: process, instructions: MemoryInstructions(), events: Silence(), clock: world.clock,
            nonces: { "\(run)/\(numbers.next())" }, run: run)
        return (runner, SchedulerState(configuration: configuration, watchdog: nil, now: world.clock.now))
    }

    /// What the scheduler does at this moment; a daemon that died before is started first, with its ledger or an empty one.
    func step() async {
        if process.isDead { await restart() }
        for _ in 0..<6 {
            let reading = state.tick(now: world.clock.now).compactMap { effect in
                if case .startPass(let reading) = effect { reading } else { nil }
            }.first
            guard let reading else { return }
            let report = await runner.pass(configuration, reading: reading)
            if process.isDead { return }
            state.passEnded(report, now: world.clock.now)
        }
    }

    private func restart() async {
        starts += 1
        let isEmpty = world.choose(2) == 1
        if isEmpty { ledger = MemoryHistory() }
        world.say("\(index) starts again\(isEmpty ? " with an empty ledger" : "")")
        process = ProtocolProcess(world, ledger)
        // Of two daemons, now this one's id is the smaller one, now the other's.
        (runner, state) = ProtocolDaemon.start(process, RunID(index + 1 + starts * 3), world, configuration)
        await runner.open()
    }
}

/// A process at the doors of the world and of its ledger; once it is dead, nothing of it arrives any more.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ProtocolProcess: Cloud, History, @unchecked Sendable {
    private let world: ProtocolWorld
    private let ledger: MemoryHistory
    private(set) var isDead = false

    init(_ world: ProtocolWorld, _ ledger: MemoryHistory) { (self.world, self.ledger) = (world, ledger) }

    // MARK: The ledger

    func recall() async throws(HistoryError) -> Memory { try await ledger.recall() }

    func record(_ changes: [Change]) async throws(HistoryError) {
        if !isDead { try await ledger.record(changes) }
    }

    // MARK: Reading

    func listing(of place: Place, scope: Scope) async -> Listing {
        Listing(
            resources: place == ProtocolWorld.home ? [Nightly.instance(volumes: 1)] : [],
            points: world.points(in: place),
            read: world.clock.now)
    }

    /// As AccountReader has it: what is not shown yet is kept.
    func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        let shown = world.points(in: place)
        return points.map { point in
            guard let seen = shown.first(where: { $0.set == point.set }) else { return point }
            let ids = Set(seen.members.map(\.snapshot))
            var merged = seen
            merged.members += point.members.filter { !ids.contains($0.snapshot) }
            return merged
        }
    }

    func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        world.points(in: place).filter { slots.contains($0.slot) }
    }

    func underWay(in place: Place) async throws(CloudError) -> [UnderWay] { [] }

    // MARK: Writing

    func create(_ order: CreateOrder) async throws(CloudError) -> RecoveryPoint {
        var point = RecoveryPoint(
            policy: order.policy.name, resource: order.resource.id, slot: order.slot, kind: order.kind,
            set: order.nonce,
            place: order.resource.place, home: order.resource.site, taken: world.clock.now, declaredMembers: 1,
            members: [])
        return try make(&point, source: nil, order.run, by: .create)
    }

    func copy(_ member: Member, _ order: CopyOrder) async throws(CloudError) -> RecoveryPoint {
        var point = order.point
        point.place = Place(.ec2, order.rule.site)
        point.members = []
        return try make(&point, source: member.snapshot, order.run, by: .copy)
    }

    private func make(
        _ point: inout RecoveryPoint, source: SnapshotID?, _ run: RunID?, by verb: Intent.Verb
    ) throws(CloudError) -> RecoveryPoint {
        if isDead { throw lost(verb) }
        let fate = world.fate(of: verb)
        isDead = fate == .crashBefore || fate == .crashAfter
        if fate == .lostBefore || fate == .crashBefore { throw lost(verb) }
        let id = world.make(point, source: source, run, by: verb)
        // A lost reply is answered by looking at once; only what is shown already is found.
        let found = world.points(in: point.place).first { $0.members.contains { $0.snapshot == id } }
        if fate != .answered, found == nil || isDead { throw lost(verb) }
        point.members = [
            Member(
                snapshot: id, volume: VolumeID("vol-1"), state: .pending, started: world.clock.now, source: source,
                run: run)
        ]
        return point
    }

    private func lost(_ verb: Intent.Verb) -> CloudError {
        CloudError(
            kind: .outcomeUnknown, operation: verb.rawValue, region: ProtocolWorld.home.region, code: "x",
            message: "lost")
    }

    func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(CloudError) {
        if !isDead { world.delete(snapshots) }
    }

    func repair(_ order: RepairOrder) async throws(CloudError) {}
    func hold(_ point: RecoveryPoint, _ text: String) async throws(CloudError) {}
    func release(_ point: RecoveryPoint) async throws(CloudError) {}
    func unshare(_ point: RecoveryPoint, with accounts: Set<AccountID>) async throws(CloudError) {}
    func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(CloudError) {}
}
