import AWS
import BackupCore
import BackupDaemon
import Simulation
import Testing

/// Days of the real daemon with a policy that copies Lightsail's automatic snapshots, and switches them on first.
@Suite(.serialized) struct AutomaticDaysTests {
    private static let home = Region("us-east-1")
    private static let away = Region("eu-west-1")

    private static func configuration() throws -> Configuration {
        var selection = Selection()
        selection[.lightsailInstance] = ResourceSelector(names: [Glob("*")])
        selection[.lightsailDisk] = ResourceSelector(names: [Glob("*")])
        var policy = Policy(
            name: PolicyName("auto"), regions: [home], selection: selection,
            schedules: [Schedule(try .cron("0 0 * * *"), zone: .utc)], retention: Retention(daily: 2))
        policy.source = .automatic
        policy.automatic = .daily(hour: 4)
        policy.copies = [CopyRule(region: away)]
        return Configuration(fleet: FleetName("acme"), policies: [policy])
    }

    private static func live(
        faults: [Fault] = [], visibleAfter: Int64 = 0,
        _ disturb: @escaping @Sendable (inout World) -> Void = { _ in }, onDay day: Int64 = 0
    ) throws -> Life {
        let start = try #require(Moment(rfc3339: "2026-03-01T12:00:00Z"))
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"],
             "lightsail-instances": [{"name": "blog", "uuid": "u-blog",
               "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32}]}],
             "lightsail-disks": [{"name": "spare"}]}
            """
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
        world.faults = faults
        world.timings.visibleAfter = visibleAfter
        return try Life(try configuration(), world, from: start, days: 10, disturb, onDay: day)
    }

    private static let copies = ["2026-03-10 usable", "2026-03-11 usable"]
    private static let home7 = (5...11).map { "2026-03-\($0 < 10 ? "0" : "")\($0) usable" }
    private static let expected = [
        "lightsail/us-east-1": home7, "lightsail/eu-west-1": copies,
        "lightsail-disks/us-east-1": home7, "lightsail-disks/eu-west-1": copies,
    ]

    @Test func eachDaysSnapshotIsCopiedOnce() throws {
        let life = try AutomaticDaysTests.live()
        #expect(life.points == AutomaticDaysTests.expected)
        // The disk that the blog has attached is in the blog's snapshots: it is neither switched on nor copied.
        #expect(
            life.counts(of: ["EnableAddOn", "CopySnapshot", "CreateInstanceSnapshot", "CreateDiskSnapshot"])
                == ["EnableAddOn": 2, "CopySnapshot": 20, "CreateInstanceSnapshot": 0, "CreateDiskSnapshot": 0])
        #expect(life.messages.filter { $0.contains("missed") } == [])
        #expect(
            life.messages.contains(
                "auto/blog (u-blog): automatic snapshots were set: automatic-snapshots is 04:00 UTC, and Lightsail's are off"
            ))
    }

    @Test(arguments: [Fault.Kind.unavailable, .dropAfter, .failLater])
    func faultsAllAlongChangeNothingInTheEnd(kind: Fault.Kind) throws {
        let faults = (0..<9).map { Fault(kind, on: "*", skip: 25 + $0 * 31, count: 1) }
        #expect(try AutomaticDaysTests.live(faults: faults).points == AutomaticDaysTests.expected)
    }

    @Test func aLostReplyIsNotRepeatedWhileAWSIsSlowToShow() throws {
        let life = try AutomaticDaysTests.live(faults: [Fault(.dropAfter, on: "CopySnapshot")], visibleAfter: 40)
        #expect(life.points == AutomaticDaysTests.expected)
        #expect(life.counts(of: ["CopySnapshot", "EnableAddOn"]) == ["CopySnapshot": 20, "EnableAddOn": 2])
    }

    /// Somebody switches it off; the policy switches it on again.
    @Test func theSettingIsKept() throws {
        let life = try AutomaticDaysTests.live(
            { world in
                let request = DisableAddOnRequest(resourceName: "blog")
                _ = try? world.disableAddOn(request, in: AutomaticDaysTests.home, now: Moment(seconds: 1_772_712_000))
            }, onDay: 4)
        #expect(life.counts(of: ["EnableAddOn"]) == ["EnableAddOn": 3])
        #expect(life.points["lightsail/eu-west-1"] == AutomaticDaysTests.copies)
    }

    /// Days without a good snapshot are told, and their copies are not made up.
    @Test func missingOnesAreTold() throws {
        let life = try AutomaticDaysTests.live(
            { world in
                var change = WorldChange()
                change.autoSnapshots = [
                    "blog": ["2026-03-07", "2026-03-08"].map { AutoSnapshotSeed(date: $0, status: "Failed") }
                ]
                try? world.apply(change, now: Moment(seconds: 1_772_712_000))
            }, onDay: 4)
        #expect(
            life.messages.filter { $0.contains("missed") } == [
                "auto/u-blog missed the slot 2026-03-07T00:00:00Z: Lightsail took no automatic snapshot of that day",
                "auto/u-blog missed 2 slots from 2026-03-07T00:00:00Z to 2026-03-08T00:00:00Z: Lightsail took no automatic snapshot of that day",
            ])
        #expect(life.messages.contains { $0.hasPrefix("auto/u-blog/2026-03-07T00:00:00Z failed in us-east-1") })
        #expect(life.points["lightsail/eu-west-1"] == AutomaticDaysTests.copies)
        let copies = life.log.filter { $0.operation == "CopySnapshot" }
        #expect(copies.count == 18)
    }

    /// Its automatic snapshots go with an instance; the copies are all that is left, and stay.
    @Test func copiesOutliveTheInstance() throws {
        let life = try AutomaticDaysTests.live(
            { world in
                var change = WorldChange()
                change.terminate = ["blog"]
                try? world.apply(change, now: Moment(seconds: 1_772_712_000))
            }, onDay: 4)
        #expect(life.points["lightsail/us-east-1"] == [])
        #expect(life.points["lightsail/eu-west-1"] == ["2026-03-04 usable", "2026-03-05 usable"])
    }
}
