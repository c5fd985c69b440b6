import AWS
import BackupCore
import Simulation
import Testing

@testable import BackupDaemon

/// Some hours of the real daemon and the real clients, over the simulated wire and under a virtual clock: two regions, two
/// slots, with everything that a healthy fleet of one of two scenes calls; at the end a person holds a point and lets it
/// go again.
struct MatrixRun: Sendable {
    /// What the fleet is.
    enum Scene: Sendable {
        /// EC2's and Lightsail's instances, and their copies.
        case instances
        /// A volume by itself, copied into another account; Lightsail's disks and databases; its automatic snapshots.
        case others
    }

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

    private static func configuration(_ scene: Scene) throws -> Configuration {
        var configuration = Configuration(
            fleet: FleetName("acme"), policies: scene == .instances ? [try instances()] : try others())
        if scene == .others {
            configuration.accounts = [vault: AccountRole(name: "vault", arn: try #require(RoleARN(role)))]
        }
        configuration.timing.pruneGrace = .zero
        // A set that lost a member to a delete whose reply was lost goes in its next prune, not a day later.
        configuration.timing.debrisGrace = .seconds(1800)
        configuration.timing.inventoryInterval = .seconds(5400)
        return configuration
    }

    private static func others() throws -> [Policy] {
        let any = ResourceSelector(names: [Glob("*")])
        func policy(
            _ name: String, _ kinds: [ResourceKind: ResourceSelector], at hours: String = "2,6"
        ) throws -> Policy {
            var selection = Selection()
            for (kind, selector) in kinds { selection[kind] = selector }
            return Policy(
                name: PolicyName(name), regions: [home], selection: selection,
                schedules: [Schedule(try .cron("0 \(hours) * * *"), zone: .utc)], retention: Retention(last: 1))
        }
        var volumes = try policy("volumes", [.ec2Volume: any])
        volumes.copies = [CopyRule(region: away, account: vault)]
        var automatic = try policy("automatic", [.lightsailInstance: ResourceSelector(names: [Glob("blog")])], at: "0")
        (automatic.source, automatic.automatic) = (.automatic, .daily(hour: 22))
        automatic.copies = [CopyRule(region: away)]
        var off = try policy("off", [.lightsailInstance: ResourceSelector(names: [Glob("shop")])], at: "0")
        (off.source, off.automatic) = (.automatic, .off)
        off.copies = [CopyRule(region: away)]
        let disks = try policy("disks", [.lightsailDisk: any])
        let databases = try policy("databases", [.lightsailDatabase: any])
        return [volumes, disks, databases, automatic, off]
    }

    private static let vault = AccountID("222233334444")
    private static let role = "arn:aws:iam::222233334444:role/snapwarden"

    private static func instances() throws -> Policy {
        let any = ResourceSelector(names: [Glob("*")])
        var policy = Policy(
            name: PolicyName("nightly"), regions: [home],
            selection: Selection(ec2Instances: any, lightsailInstances: any),
            schedules: [Schedule(try .cron("0 2,6 * * *"), zone: .utc)], retention: Retention(last: 1))
        // Volumes' tags are read for it.
        policy.exclusion = Exclusion(volumeTags: [TagMatch(key: "scratch", values: [Glob("*")])])
        policy.copies = [CopyRule(region: away)]
        return policy
    }

    private static func world(_ scene: Scene) throws -> World {
        let seed = scene == .instances ? instancesSeed : othersSeed
        return try World(StrictJSON.seed(Array(seed.utf8)), now: start)
    }

    private static let othersSeed = """
        {"regions": ["us-east-1", "eu-west-1"],
         "timings": {"snapshot-seconds": 60, "copy-seconds": 60, "visible-after": 40},
         "roles": [{"arn": "\(role)"}],
         "ec2-volumes": [{"id": "vol-9", "name": "archive", "encrypted": true,
            "kms-key": "arn:aws:kms:us-east-1:123456789012:key/k-1"}],
         "lightsail-disks": [{"name": "spare"}], "lightsail-databases": [{"name": "shop-db"}],
         "lightsail-instances": [{"name": "blog"}, {"name": "shop", "automatic": "06:00"}]}
        """

    private static let instancesSeed = """
        {"regions": ["us-east-1", "eu-west-1"],
         "timings": {"snapshot-seconds": 60, "copy-seconds": 60, "visible-after": 40},
         "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [
            {"id": "vol-1", "device": "/dev/xvda", "boot": true}, {"id": "vol-2", "device": "/dev/sdf"}]}],
         "lightsail-instances": [{"name": "blog"}]}
        """

    let scene: Scene
    let strike: Strike?

    func outcome() throws -> Outcome {
        let turn = VirtualTurn(now: MatrixRun.start)
        let configuration = try MatrixRun.configuration(scene)
        let wire = FaultyWire(try MatrixRun.world(scene), clock: turn, strike: strike)
        let ears = Ears()
        let accounts = try accounts(configuration, wire, ears, turn)
        let outcome = turn.run { () async -> Outcome in
            let cloud = AWSCloud({ accounts }, fleet: configuration.fleet, clock: turn)
            let inventory = await daemon(cloud, configuration, ears, turn)
            var outcome = Outcome()
            for point in inventory.points.sorted(by: { $0.id < $1.id }) where !point.isCopy {
                let isWell = await holdAndRelease(point, cloud, turn, &outcome.refusals)
                outcome.personSucceeded = isWell
            }
            try? await turn.sleep(until: turn.now + .seconds(300))
            outcome.dump = wire.admin("dump", query: "plain=1")
            for resource in inventory.resources.sorted(by: { $0.id < $1.id }) {
                if let setting = resource.automatic { outcome.dump += "\n\(resource.name ?? ""): automatic \(setting)" }
            }
            outcome.made = made(wire.admin("requests"))
            outcome.strikes = wire.strikes
            outcome.events = ears.events
            return outcome
        }
        return try #require(outcome, "it waits for something that cannot come")
    }

    private func accounts(
        _ configuration: Configuration, _ wire: FaultyWire, _ ears: Ears, _ turn: VirtualTurn
    ) throws -> [AccountID: AccountClients] {
        let (settings, commons) = (try AWSSettings(environment: [:]), AWSCommons(events: ears))
        func clients(_ credentials: any CredentialSource, _ account: AccountID) -> AccountClients {
            let client = AWSClient(
                settings: settings, credentials: credentials, transport: wire, clock: turn, random: { 0.5 },
                commons: commons, account: account.rawValue)
            return AccountClients(
                ec2: EC2Client(client), lightsail: LightsailClient(client), keys: KMSClient(client),
                sts: STSClient(client))
        }
        var accounts = [AccountID.standard: clients(Keys(), .standard)]
        for (id, role) in configuration.accounts {
            let session = RenewedCredentials.role(
                AssumeRoleRequest(roleArn: role.arn.description), in: MatrixRun.home, base: Keys(), settings: settings,
                transport: wire, clock: turn, commons: commons)
            accounts[id] = clients(session, id)
        }
        return accounts
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
        await runner.open()
        let scheduler = Scheduler(
            configuration: configuration, runner: runner, clock: turn, events: ears, service: Silence(), watchdog: nil,
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
            call.outcome == "ok" && (call.operation.hasPrefix("Create") || call.operation == "CopySnapshot")
                && call.operation != "CreateTags"
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
