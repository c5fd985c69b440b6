import AWS
import BackupCore
import Simulation
import Testing

@testable import BackupDaemon

/// A lost reply of a call without idempotency token: looked for at once and again after the consistency delay, and made
/// again only if neither look has found it (decision 0001).
@Suite struct LookTwiceTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let home = Region("us-east-1")
    private static let away = Region("eu-west-1")

    /// What the world was asked, once nothing was left to do, and what is there then.
    private func run(_ fault: Fault, visibleAfter: Int64) throws -> (log: [LoggedCall], points: [String]) {
        let turn = VirtualTurn(now: LookTwiceTests.start)
        let any = ResourceSelector(names: [Glob("*")])
        var policy = Policy(
            name: PolicyName("web"), regions: [LookTwiceTests.home],
            selection: fault.service == "ec2" ? Selection(ec2Instances: any) : Selection(lightsailInstances: any),
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: Retention(last: 3))
        policy.copies = [CopyRule(region: LookTwiceTests.away)]
        let configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"], "timings": {"visible-after": \(visibleAfter)},
             "ec2-instances": [{"id": "i-1", "volumes": [{"id": "vol-1", "device": "/dev/xvda", "boot": true}]}],
             "lightsail-instances": [{"name": "blog"}]}
            """
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: turn.now)
        world.faults = [fault]
        let aws = SimulatedAWS(world, clock: turn)
        let outcome = turn.run { () async -> (log: [LoggedCall], points: [String]) in
            let runner = PlanRunner(on: aws, fleet: configuration.fleet, turn)
            await runner.open()
            _ = try? await runner.runToEnd(configuration, .newestSlot)
            return (
                await aws.log,
                await runner.inventory.points.map { "\($0.site) \($0.state) \($0.members.count)" }.sorted()
            )
        }
        return try #require(outcome)
    }

    private func second(_ call: LoggedCall) throws -> Int64 {
        (try #require(Moment(rfc3339: call.time)) - LookTwiceTests.start).inSeconds
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var service: Service
        var operation: String
        /// The read by which a lost one is looked for at once.
        var look: String
        var testDescription: String { "\(service.rawValue):\(operation)" }
    }

    private static let rows = [
        Row(service: .ec2, operation: "CreateSnapshots", look: "DescribeSnapshots"),
        Row(service: .ec2, operation: "CopySnapshot", look: "DescribeSnapshots"),
        Row(service: .lightsail, operation: "CreateInstanceSnapshot", look: "GetInstanceSnapshot"),
        Row(service: .lightsail, operation: "CopySnapshot", look: "GetInstanceSnapshot"),
    ]
    private static let wanted = ["eu-west-1 usable 1", "us-east-1 usable 1"]

    @Test(arguments: rows)
    func whatWasNotDoneIsDoneOnceAfterTwoLooks(_ row: Row) throws {
        let fault = Fault(.dropBefore, on: row.operation, service: row.service)
        let (log, points) = try run(fault, visibleAfter: 40)
        #expect(points == LookTwiceTests.wanted)
        let tries = log.indices.filter { log[$0].operation == row.operation }
        #expect(tries.map { log[$0].outcome } == ["dropped before", "ok"])
        let first = try #require(tries.first)
        let again = try #require(tries.last)
        #expect(log[first + 1].operation == row.look, "the first look is at once")
        #expect(log[first + 1].time == log[first].time)
        let lost = try second(log[first])
        #expect(try second(log[again]) >= lost + 60)
        let looks = try log[first..<again].filter { call in
            try ["DescribeSnapshots", "GetInstanceSnapshots"].contains(call.operation) && second(call) >= lost + 60
        }
        #expect(!looks.isEmpty, "the second look is after the delay, and before it is made again")
    }

    /// Shown at once, late, and only just before the second look.
    @Test(arguments: rows, [0, 40, 59] as [Int64])
    func whatWasDoneIsFoundAndNotMadeAgain(_ row: Row, _ visibleAfter: Int64) throws {
        let fault = Fault(.dropAfter, on: row.operation, service: row.service)
        let (log, points) = try run(fault, visibleAfter: visibleAfter)
        #expect(points == LookTwiceTests.wanted)
        #expect(log.filter { $0.operation == row.operation }.map(\.outcome) == ["dropped after"])
    }
}
