import AWS
import Simulation
import Testing

@testable import BackupCore
@testable import BackupDaemon

/// A backup asked for by hand is taken once of each resource, though some of them have to wait for room.
@Suite struct BackupByHandTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let home = Region("us-east-1")
    /// The world's second instance is named; its volume had a snapshot of somebody else's a moment ago.
    private static let seed = """
        {"regions": ["us-east-1", "eu-west-1"], "timings": {"snapshot-seconds": 20, "copy-seconds": 20},
         "ec2-instances": [
            {"id": "i-1", "volumes": [{"id": "vol-1", "device": "/dev/xvda", "boot": true}]},
            {"id": "i-2", "volumes": [{"id": "vol-2", "device": "/dev/xvda", "boot": true}]}],
         "lightsail-instances": [{"name": "blog"}, {"name": "shop"}, {"name": "wiki"}]}
        """

    /// On a machine whose ledger is new, and on which AWS shows points of before: it waits until AWS must show all of them.
    @Test func alsoWithANewLedger() throws {
        let turn = VirtualTurn(now: BackupByHandTests.start)
        let policy = Policy(
            name: PolicyName("web"), regions: [BackupByHandTests.home],
            selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])),
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: Retention(last: 9))
        let configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
        let aws = SimulatedAWS(
            try World(StrictJSON.seed(Array(BackupByHandTests.seed.utf8)), now: turn.now), clock: turn)
        let name = policy.name
        let outcome = turn.run { () async -> [Int] in
            var snapshots: [Int] = []
            for _ in 1...3 {
                let runner = PlanRunner(on: aws, fleet: configuration.fleet, turn)
                await runner.open()
                _ = try? await runner.runToEnd(configuration, .byHand(name, nil))
                // Each of these runs gives the same nonces.
                snapshots.append(await runner.inventory.points.flatMap(\.members).count)
            }
            return snapshots
        }
        #expect(outcome == [2, 4, 6])
        #expect(turn.now - BackupByHandTests.start < .seconds(900))
    }

    /// What was not begun because calls had stopped ending is asked for again.
    @Test func whatWasLeftIsAskedForAgain() throws {
        let pair = Pair(policy: PolicyName("web"), resource: ResourceID("i-2"))
        let resource = Resource(
            id: pair.resource, kind: .ec2Instance, site: Site(BackupByHandTests.home), name: nil, volumes: [])
        let policy = Policy(
            name: pair.policy, regions: [BackupByHandTests.home], selection: Selection(), schedules: [],
            retention: Retention())
        let order = CreateOrder(
            policy: policy, resource: resource, slot: BackupByHandTests.start, kind: .manual, nonce: SetID(""))
        let left = Action(
            work: .create(order), pair: pair, slot: order.slot, site: resource.site, reason: .askedFor)
        #expect(Eagerness.byHand(pair.policy, nil).after(Plan(), left: [left]) == .byHand(pair.policy, [pair.resource]))
        #expect(Eagerness.byHand(pair.policy, nil).after(Plan()) == .following(pair.policy))
    }

    /// Where nothing is configured a pass has nothing to wait for, and one with policies can follow it.
    @Test func aPassWithoutPoliciesEnds() throws {
        let turn = VirtualTurn(now: BackupByHandTests.start)
        let aws = SimulatedAWS(
            try World(StrictJSON.seed(Array(BackupByHandTests.seed.utf8)), now: turn.now), clock: turn)
        let fleet = FleetName("acme")
        let outcome = turn.run { () async -> Int in
            let runner = PlanRunner(on: aws, fleet: fleet, turn)
            await runner.open()
            return await runner.pass(Configuration(fleet: fleet, policies: [])).done
        }
        #expect(outcome == 0)
    }

    /// Of what waits only what was asked for is asked for again: a slot that another run goes first with is no such thing.
    @Test(arguments: [
        (Wait.Cause.newLedger, true), (.lostReply, true), (.askedToWait, true), (.steppedBack, false),
    ])
    func whatWaits(cause: Wait.Cause, isAskedForAgain: Bool) {
        let pair = Pair(policy: PolicyName("web"), resource: ResourceID("i-1"))
        var plan = Plan()
        plan.waits = [
            Wait(action: .create, pair: pair, slot: nil, site: Site(BackupByHandTests.home), cause: cause, until: nil)
        ]
        let after = Eagerness.byHand(pair.policy, nil).after(plan)
        #expect(after == (isAskedForAgain ? .byHand(pair.policy, [pair.resource]) : .following(pair.policy)))
    }

    @Test(arguments: [nil, "i-2"]) func eachResourceOnce(resource: String?) throws {
        let turn = VirtualTurn(now: BackupByHandTests.start)
        let any = ResourceSelector(names: [Glob("*")])
        var policy = Policy(
            name: PolicyName("web"), regions: [BackupByHandTests.home],
            selection: Selection(ec2Instances: any, lightsailInstances: any),
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: Retention(last: 3))
        // Three copies of Lightsail's do not fit at once, and wait too.
        policy.copies = [CopyRule(region: Region("eu-west-1"))]
        let configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
        let world = try World(StrictJSON.seed(Array(BackupByHandTests.seed.utf8)), now: turn.now)
        let aws = SimulatedAWS(world, clock: turn)
        let name = policy.name
        let outcome = turn.run { () async -> (points: [String], report: RunReport?) in
            _ = try? await aws.createSnapshot(CreateSnapshotRequest(volumeId: "vol-2"), in: BackupByHandTests.home)
            let runner = PlanRunner(on: aws, fleet: configuration.fleet, turn)
            await runner.open()
            let asked = resource.map { Set([ResourceID($0)]) }
            let report = try? await runner.runToEnd(configuration, .byHand(name, asked))
            return (await runner.inventory.points.map { "\($0.site) \($0.kind) \($0.state)" }.sorted(), report)
        }
        let (points, report) = try #require(outcome)
        let count = resource == nil ? 5 : 1
        #expect(
            points
                == Array(repeating: "eu-west-1 manual usable", count: count)
                + Array(repeating: "us-east-1 manual usable", count: count))
        #expect(try #require(report).failures.map(\.description) == [])
        #expect(turn.now - BackupByHandTests.start < .seconds(600))
    }
}
