import AWS
import BackupCore
import BackupDaemon
import Simulation
import Testing

/// Five days of the real daemon with one resource of every kind but instances, on a simulated account.
@Suite(.serialized) struct KindDaysTests {
    private static let home = Region("us-east-1")
    private static let away = Region("eu-west-1")
    private static let seed = """
        {"regions": ["us-east-1", "eu-west-1"],
         "ec2-volumes": [{"id": "vol-9", "name": "archive", "size": 100}],
         "lightsail-disks": [{"name": "spare", "size": 64}],
         "lightsail-databases": [{"name": "shop-db"}]}
        """

    private static func configuration() throws -> Configuration {
        func policy(_ name: String, _ kinds: [ResourceKind], copies: [CopyRule]) throws -> Policy {
            var selection = Selection()
            for kind in kinds { selection[kind] = ResourceSelector(names: [Glob("*")]) }
            var policy = Policy(
                name: PolicyName(name), regions: [home], selection: selection,
                schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)], retention: Retention(daily: 3))
            policy.copies = copies
            return policy
        }
        let away = CopyRule(region: away, retention: Retention(daily: 2))
        return Configuration(
            fleet: FleetName("acme"),
            policies: [
                try policy("disks", [.ec2Volume, .lightsailDisk], copies: [away]),
                try policy("databases", [.lightsailDatabase], copies: []),
            ])
    }

    private static func live(faults: [Fault] = [], visibleAfter: Int64 = 0) throws -> Life {
        let start = try #require(Moment(rfc3339: "2026-03-01T12:00:00Z"))
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
        world.faults = faults
        world.timings.visibleAfter = visibleAfter
        return try Life(try configuration(), world, from: start, days: 5)
    }

    private static let kept = ["2026-03-04 usable", "2026-03-05 usable", "2026-03-06 usable"]
    private static let expected = [
        "ec2/us-east-1": kept, "ec2/eu-west-1": Array(kept.suffix(2)),
        "lightsail-disks/us-east-1": kept, "lightsail-disks/eu-west-1": Array(kept.suffix(2)),
        "lightsail-databases/us-east-1": kept,
    ]
    private static let calls = [
        "CreateSnapshot": 5, "CreateDiskSnapshot": 5, "CreateRelationalDatabaseSnapshot": 5,
        "CopySnapshot": 10,
    ]

    @Test func eachSideHoldsWhatItsRulesKeep() throws {
        let life = try KindDaysTests.live()
        #expect(life.points == KindDaysTests.expected)
        #expect(life.counts(of: KindDaysTests.calls.keys) == KindDaysTests.calls)
    }

    @Test(arguments: [Fault.Kind.unavailable, .dropAfter, .failLater])
    func faultsAllAlongChangeNothingInTheEnd(kind: Fault.Kind) throws {
        let faults = (0..<6).map { Fault(kind, on: "*", skip: 25 + $0 * 17, count: 1) }
        #expect(try KindDaysTests.live(faults: faults).points == KindDaysTests.expected)
    }

    @Test(arguments: ["CreateSnapshot", "CreateDiskSnapshot", "CreateRelationalDatabaseSnapshot", "CopySnapshot"])
    func lostRepliesAreNotRepeatedWhileAWSIsSlowToShow(operation: String) throws {
        let life = try KindDaysTests.live(faults: [Fault(.dropAfter, on: operation)], visibleAfter: 40)
        #expect(life.points == KindDaysTests.expected)
        #expect(life.points.values.allSatisfy { !$0.contains { $0.contains("too many") } })
        let asked = life.counts(of: ["CreateSnapshot", "CreateDiskSnapshot", "CreateRelationalDatabaseSnapshot"])
        #expect(asked.values.allSatisfy { $0 <= 6 })
    }
}
