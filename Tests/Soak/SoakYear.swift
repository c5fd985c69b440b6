import AWS
import BackupCore
import BackupDaemon
import BackupLedger
import Glibc
import Simulation

/// The world and the daemon of a soak.
struct SoakYear {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let month = Duration.seconds(30 * 86_400)
    private let turn = VirtualTurn(now: start)
    private let aws: SimulatedAWS
    private let configuration: Configuration
    private let ledger: Ledger
    private let resources: Int

    init(resources: Int, folder: String) throws {
        self.resources = resources
        let policies = try (0..<10).map { number in
            var policy = Policy(
                name: PolicyName("policy-\(number)"), regions: [Region("us-east-\(number)")],
                selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])),
                schedules: [Schedule(try .cron("0 2 * * 0"), zone: .utc)],
                retention: Retention(last: 3))
            // Twenty copies at once are all that AWS makes.
            if number == 0 { policy.copies = [CopyRule(region: Region("eu-west-1"))] }
            return policy
        }
        var configuration = Configuration(fleet: FleetName("soak"), policies: policies)
        configuration.timing.pollFirst = .seconds(300)
        configuration.timing.pollLongest = .seconds(300)
        configuration.timing.inventoryInterval = .seconds(6 * 3600)
        self.configuration = configuration
        aws = SimulatedAWS(try SoakYear.world(resources, now: turn.now), clock: turn, spareReadings: 100)
        ledger = try Ledger.open(directory: folder)
    }

    private static func world(_ resources: Int, now: Moment) throws -> World {
        let instances = (0..<resources).map { number in
            """
            {"id": "i-\(number)", "name": "web-\(number)", "region": "us-east-\(number % 10)", "volumes": [
                {"id": "vol-\(number)", "device": "/dev/xvda", "boot": true}]}
            """
        }
        let regions = (0..<10).map { "\"us-east-\($0)\"" } + ["\"eu-west-1\""]
        let seed = """
            {"regions": [\(regions.joined(separator: ", "))], "timings": {"snapshot-seconds": 200, "copy-seconds": 200},
             "ec2-instances": [\(instances.joined(separator: ",\n"))]}
            """
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: now)
        // AWS's own memory of what was called and deleted is not what is measured.
        world.keepsCalls = false
        return world
    }

    /// Lives so many months, and tells what each one left; whether all was as it should be.
    func live(months: Int64) -> Bool {
        let (aws, turn, configuration, ledger, resources) = (aws, turn, configuration, ledger, resources)
        return turn.run { () async -> Bool in
            let runner = PlanRunner(
                cloud: AWSCloud(ec2: aws, lightsail: aws, fleet: configuration.fleet, clock: turn),
                history: PatientLedger(ledger: ledger),
                instructions: MemoryInstructions(), events: Silence(), clock: turn,
                nonces: { Nonces.next() }, run: RunID(1))
            await runner.open()
            let scheduler = Scheduler(
                configuration: configuration, runner: runner, clock: turn, events: Silence(), service: Silence(),
                watchdog: nil,
                reload: { nil }, rarestTick: .seconds(3600))
            return await withTaskGroup(of: Void.self) { group in
                group.addTask { await scheduler.run() }
                var sizes: [Int] = []
                for month in 1...months {
                    try? await turn.sleep(until: SoakYear.start + SoakYear.month * month)
                    sizes.append(Process.residentKiB)
                    let points = await runner.inventory.points.count
                    print("month \(month): \(sizes[sizes.count - 1] / 1024) MiB resident, \(points) points")
                }
                let points = await runner.inventory.points.count
                await scheduler.stop()
                return SoakYear.judge(sizes, points, expected: resources * 3 + resources / 10 * 3)
            }
        } ?? false
    }

    private static func judge(_ sizes: [Int], _ points: Int, expected: Int) -> Bool {
        guard let first = sizes.first, let last = sizes.last else { return false }
        let change = (last - first) * 100 / first
        print(
            "after the last month \(change) % more than after the first; \(points) points, of \(expected) that the rules keep"
        )
        return abs(change) <= 10 && points == expected
    }
}

/// What this process takes of the machine's memory (proc_pid_statm(5)).
enum Process {
    static var residentKiB: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 200)
        guard fgets(&text, 200, file) != nil else { return 0 }
        let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }
}

/// The real ledger, waited for.
private struct PatientLedger: History {
    let ledger: Ledger

    /// A soak begins with none.
    func recall() async throws(HistoryError) -> Memory { Memory() }
    func record(_ changes: [Change]) async throws(HistoryError) { try ledger.recordAtOnce(changes) }
}

/// Nonces in a row, of the same length as real ones.
enum Nonces {
    private static let last = Guarded(UInt64(0))

    static func next() -> String {
        last.withLock { number in
            number += 1
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 32 - digits.count) + digits
        }
    }
}
