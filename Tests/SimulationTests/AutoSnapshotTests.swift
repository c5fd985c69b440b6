import AWS
import BackupCore
import Simulation
import Testing

/// Automatic snapshots in the simulated account, and through the cloud that the runner sees.
@Suite struct AutoSnapshotTests {
    private static let seed = """
        {"regions": ["us-east-1", "eu-west-1"], "timings": {"snapshot-seconds": 600, "copy-seconds": 0},
         "lightsail-instances": [{"name": "blog.1", "uuid": "u-blog", "automatic": "06:00",
           "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32}]}, {"name": "quiet"}],
         "lightsail-disks": [{"name": "spare", "uuid": "u-spare", "size": 64,
           "auto-snapshots": [{"date": "2026-11-18"}, {"date": "2026-11-19", "status": "Failed"}]}]}
        """

    private static func world() throws -> World { try World(StrictJSON.seed(Array(seed.utf8)), now: start) }

    /// `2026-11-20 Success` of each.
    private static func shown(_ world: World, _ now: Moment, _ name: String = "blog.1") throws -> [String] {
        let reply = try world.getAutoSnapshots(GetAutoSnapshotsRequest(resourceName: name), in: home, now: now)
        return (reply.autoSnapshots ?? []).map { "\($0.date ?? "") \($0.status ?? "")" }
    }

    private static let day: Int64 = 86_400
    /// 06:20 of the first day, when the first is made: the world begins at 02:00.
    private static let first = 4 * 3600 + 20 * 60

