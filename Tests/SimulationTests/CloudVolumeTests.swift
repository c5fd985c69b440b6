import AWS
import BackupCore
import Simulation
import Testing

/// EBS volumes as resources of their own, through the cloud that the runner sees.
@Suite struct CloudVolumeTests {
    private static let place = Place(.ec2, home)

    private static func simulation(_ change: (inout World) throws -> Void = { _ in }) throws -> SimulatedAWS {
        let tags = (0..<45).map { #""t\#($0 < 10 ? "0" : "")\#($0)": "v""# }.joined(separator: ", ")
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"], "timings": {"snapshot-seconds": 1, "copy-seconds": 1},
             "ec2-instances": [{"id": "i-1", "name": "web", "volumes": [
               {"id": "vol-1", "device": "/dev/xvda", "boot": true, "tags": {"Backup": "yes", "Name": "root"}}]}],
             "ec2-volumes": [{"id": "vol-2", "name": "archive", "tags": {\(tags)}, "size": 20}]}
            """
        var world = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
        try change(&world)
        return SimulatedAWS(world, clock: FixedClock(now: start))
    }

    private static func cloud(_ aws: SimulatedAWS) -> AWSCloud {
        AWSCloud(ec2: aws, lightsail: aws, fleet: FleetName("acme"), clock: FixedClock(now: start))
    }

    private static func order(_ resource: Resource, copyFromVolume: Bool = false) -> CreateOrder {
        var policy = Policy(
            name: PolicyName("disks"), regions: [home], selection: Selection(), schedules: [], retention: Retention())
        policy.tags = TagRules(copyFromVolume: copyFromVolume, add: ["t00": "own", "Cost": "x"])
        return CreateOrder(policy: policy, resource: resource, slot: start, kind: .scheduled, nonce: SetID("n-1"))
    }

    @Test func onlyTheKindsThatAreAskedForAreRead() async throws {
        let aws = try CloudVolumeTests.simulation()
        let rows: [(Set<ResourceKind>, [String], [String])] = [
            ([], [], []),
            ([.ec2Instance], ["i-1"], ["DescribeVolumes", "DescribeInstances"]),
            ([.ec2Volume], ["vol-1", "vol-2"], ["DescribeVolumes"]),
            ([.ec2Instance, .ec2Volume], ["vol-1", "vol-2", "i-1"], ["DescribeVolumes", "DescribeInstances"]),
        ]
        for (kinds, ids, calls) in rows {
            let before = await aws.log.count
            let listing = await CloudVolumeTests.cloud(aws).listing(of: CloudVolumeTests.place, scope: Scope(kinds))
            #expect(listing.gap == nil && listing.resources.map(\.id.rawValue) == ids)
            let asked = await aws.log.dropFirst(before).map(\.operation)
            #expect(asked.filter { ["DescribeInstances", "DescribeVolumes"].contains($0) } == calls)
        }
    }

    @Test func aVolumeIsAResource() async throws {
        let aws = try CloudVolumeTests.simulation()
        let listing = await CloudVolumeTests.cloud(aws).listing(of: CloudVolumeTests.place, scope: Scope([.ec2Volume]))
        let root = try #require(listing.resources.first)
        #expect(root.kind == .ec2Volume && root.place == CloudVolumeTests.place && root.name == "root")
        #expect(root.attachedTo == ["i-1"] && root.devices == [VolumeID("vol-1"): "/dev/xvda"])
        let alone = try #require(listing.resources.last)
        #expect(alone.attachedTo == [] && alone.devices == [:] && alone.volumes.map(\.id) == [VolumeID("vol-2")])
    }

    @Test func aPointOfAVolumeIsASetOfOne() async throws {
        let aws = try CloudVolumeTests.simulation()
        let cloud = CloudVolumeTests.cloud(aws)
        let volume = try #require(
            await cloud.listing(of: CloudVolumeTests.place, scope: Scope([.ec2Volume])).resources.last)
        let made = try await cloud.create(CloudVolumeTests.order(volume))
        #expect(made.resourceKind == .ec2Volume && made.declaredMembers == 1 && made.state == .pending)
        #expect(made.members.map(\.volume) == [VolumeID("vol-2")] && made.members.map(\.gibibytes) == [20])
        let seen = try #require(await cloud.listing(of: CloudVolumeTests.place, scope: Scope()).points.first)
        #expect(seen.set == SetID("n-1") && seen.resource == volume.id && seen.taken == made.taken)
        #expect(seen.title == "disks/vol-2/2026-11-20T02:00:00Z" && seen.lacksTags)
        try await cloud.repair(RepairOrder(point: seen, title: volume.name, devices: volume.devices))
        let snapshot = try #require(await aws.snapshotTags(in: home).first)
        #expect(snapshot["Name"] == "disks archive 2026-11-20T02:00:00Z")
        #expect(snapshot["snapwarden:device"] == nil)
        #expect(snapshot["Cost"] == "x")
    }

    /// CreateSnapshot cannot copy the volume's tags by itself; ours and the policy's win, and 50 is the limit.
    @Test func itsTagsAreCopiedAsFarAsThereIsRoom() async throws {
        let aws = try CloudVolumeTests.simulation()
        let cloud = CloudVolumeTests.cloud(aws)
        let volume = try #require(
            await cloud.listing(of: CloudVolumeTests.place, scope: Scope([.ec2Volume])).resources.last)
        _ = try await cloud.create(CloudVolumeTests.order(volume, copyFromVolume: true))
        let tags = try #require(await aws.snapshotTags(in: home).first)
        #expect(tags["t00"] == "own" && tags["t01"] == "v" && tags["snapwarden:fleet"] == "acme")
        #expect(tags.count == EC2Limits.tagsAtCreation)
    }

    @Test func aLostReplyIsLookedFor() async throws {
        let aws = try CloudVolumeTests.simulation { $0.faults = [Fault(.dropAfter, on: "CreateSnapshot")] }
        let cloud = CloudVolumeTests.cloud(aws)
        let volume = try #require(
            await cloud.listing(of: CloudVolumeTests.place, scope: Scope([.ec2Volume])).resources.last)
        let made = try await cloud.create(CloudVolumeTests.order(volume))
        #expect(made.set == SetID("n-1") && made.members.count == 1)
        #expect(await aws.snapshotTags(in: home).count == 1)
        #expect(await aws.log.filter { $0.operation == "CreateSnapshot" }.count == 1)
    }
}

/// 50, less those that follow by CreateTags: `Name`, the device, a hold, and the marks of destinations.
enum EC2Limits { static let tagsAtCreation = 42 }

extension SimulatedAWS {
    /// The tags of each snapshot there.
    func snapshotTags(in region: Region) async -> [[String: String]] {
        let snapshots = try? await describeSnapshots(DescribeSnapshotsRequest(), in: region).snapshots
        return (snapshots ?? []).map { snapshot in
            Dictionary((snapshot.tags ?? []).map { ($0.key, $0.value) }) { _, last in last }
        }
    }
}
