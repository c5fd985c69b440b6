import AWS
import BackupCore
import Simulation
import Testing

/// Lightsail's disks and databases through the cloud that the runner sees: one set of rules for all kinds.
@Suite struct CloudLightsailKindsTests {
    private static let fleet = FleetName("acme")
    private static let kinds: [ResourceKind] = [.lightsailInstance, .lightsailDisk, .lightsailDatabase]
    private static let names: [ResourceKind: String] = [
        .lightsailInstance: "blog", .lightsailDisk: "spare", .lightsailDatabase: "shop-db",
    ]

    private static func aws(_ change: (inout World) throws -> Void = { _ in }) throws -> SimulatedAWS {
        var world = try LightsailKindsTests.world()
        try change(&world)
        return SimulatedAWS(world, clock: FixedClock(now: start))
    }

    private static func cloud(_ aws: SimulatedAWS) -> AWSCloud {
        AWSCloud(ec2: aws, lightsail: aws, fleet: fleet, clock: FixedClock(now: start))
    }

    private static func place(_ kind: ResourceKind) -> Place { Place(kind.provider, home) }

    private static func order(_ kind: ResourceKind, _ cloud: AWSCloud) async throws -> CreateOrder {
        let listing = await cloud.listing(of: place(kind), scope: Scope([kind]))
        let resource = try #require(listing.resources.first { $0.name == names[kind] })
        var policy = Policy(
            name: PolicyName("sites"), regions: [home], selection: Selection(), schedules: [], retention: Retention())
        policy.tags.add = ["Cost": "x"]
        return CreateOrder(policy: policy, resource: resource, slot: start, kind: .scheduled, nonce: SetID(""))
    }

    @Test func eachPlaceListsItsOwnKind() async throws {
        let cloud = CloudLightsailKindsTests.cloud(try CloudLightsailKindsTests.aws())
        let expected: [ResourceKind: [String]] = [
            .lightsailInstance: ["blog"], .lightsailDisk: ["blog-data", "spare"],
            .lightsailDatabase: ["shop-db", "down-db"],
        ]
        for kind in CloudLightsailKindsTests.kinds {
            let place = CloudLightsailKindsTests.place(kind)
            let listing = await cloud.listing(of: place, scope: Scope([kind]))
            #expect(listing.gap == nil && listing.resources.compactMap(\.name) == expected[kind])
            #expect(listing.resources.allSatisfy { $0.kind == kind && $0.place == place })
            #expect(await cloud.listing(of: place, scope: Scope()).resources == [])
        }
        let disks = await cloud.listing(
            of: CloudLightsailKindsTests.place(.lightsailDisk), scope: Scope([.lightsailDisk]))
        #expect(disks.resources.map(\.attachedTo) == [["blog"], []])
    }

    /// Made, read, marked, held, released and deleted: always the same point, and only in its own place.
    @Test(arguments: kinds) func aPointsWholeLife(kind: ResourceKind) async throws {
        let aws = try CloudLightsailKindsTests.aws { $0.timings.snapshotSeconds = 0 }
        let cloud = CloudLightsailKindsTests.cloud(aws)
        let place = CloudLightsailKindsTests.place(kind)
        let made = try await cloud.create(CloudLightsailKindsTests.order(kind, cloud))
        #expect(made.place == place && made.resourceKind == kind && made.home == Site(home))
        let name = try #require(LightsailName(made.set.rawValue))
        #expect(name.fleet == CloudLightsailKindsTests.fleet && name.instance == CloudLightsailKindsTests.names[kind])
        let seen = try #require(await cloud.listing(of: place, scope: Scope()).points.first)
        #expect(seen.id == made.id && seen.resource == made.resource && seen.state == .usable && !seen.lacksTags)
        try await cloud.repair(RepairOrder(point: seen, reached: [Site(remote)]))
        try await cloud.hold(seen, "why")
        let marked = try #require(await cloud.listing(of: place, scope: Scope()).points.first)
        #expect(marked.hold == "why" && marked.copiedTo == [Site(remote)])
        try await cloud.release(marked)
        #expect(try await cloud.refreshed([made], in: place).map(\.state) == [.usable])
        for other in CloudLightsailKindsTests.kinds where other != kind {
            let listing = await cloud.listing(of: CloudLightsailKindsTests.place(other), scope: Scope())
            #expect(listing.points == [] && listing.untagged == [:])
            // To delete under another kind finds nothing, and harms nothing.
            let elsewhere = PointID(place: CloudLightsailKindsTests.place(other), set: made.set)
            try await cloud.delete(made.members.map(\.snapshot), of: elsewhere)
        }
        #expect(await cloud.listing(of: place, scope: Scope()).points.count == 1)
        try await cloud.delete(made.members.map(\.snapshot), of: made.id)
        try await cloud.delete(made.members.map(\.snapshot), of: made.id)
        #expect(await cloud.listing(of: place, scope: Scope()).points == [])
    }

    @Test(arguments: kinds) func aLostReplyIsLookedFor(kind: ResourceKind) async throws {
        let aws = try CloudLightsailKindsTests.aws()
        let cloud = CloudLightsailKindsTests.cloud(aws)
        let order = try await CloudLightsailKindsTests.order(kind, cloud)
        await aws.change { $0.faults = [Fault(.dropAfter, on: "*")] }
        let made = try await cloud.create(order)
        #expect(made.members.map(\.state) == [.pending])
        // The name is taken by what the lost call made: asked again, that is found.
        #expect(try await cloud.create(order).set == made.set)
        #expect(await cloud.listing(of: made.place, scope: Scope()).points.count == 1)
    }

    @Test(arguments: [ResourceKind.lightsailInstance, .lightsailDisk])
    func aCopyBearsTheNameAndLaterTheTags(kind: ResourceKind) async throws {
        let aws = try CloudLightsailKindsTests.aws { ($0.timings.snapshotSeconds, $0.timings.copySeconds) = (0, 0) }
        let cloud = CloudLightsailKindsTests.cloud(aws)
        let made = try await cloud.create(CloudLightsailKindsTests.order(kind, cloud))
        let home = try #require(await cloud.listing(of: made.place, scope: Scope()).points.first)
        let order = CopyOrder(
            point: home, members: home.members, rule: CopyRule(region: remote), tags: TagRules())
        let copy = try await cloud.copy(home.members[0], order)
        #expect(copy.place == Place(kind.provider, remote) && copy.isCopy && copy.lacksTags)
        let bare = await cloud.listing(of: copy.place, scope: Scope())
        #expect(bare.points == [] && bare.untagged.keys.map { $0 } == [home.set])
        try await cloud.repair(RepairOrder(point: copy))
        let whole = await cloud.listing(of: copy.place, scope: Scope())
        #expect(whole.untagged == [:] && whole.points.map(\.taken) == [home.taken])
        #expect(whole.points.map(\.state) == [.usable])
    }
}
