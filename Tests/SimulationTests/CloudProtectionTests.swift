import AWS
import BackupCore
import Simulation
import Testing

/// What a listing tells of locks, images and holds, and how holds come and go.
@Suite struct CloudProtectionTests {
    private static let fleet = FleetName("acme")
    private static let lightsailName = LightsailName(
        fleet: fleet, policy: PolicyName("web"), home: home, instanceName: "blog",
        arn: "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog", slot: start)

    /// A set of two snapshots and a Lightsail point, with copies that lack their tags as a crash would leave them.
    private static func simulation(_ change: (inout World) throws -> Void = { _ in }) throws -> SimulatedAWS {
        let own = """
            "snapwarden:fleet": "acme", "snapwarden:policy": "web", "snapwarden:slot": "\(start)", \
            "snapwarden:kind": "scheduled", "snapwarden:resource"
            """
        let tags = #"{\#(own): "i-a", "snapwarden:set": "set-1", "snapwarden:members": "2", "Name": "x"}"#
        let common = #""description": "snapwarden acme/web/i-a/\#(start)", "start": "-1d", "tags": \#(tags)"#
        let name = lightsailName.text
        let blog = #"{\#(own): "u-blog", "snapwarden:set": "\#(name)", "snapwarden:members": "1"}"#
        let arn = "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog"
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"], "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
             "lightsail-instances": [{"name": "blog", "uuid": "u-blog"}],
             "snapshots": [{"id": "snap-1", "volume": "vol-1", \(common)}, {"id": "snap-2", "volume": "vol-2", \(common)}],
             "lightsail-snapshots": [
               {"name": "\(name)", "from": "blog", "created": "-1d", "tags": \(blog)},
               {"name": "\(name)", "region": "eu-west-1", "from": "\(arn)", "created": "-1h"}]}
            """
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
        try change(&world)
        return SimulatedAWS(world, clock: FixedClock(now: start))
    }

    private static func cloud(_ aws: SimulatedAWS, now: Moment = start) -> AWSCloud {
        AWSCloud(ec2: aws, lightsail: aws, fleet: fleet, clock: FixedClock(now: now))
    }

    private static func listing(_ aws: SimulatedAWS, _ place: Place = Place(.ec2, home)) async -> Listing {
        await cloud(aws).listing(of: place, scope: Scope([.ec2Instance, .lightsailInstance]))
    }

    private static func protect(_ change: (inout WorldChange) throws -> Void) throws -> SimulatedAWS {
        try simulation { world in
            var wanted = WorldChange()
            try change(&wanted)
            try world.apply(wanted, now: start)
        }
    }

    @Test func locksAndImagesAreOnTheMembers() async throws {
        let aws = try CloudProtectionTests.protect {
            $0.lock = ["snap-1": try lock(#"{"mode": "compliance", "until": "+9d", "cool-off-hours": 1}"#)]
            $0.registerImages = [
                try image(#"{"id": "ami-2", "snapshots": ["snap-2"]}"#),
                try image(#"{"id": "ami-1", "snapshots": ["snap-2"], "state": "disabled"}"#),
            ]
        }
        let listing = await CloudProtectionTests.listing(aws)
        let members = try #require(listing.points.first).members
        #expect(members.map(\.lock) == [SnapshotLock(state: "compliance-cooloff", until: at(9 * 86_400)), nil])
        #expect(members.map(\.image) == [nil, ImageID("ami-1")])
        #expect(listing.gap == nil && listing.protectionGap == nil)
    }

    @Test func anExpiredLockAndAStrangersImageAreNone() async throws {
        let aws = try CloudProtectionTests.protect {
            $0.lock = [
                "snap-1": try lock(#"{"mode": "governance", "until": "-1s"}"#),
                "snap-2": try lock(#"{"mode": "governance"}"#),
            ]
            $0.registerImages = [try image(#"{"id": "ami-1", "snapshots": ["snap-1"], "owner": "999999999999"}"#)]
        }
        let members = try #require(await CloudProtectionTests.listing(aws).points.first).members
        #expect(members.map(\.lock) == [nil, SnapshotLock(state: "governance", until: nil)])
        #expect(members.map(\.image) == [nil, nil])
    }

    /// More than one page of each: 1,000 other snapshots come first.
    @Test func everyPageIsRead() async throws {
        let aws = try CloudProtectionTests.simulation { world in
            let others = (0..<1001).map { number in
                #"{"id": "snap-x\#(number)", "volume": "vol-9", "start": "-1d", "locked": {"mode": "governance"}}"#
            }
            let images = (0..<1001).map { #"{"id": "ami-x\#($0)", "snapshots": ["snap-x\#($0)"]}"# }
            let seed = """
                {"snapshots": [\(others.joined(separator: ","))], "images": [\(images.joined(separator: ",")),
                 {"id": "ami-1", "snapshots": ["snap-1"]}]}
                """
            try world.plant(StrictJSON.seed(Array(seed.utf8)), now: start)
            let late = #"{"id": "snap-late", "volume": "vol-1", "start": "-1d", "locked": {"mode": "governance"}, "#
            let own = """
                "description": "snapwarden acme/web/i-a/\(start)", "tags": {"snapwarden:fleet": "acme", \
                "snapwarden:policy": "web", "snapwarden:slot": "\(start)", "snapwarden:resource": "i-a", \
                "snapwarden:set": "set-2", "snapwarden:members": "1"}}
                """
            try world.plant(StrictJSON.seed(Array(#"{"snapshots": [\#(late + own)]}"#.utf8)), now: start)
        }
        let listing = await CloudProtectionTests.listing(aws)
        #expect(listing.points.flatMap(\.members).map(\.image) == [ImageID("ami-1"), nil, nil])
        #expect(listing.points.flatMap(\.members).map(\.lock?.state) == [nil, nil, "governance"])
        let calls = await aws.log.map(\.operation)
        #expect(calls.filter { $0 == "DescribeLockedSnapshots" }.count == 2)
        #expect(calls.filter { $0 == "DescribeImages" }.count == 2)
    }

    static let rights: [(String, SnapshotLock?, ImageID?)] = [
        ("ec2:DescribeLockedSnapshots", nil, ImageID("ami-1")),
        ("ec2:DescribeImages", SnapshotLock(state: "governance"), nil),
    ]

    @Test(arguments: rights)
    func whatMayNotBeReadIsAGapOfItsOwn(denied: String, lock: SnapshotLock?, image: ImageID?) async throws {
        let aws = try CloudProtectionTests.protect {
            $0.denied = [denied]
            $0.lock = ["snap-1": try SimulationTests.lock(#"{"mode": "governance"}"#)]
            $0.registerImages = [try SimulationTests.image(#"{"id": "ami-1", "snapshots": ["snap-1"]}"#)]
        }
        let listing = await CloudProtectionTests.listing(aws)
        #expect(listing.gap == nil && listing.points.count == 1)
        #expect(listing.protectionGap?.operation == denied)
        #expect(listing.protectionGap?.code == "UnauthorizedOperation")
        #expect(listing.protectionGap?.kind == .needsPerson)
        #expect(listing.points.first?.members.first?.lock == lock)
        #expect(listing.points.first?.members.first?.image == image)
    }

    @Test func throttledToDeathIsAGapToo() async throws {
        let aws = try CloudProtectionTests.simulation {
            $0.faults = [Fault(.throttle, on: "DescribeLockedSnapshots", count: 100)]
        }
        let listing = await CloudProtectionTests.listing(aws)
        #expect(listing.gap == nil && listing.points.count == 1)
        #expect(listing.protectionGap?.code == "RequestLimitExceeded")
    }

    @Test func lightsailHasNeither() async throws {
        let aws = try CloudProtectionTests.protect {
            $0.denied = ["ec2:DescribeLockedSnapshots", "ec2:DescribeImages"]
        }
        let listing = await CloudProtectionTests.listing(aws, Place(.lightsail, home))
        #expect(listing.points.count == 1 && listing.protectionGap == nil)
        #expect(await aws.log.allSatisfy { $0.service == "lightsail" })
    }

    /// They are read on full listings alone; looking at what is pending keeps what was known.
    @Test func aRefreshKeepsThemWithoutReadingThem() async throws {
        let aws = try CloudProtectionTests.protect {
            $0.lock = ["snap-1": try lock(#"{"mode": "governance"}"#)]
            $0.registerImages = [try image(#"{"id": "ami-1", "snapshots": ["snap-2"]}"#)]
        }
        let points = await CloudProtectionTests.listing(aws).points
        let before = await aws.log.count
        let cloud = CloudProtectionTests.cloud(aws)
        #expect(try await cloud.refreshed(points, in: Place(.ec2, home)) == points)
        #expect(await aws.log.dropFirst(before).map(\.operation) == ["DescribeSnapshots"])
    }

    @Test func aHoldIsOnEveryMemberAndGoesAgain() async throws {
        let aws = try CloudProtectionTests.simulation()
        let cloud = CloudProtectionTests.cloud(aws)
        for place in [Place(.ec2, home), Place(.lightsail, home)] {
            let point = try #require(await CloudProtectionTests.listing(aws, place).points.first)
            #expect(!point.isHeld)
            try await cloud.hold(point, "audit 2026")
            let held = try #require(await CloudProtectionTests.listing(aws, place).points.first)
            #expect(held.hold == "audit 2026" && held.isHeld)
            if place.provider == .ec2 {
                for id in ["snap-1", "snap-2"] {
                    let tags = try await aws.world.snapshot(id, in: home, now: start).tags ?? []
                    #expect(tags.contains(EC2Tag(key: "snapwarden:hold", value: "audit 2026")), "\(id)")
                }
            }
            try await cloud.release(held)
            try await cloud.release(held)
            #expect(try #require(await CloudProtectionTests.listing(aws, place).points.first) == point)
        }
    }

    /// As a console may do it: on one member, or with an empty value.
    @Test(arguments: [("", ""), ("why", "why")])
    func aTagFromAnywhereCounts(value: String, expected: String) async throws {
        let aws = try CloudProtectionTests.simulation()
        _ = try await aws.createTags(
            CreateTagsRequest(resources: ["snap-2"], tags: [EC2Tag(key: "snapwarden:hold", value: value)]), in: home)
        let held = try #require(await CloudProtectionTests.listing(aws).points.first)
        #expect(held.hold == expected)
        #expect(try await CloudProtectionTests.cloud(aws).refreshed([held], in: Place(.ec2, home)) == [held])
    }

    /// The hold of an untagged copy would not be read: it is tagged whole.
    @Test func aLookalikeIsAdoptedByItsHold() async throws {
        let aws = try CloudProtectionTests.simulation()
        let places = [Place(.lightsail, home), Place(.lightsail, remote)]
        var listings: [Place: Listing] = [:]
        for place in places { listings[place] = await CloudProtectionTests.listing(aws, place) }
        let claimed = Inventory(listings).claimingLookalikes()
        let copy = try #require(claimed.points.first { $0.isCopy })
        #expect(copy.lacksTags)
        try await CloudProtectionTests.cloud(aws).hold(copy, "audit")
        let listing = await CloudProtectionTests.listing(aws, Place(.lightsail, remote))
        #expect(listing.untagged.isEmpty)
        #expect(listing.points.map(\.hold) == ["audit"] && listing.points.map(\.isCopy) == [true])
    }

    /// A person may have held it in a console before our tags came.
    @Test func aLookalikesHoldIsSeen() async throws {
        let aws = try CloudProtectionTests.simulation()
        _ = try await aws.tagResource(
            LightsailTagResourceRequest(
                resourceName: CloudProtectionTests.lightsailName.text,
                tags: [LightsailTag(key: "snapwarden:hold", value: "court")]), in: remote)
        let places = [Place(.lightsail, home), Place(.lightsail, remote)]
        var listings: [Place: Listing] = [:]
        for place in places { listings[place] = await CloudProtectionTests.listing(aws, place) }
        let claimed = Inventory(listings).claimingLookalikes()
        #expect(claimed.points.map(\.hold).contains("court"))
        // Without its home point it is nobody's that we could name, and reported.
        listings[Place(.lightsail, home)]?.points = []
        let configuration = Configuration(fleet: CloudProtectionTests.fleet, policies: [])
        let orphans = InventoryIndex(Inventory(listings).claimingLookalikes(), configuration).orphans
        #expect(orphans.map(\.title) == ["web/u-blog/\(start)"] && orphans.map(\.lacksTags) == [true])
    }

    /// Else its home point would be copied a second time.
    @Test func aCopyThatAWSDoesNotShowYetIsNotLost() async throws {
        let aws = try CloudProtectionTests.simulation { $0.timings.visibleAfter = 60 }
        let point = try #require(await CloudProtectionTests.listing(aws).points.first)
        let order = CopyOrder(
            point: point, members: point.members, rule: CopyRule(region: remote), tags: TagRules())
        let copy = try await CloudProtectionTests.cloud(aws).copy(point.members[0], order)
        let place = Place(.ec2, remote)
        #expect(await CloudProtectionTests.listing(aws, place).points == [])
        let soon = try await CloudProtectionTests.cloud(aws, now: start + .seconds(30)).refreshed([copy], in: place)
        #expect(soon.map(\.members.count) == [1])
        let never = try await CloudProtectionTests.cloud(aws, now: start + .seconds(400)).refreshed([copy], in: place)
        #expect(never.map(\.members.count) == [0], "the simulated clock stands still: it is lost by ours")
    }

    @Test func aRefusedDeleteIsOfAKindOfItsOwn() async throws {
        let aws = try CloudProtectionTests.protect { $0.lock = ["snap-1": try lock(#"{"mode": "governance"}"#)] }
        let cloud = CloudProtectionTests.cloud(aws)
        let point = PointID(place: Place(.ec2, home), set: SetID("set-1"))
        let error = await #expect(throws: CloudError.self) { try await cloud.delete([SnapshotID("snap-1")], of: point) }
        #expect(error?.kind == .protected)
    }
}