    @Test func oneADayAndSevenInAll() throws {
        let world = try AutoSnapshotTests.world()
        let first = Int64(AutoSnapshotTests.first)
        #expect(try AutoSnapshotTests.shown(world, at(first - 1)) == [])
        #expect(try AutoSnapshotTests.shown(world, at(first)) == ["2026-11-20 InProgress"])
        #expect(try AutoSnapshotTests.shown(world, at(first + 600)) == ["2026-11-20 Success"])
        let later = try AutoSnapshotTests.shown(world, at(first + 600 + 9 * AutoSnapshotTests.day))
        #expect(later.count == 7 && later.first == "2026-11-29 Success" && later.last == "2026-11-23 Success")
        #expect(try AutoSnapshotTests.shown(world, at(9 * AutoSnapshotTests.day), "quiet") == [])
        let refused = CreateInstanceSnapshotRequest(instanceSnapshotName: "s-1", instanceName: "blog.1")
        var during = world
        #expect(
            code { () throws(AWSError) in _ = try during.createInstanceSnapshot(refused, in: home, now: at(first)) }
                == "InvalidInputException")
    }

    @Test func whatWasTakenStaysWhenTheSettingChanges() throws {
        var world = try AutoSnapshotTests.world()
        let noon = at(10 * 3600)
        _ = try world.disableAddOn(DisableAddOnRequest(resourceName: "blog.1"), in: home, now: noon)
        #expect(try AutoSnapshotTests.shown(world, at(3 * AutoSnapshotTests.day)) == ["2026-11-20 Success"])
        let evening = EnableAddOnRequest(resourceName: "blog.1", snapshotTimeOfDay: "20:00")
        _ = try world.enableAddOn(evening, in: home, now: noon)
        #expect(
            try AutoSnapshotTests.shown(world, at(2 * AutoSnapshotTests.day))
                == ["2026-11-21 Success", "2026-11-20 Success"])
        let instance = try #require(
            world.getInstances(LightsailPageRequest(), in: home, now: noon).instances?.first)
        #expect(
            instance.addOns == [
                LightsailAddOn(
                    name: "AutoSnapshot", status: "Enabled", snapshotTimeOfDay: "20:00", nextSnapshotTimeOfDay: "20:00")
            ])
    }

    @Test(arguments: [("20:30", "AutoSnapshot"), ("24:00", "AutoSnapshot"), ("20:00", "StopInstanceOnIdle")])
    func refusedSettings(time: String, type: String) throws {
        var world = try AutoSnapshotTests.world()
        var request = EnableAddOnRequest(resourceName: "blog.1", snapshotTimeOfDay: time)
        request.addOnRequest.addOnType = type
        #expect(
            code { () throws(AWSError) in _ = try world.enableAddOn(request, in: home, now: start) }
                == "InvalidInputException")
    }

    // MARK: Through the cloud

    private static func policy(_ name: String, _ names: String = "*") -> Policy {
        var selection = Selection()
        for kind in [ResourceKind.lightsailInstance, .lightsailDisk] {
            selection[kind] = ResourceSelector(names: [Glob(names)])
        }
        var policy = Policy(
            name: PolicyName(name), regions: [home], selection: selection, schedules: [], retention: Retention())
        policy.source = .automatic
        policy.copies = [CopyRule(region: remote)]
        return policy
    }

    private static func cloud(_ aws: SimulatedAWS, _ now: Moment) -> AWSCloud {
        AWSCloud(ec2: aws, lightsail: aws, fleet: FleetName("acme"), clock: FixedClock(now: now))
    }

    private static func scope(_ policies: [Policy], _ kind: ResourceKind = .lightsailInstance) -> Scope {
        Scope([kind], automatic: policies)
    }

    @Test func eachPolicyHasPointsOfWhatItSelects() async throws {
        let now = at(2 * day)
        let aws = SimulatedAWS(try AutoSnapshotTests.world(), clock: FixedClock(now: now))
        let policies = [AutoSnapshotTests.policy("one"), AutoSnapshotTests.policy("two", "blog*")]
        let listing = await AutoSnapshotTests.cloud(aws, now).listing(
            of: Place(.lightsail, home), scope: AutoSnapshotTests.scope(policies))
        #expect(listing.gap == nil && listing.points.count == 4 && listing.untagged == [:])
        let newest = try #require(listing.points.first)
        #expect(newest.title == "one/u-blog/2026-11-21T00:00:00Z" && newest.isAutomatic && newest.state == .usable)
        #expect(newest.taken == at(day + Int64(AutoSnapshotTests.first)) && !newest.isCopy && !newest.lacksTags)
        #expect(newest.members.map(\.snapshot.rawValue) == ["blog.1/2026-11-21"])
        #expect(newest.members.map(\.gibibytes) == [32])
        let name = try #require(LightsailName(newest.set.rawValue))
        #expect(name.policy == PolicyName("one") && name.slot == newest.slot && name.instance == "blog-1")
        #expect(listing.resources.map(\.automatic) == [.daily(hour: 6), .off])
        // Nobody asks for what no policy selects.
        let asked = await aws.log.filter { $0.operation == "GetAutoSnapshots" }.count
        #expect(asked == 2)
        let none = await AutoSnapshotTests.cloud(aws, now).listing(
            of: Place(.lightsail, home), scope: Scope([.lightsailInstance]))
        #expect(none.points == [])
    }

    @Test func disksHaveThemToo() async throws {
        let aws = SimulatedAWS(try AutoSnapshotTests.world(), clock: FixedClock(now: start))
        let listing = await AutoSnapshotTests.cloud(aws, start).listing(
            of: Place(.lightsailDisks, home),
            scope: AutoSnapshotTests.scope([AutoSnapshotTests.policy("one")], .lightsailDisk))
        #expect(listing.points.map(\.state) == [.failed, .usable])
        #expect(listing.points.map(\.place) == [Place(.lightsailDisks, home), Place(.lightsailDisks, home)])
    }

    @Test(arguments: [nil, Fault(.dropAfter, on: "CopySnapshot")])
    func aCopyIsAPointOfOurs(fault: Fault?) async throws {
        let now = at(2 * day)
        let aws = SimulatedAWS(try AutoSnapshotTests.world(), clock: FixedClock(now: now))
        let cloud = AutoSnapshotTests.cloud(aws, now)
        let policy = AutoSnapshotTests.policy("one", "blog*")
        let place = Place(.lightsail, home)
        let point = try #require(await cloud.listing(of: place, scope: AutoSnapshotTests.scope([policy])).points.last)
        let order = CopyOrder(
            point: point, members: point.members, rule: policy.copies[0], tags: TagRules())
        await aws.change { $0.faults = [fault].compactMap { $0 } }
        let copy = try await cloud.copy(point.members[0], order)
        #expect(copy.isCopy && !copy.isAutomatic && copy.lacksTags && copy.set == point.set)
        // The name is taken by it: asked again, it is found.
        #expect(try await cloud.copy(point.members[0], order).set == copy.set)
        try await cloud.repair(RepairOrder(point: copy))
        let there = await cloud.listing(of: Place(.lightsail, remote), scope: Scope())
        let found = try #require(there.points.first)
        #expect(there.points.count == 1 && found.slot == point.slot && found.taken == point.taken)
        #expect(found.resource == point.resource && found.isCopy && found.state == .usable && !found.isAutomatic)
    }

    /// One in progress is neither lost nor asked about by a name that it does not bear.
    @Test func oneInProgressStaysAsItWasRead() async throws {
        let now = at(Int64(AutoSnapshotTests.first) + 500)
        let aws = SimulatedAWS(try AutoSnapshotTests.world(), clock: FixedClock(now: now))
        let listing = await AutoSnapshotTests.cloud(aws, now).listing(
            of: Place(.lightsail, home), scope: AutoSnapshotTests.scope([AutoSnapshotTests.policy("one")]))
        #expect(listing.points.map(\.state) == [.pending])
    }

    @Test func whatMayNotBeReadIsAGap() async throws {
        var world = try AutoSnapshotTests.world()
        world.denied = ["lightsail:GetAutoSnapshots"]
        let aws = SimulatedAWS(world, clock: FixedClock(now: start))
        let listing = await AutoSnapshotTests.cloud(aws, start).listing(
            of: Place(.lightsail, home), scope: AutoSnapshotTests.scope([AutoSnapshotTests.policy("one")]))
        #expect(listing.gap?.operation == "lightsail:GetAutoSnapshots" && listing.gap?.kind == .needsPerson)
    }

    @Test func theSettingIsMadeAndSeen() async throws {
        let aws = SimulatedAWS(try AutoSnapshotTests.world(), clock: FixedClock(now: start))
        let cloud = AutoSnapshotTests.cloud(aws, start)
        for (kind, setting) in [
            (ResourceKind.lightsailInstance, AutomaticSetting.off), (.lightsailDisk, .daily(hour: 22)),
        ] {
            let place = Place(kind.provider, home)
            let resource = try #require(await cloud.listing(of: place, scope: Scope([kind])).resources.first)
            try await cloud.setAutomatic(setting, of: resource)
            #expect(await cloud.listing(of: place, scope: Scope([kind])).resources.first?.automatic == setting)
        }
    }

    private var day: Int64 { AutoSnapshotTests.day }

    /// JSON and back, as it goes over the wire.
    @Test func onTheWire() throws {
        func through<Value: Codable & Equatable>(_ value: Value) throws {
            #expect(try JSONText.read(Value.self, from: JSONText.write(value)) == value)
        }
        let world = try AutoSnapshotTests.world()
        let request = GetAutoSnapshotsRequest(resourceName: "blog.1")
        try through(world.getAutoSnapshots(request, in: home, now: at(2 * AutoSnapshotTests.day)))
        try through(EnableAddOnRequest(resourceName: "blog.1", snapshotTimeOfDay: "02:00"))
        try through(world.getInstances(LightsailPageRequest(), in: home, now: start))
    }
}
