import AWS
import BackupCore
import BackupDaemon
import Simulation

/// The real daemon on an account in memory, through years that pass in seconds.
struct Rehearsal: Sendable {
    var configuration: Configuration
    var fleet: SimulatedFleet
    var from: Moment
    var to: Moment
    /// Stretches of time in which nothing of ours runs.
    var outages: [Range<Moment>]
    /// Of 10,000 slots, so many fail.
    var skipRate: Int

    /// What happened.
    ///
    /// - Throws: If the config selects something that no account can hold.
    func run() throws -> Recording {
        let turn = VirtualTurn(now: from)
        let world = try fleet.world(configuration, now: from)
        let aws = SimulatedAWS(world, clock: turn)
        let configuration = patient(configuration)
        let recording = turn.run { () async -> Recording in
            let accounts = Dictionary(
                uniqueKeysWithValues: Set(configuration.usedAccounts).union([.standard]).map {
                    id -> (AccountID, AccountClients) in
                    let own = id == .standard ? aws : aws.calledFrom(id.rawValue)
                    return (id, AccountClients(ec2: own, lightsail: own, keys: own, sts: own))
                })
            let cloud = RecordingCloud(
                AWSCloud({ accounts }, fleet: configuration.fleet, clock: turn), clock: turn, skipRate: skipRate)
            let history = MemoryHistory()
            let nonces = Nonces()
            for stretch in stretches {
                try? await turn.sleep(until: stretch.lowerBound)
                let runner = PlanRunner(
                    cloud: cloud, history: history, instructions: MemoryInstructions(), events: Silence(), clock: turn,
                    nonces: { nonces.next() })
                await runner.open()
                let scheduler = Scheduler(
                    configuration: configuration, runner: runner, clock: turn, events: Silence(), service: Silence(),
                    watchdog: nil, reload: { nil }, rarestTick: .seconds(30 * 86_400))
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await scheduler.run() }
                    try? await turn.sleep(until: stretch.upperBound)
                    await scheduler.stop()
                }
            }
            var recording = await cloud.recording
            recording.calls = await aws.world.callCounts
            return recording
        }
        return recording ?? Recording()
    }

    /// The same config where nobody else changes anything: AWS need not be read between slots.
    private func patient(_ configuration: Configuration) -> Configuration {
        var patient = configuration
        patient.timing.inventoryInterval = .seconds(7 * 86_400)
        return patient
    }

    /// When the daemon runs.
    private var stretches: [Range<Moment>] {
        var stretches: [Range<Moment>] = []
        var start = from
        for outage in outages.sorted(by: { $0.lowerBound < $1.lowerBound }) where outage.lowerBound < to {
            if outage.lowerBound > start { stretches.append(start..<outage.lowerBound) }
            start = max(start, outage.upperBound)
        }
        if start < to { stretches.append(start..<to) }
        return stretches
    }
}

/// Nonces that are the same each time.
///
/// `@unchecked Sendable`: used on one thread alone, the virtual turn's.
private final class Nonces: @unchecked Sendable {
    private var last = 0

    func next() -> String {
        last += 1
        return "simulated-\(last)"
    }
}
