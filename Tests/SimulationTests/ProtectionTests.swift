import AWS
import BackupCore
import Simulation
import Testing

/// Locks and images in a world: what they show, and what they refuse.
@Suite struct ProtectionTests {
    private static let seed = """
        {"regions": ["us-east-1", "eu-west-1"],
         "snapshots": [
           {"id": "snap-g", "volume": "vol-1", "start": "-1d", "locked": {"mode": "governance", "until": "+3d"}},
           {"id": "snap-c", "volume": "vol-1", "start": "-1d",
            "locked": {"mode": "compliance", "until": "2026-11-30T02:00:00Z", "cool-off-hours": 24}},
           {"id": "snap-p", "volume": "vol-1", "start": "-60s", "state": "pending", "locked": {"mode": "governance"}},
           {"id": "snap-f", "volume": "vol-1", "start": "-60s", "state": "error", "locked": {"mode": "governance"}},
           {"id": "snap-free", "volume": "vol-1", "start": "-1d"},
           {"id": "snap-o", "volume": "vol-1", "start": "-1d", "owner": "999999999999",
            "locked": {"mode": "governance"}},
           {"id": "snap-i", "volume": "vol-1", "start": "-1d", "size": 9, "encrypted": true}],
         "images": [
           {"id": "ami-1", "name": "golden", "snapshots": ["snap-i", "snap-free"]},
           {"id": "ami-off", "snapshots": ["snap-i"], "state": "disabled"},
           {"id": "ami-other", "snapshots": ["snap-i"], "owner": "999999999999"}]}
        """

    private static func world() throws -> World { try World(StrictJSON.seed(Array(seed.utf8)), now: start) }

    private static func locks(
        _ request: DescribeLockedSnapshotsRequest, _ world: World, now: Moment = start
    ) throws -> [String] {
        try world.describeLockedSnapshots(request, in: home, now: now).snapshots.map {
            "\($0.snapshotId) \($0.lockState ?? "")"
        }
    }

    private static func delete(_ id: String, _ world: inout World, now: Moment = start) -> String? {
        refusal { () throws(AWSError) in
            _ = try world.deleteSnapshot(DeleteSnapshotRequest(snapshotId: id), in: home, now: now)
        }
    }

    @Test func aLockInFull() throws {
        let reply = try ProtectionTests.world().describeLockedSnapshots(
            DescribeLockedSnapshotsRequest(snapshotIds: ["snap-c"]), in: home, now: start)
        var lock = LockedSnapshot(snapshotId: "snap-c")
        lock.ownerId = "123456789012"
        lock.lockState = "compliance-cooloff"
        lock.lockDuration = 10
        lock.coolOffPeriod = 24
        lock.coolOffPeriodExpiresOn = ISOTime(at(86_400))
        lock.lockCreatedOn = ISOTime(start)
        lock.lockDurationStartTime = ISOTime(start)
        lock.lockExpiresOn = ISOTime(at(864_000))
        #expect(reply == DescribeLockedSnapshotsReply(snapshots: [lock]))
    }

    /// A failed snapshot loses its lock, and other accounts' locks are not shown.
    @Test func statesAreAMatterOfTime() throws {
        let world = try ProtectionTests.world()
        let shown = { (now: Moment) in try ProtectionTests.locks(.init(), world, now: now) }
        #expect(try shown(start) == ["snap-g governance", "snap-c compliance-cooloff", "snap-p governance"])
        #expect(try shown(at(86_400)) == ["snap-g governance", "snap-c compliance", "snap-p governance"])
        #expect(try shown(at(259_200)) == ["snap-g expired", "snap-c compliance", "snap-p governance"])
        let pending = try #require(
            world.describeLockedSnapshots(DescribeLockedSnapshotsRequest(), in: home, now: start).snapshots.last)
        #expect(pending.lockExpiresOn == nil && pending.lockDurationStartTime == nil && pending.lockDuration == nil)
    }

    @Test func locksAreFilteredAndPaged() throws {
        var world = try ProtectionTests.world()
        let request = DescribeLockedSnapshotsRequest(filters: [EC2Filter("lock-state", ["compliance*"])])
        #expect(try ProtectionTests.locks(request, world) == ["snap-c compliance-cooloff"])
        var change = WorldChange()
        change.lock = [
            "snap-free": try lock(#"{"mode": "governance"}"#), "snap-i": try lock(#"{"mode": "compliance"}"#),
        ]
        try world.apply(change, now: start)
        try world.plant(
            StrictJSON.seed(
                Array(
                    #"{"snapshots": [{"id": "snap-6", "volume": "vol-1", "start": "-1d", "locked": {"mode": "governance"}}]}"#
                        .utf8)), now: start)
        var pages: [[String]] = []
        var page = DescribeLockedSnapshotsRequest(maxResults: 5)
        repeat {
            let reply = try world.describeLockedSnapshots(page, in: home, now: start)
            pages.append(reply.snapshots.map(\.snapshotId))
            page.nextToken = reply.nextToken
        } while page.nextToken != nil
        #expect(pages == [["snap-g", "snap-c", "snap-p", "snap-free", "snap-i"], ["snap-6"]])
    }

    static let refusals: [(String, DescribeLockedSnapshotsRequest, String)] = [
        ("page size", DescribeLockedSnapshotsRequest(maxResults: 4), "InvalidParameterValue"),
        ("no such snapshot", DescribeLockedSnapshotsRequest(snapshotIds: ["snap-x"]), "InvalidSnapshot.NotFound"),
        (
            "ids and pages", DescribeLockedSnapshotsRequest(snapshotIds: ["snap-g"], maxResults: 5),
            "InvalidParameterCombination"
        ),
        (
            "filter", DescribeLockedSnapshotsRequest(filters: [EC2Filter("status", ["completed"])]),
            "InvalidParameterValue"
        ),
    ]

    @Test(arguments: refusals)
    func readingLocksRefused(name: String, request: DescribeLockedSnapshotsRequest, expected: String) throws {
        let world = try ProtectionTests.world()
        #expect(
            code { () throws(AWSError) in _ = try world.describeLockedSnapshots(request, in: home, now: start) }
                == expected)
    }

    @Test func aLockedSnapshotStaysUntilItsLockEnds() throws {
        var world = try ProtectionTests.world()
        let refused = "OperationNotPermitted: The snapshot snap-g is locked and can't be deleted."
        #expect(ProtectionTests.delete("snap-g", &world) == refused)
        #expect(ProtectionTests.delete("snap-g", &world, now: at(259_199)) == refused)
        #expect(ProtectionTests.delete("snap-g", &world, now: at(259_200)) == nil)
        #expect(ProtectionTests.delete("snap-c", &world) != nil)
        var change = WorldChange()
        change.unlock = ["snap-c"]
        try world.apply(change, now: start)
        #expect(ProtectionTests.delete("snap-c", &world) == nil)
        #expect(ProtectionTests.delete("snap-f", &world) == nil)
    }

    @Test func anImageInFull() throws {
        let reply = try ProtectionTests.world().describeImages(
            DescribeImagesRequest(owners: ["self"], maxResults: 5), in: home, now: start)
        var image = EC2Image(imageId: "ami-1")
        image.name = "golden"
        image.state = "available"
        image.ownerId = "123456789012"
        image.creationDate = "2026-11-20T02:00:00.000Z"
        image.rootDeviceName = "/dev/xvda"
        image.rootDeviceType = "ebs"
        image.blockDevices = [("/dev/xvda", "snap-i", 9, true), ("/dev/sdf", "snap-free", 8, false)].map {
            var volume = EC2Image.BlockDevice.Volume(snapshotId: $1)
            volume.volumeSize = $2
            volume.encrypted = $3
            volume.deleteOnTermination = true
            return EC2Image.BlockDevice(deviceName: $0, ebs: volume)
        }
        #expect(reply == DescribeImagesReply(images: [image]))
    }

    static let imageRequests: [(String, DescribeImagesRequest, [String])] = [
        ("everybody's", DescribeImagesRequest(), ["ami-1", "ami-other"]),
        ("disabled ones", DescribeImagesRequest(owners: ["self"], includeDisabled: true), ["ami-1", "ami-off"]),
        ("by id", DescribeImagesRequest(imageIds: ["ami-other"]), ["ami-other"]),
        (
            "by snapshot",
            DescribeImagesRequest(filters: [EC2Filter("block-device-mapping.snapshot-id", ["snap-free"])]), ["ami-1"]
        ),
        ("by name", DescribeImagesRequest(filters: [EC2Filter("name", ["gold*"])]), ["ami-1"]),
        ("of a stranger", DescribeImagesRequest(owners: ["999999999999"]), ["ami-other"]),
    ]

    @Test(arguments: imageRequests)
    func images(name: String, request: DescribeImagesRequest, expected: [String]) throws {
        let reply = try ProtectionTests.world().describeImages(request, in: home, now: start)
        #expect(reply.images?.map(\.imageId) == expected)
    }

    @Test(arguments: [
        ("no such image", DescribeImagesRequest(imageIds: ["ami-x"]), "InvalidAMIID.NotFound"),
        ("no image's id", DescribeImagesRequest(imageIds: ["snap-i"]), "InvalidAMIID.Malformed"),
        ("page size", DescribeImagesRequest(maxResults: 1), "InvalidParameterValue"),
        ("filter", DescribeImagesRequest(filters: [EC2Filter("colour", ["red"])]), "InvalidParameterValue"),
    ])
    func readingImagesRefused(name: String, request: DescribeImagesRequest, expected: String) throws {
        let world = try ProtectionTests.world()
        #expect(
            code { () throws(AWSError) in _ = try world.describeImages(request, in: home, now: start) } == expected)
    }

    /// A disabled image, and one of another account, hold a snapshot as any other does.
    @Test func aSnapshotStaysUntilItsLastImageIsGone() throws {
        var world = try ProtectionTests.world()
        for id in ["ami-1", "ami-off", "ami-other"] {
            #expect(
                ProtectionTests.delete("snap-i", &world)
                    == "InvalidSnapshot.InUse: The snapshot snap-i is currently in use by \(id)")
            var change = WorldChange()
            change.deregisterImages = [id]
            try world.apply(change, now: start)
        }
        #expect(ProtectionTests.delete("snap-i", &world) == nil)
    }

    @Test(arguments: [
        (#"{"lock": {"snap-x": {"mode": "governance"}}}"#, "there is no snap-x in this world"),
        (
            #"{"lock": {"snap-i": {"mode": "strict"}}}"#,
            #"snap-i: a lock's mode is governance or compliance, not "strict""#
        ),
        (
            #"{"lock": {"snap-i": {"mode": "governance", "cool-off-hours": 1}}}"#,
            "snap-i: only a lock in compliance mode has cool-off-hours"
        ),
        (#"{"unlock": ["snap-x"]}"#, "there is no snap-x in this world"),
        (#"{"deregister-images": ["ami-x"]}"#, "there is no ami-x in this world"),
        (#"{"register-images": [{"id": "ami-1", "snapshots": []}]}"#, "ami-1 is there twice"),
        (
            #"{"register-images": [{"id": "ami-2", "region": "eu-west-1", "snapshots": ["snap-i"]}]}"#,
            "ami-2: there is no snap-i in eu-west-1"
        ),
        (#"{"register-images": [{"id": "x", "snapshots": []}]}"#, "x: an image's id begins with ami-"),
        (
            #"{"register-images": [{"id": "ami-2", "snapshots": [], "state": "gone"}]}"#,
            #"ami-2: an image's state is available or disabled, not "gone""#
        ),
    ])
    func changesRefused(change: String, expected: String) throws {
        var world = try ProtectionTests.world()
        let change = try StrictJSON.change(Array(change.utf8))
        let error = #expect(throws: SeedError.self) { try world.apply(change, now: start) }
        #expect(error?.description == expected)
    }
}
