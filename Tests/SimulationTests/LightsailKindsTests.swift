import AWS
import BackupCore
import Simulation
import Testing

/// Lightsail's disks and databases in the simulated account.
@Suite struct LightsailKindsTests {
    static let seed = """
        {"regions": ["us-east-1", "eu-west-1"], "timings": {"snapshot-seconds": 100, "copy-seconds": 200},
         "lightsail-instances": [{"name": "blog", "uuid": "u-blog",
           "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32, "tags": {"a": "b"}}]}],
         "lightsail-disks": [{"name": "spare", "uuid": "u-spare", "size": 64, "tags": {"Backup": "yes"}}],
         "lightsail-databases": [{"name": "shop-db", "uuid": "u-db", "size": 80},
           {"name": "down-db", "uuid": "u-down", "state": "stopped"}]}
        """

    static func world() throws -> World { try World(StrictJSON.seed(Array(seed.utf8)), now: start) }

    @Test func disksWithTheirInstances() throws {
        let disks = try #require(
            LightsailKindsTests.world().getDisks(LightsailPageRequest(), in: home, now: start).disks)
        #expect(disks.map(\.name) == ["blog-data", "spare"])
        #expect(disks.map(\.attachedTo) == ["blog", nil] && disks.map(\.isAttached) == [true, false])
        #expect(disks.map(\.state) == ["in-use", "available"] && disks.map(\.sizeInGb) == [32, 64])
        #expect(
            disks.map(\.tags) == [[LightsailTag(key: "a", value: "b")], [LightsailTag(key: "Backup", value: "yes")]])
        #expect(disks.last?.arn == "arn:aws:lightsail:us-east-1:123456789012:Disk/u-spare")
    }

    @Test func anInstanceThatGoesLetsItsDiskGo() throws {
        var world = try LightsailKindsTests.world()
        var change = WorldChange()
        change.terminate = ["blog"]
        try world.apply(change, now: start)
        #expect(
            try world.getDisks(LightsailPageRequest(), in: home, now: start).disks?.map(\.isAttached) == [false, false])
    }

    @Test func aDiskSnapshotFromStartToEnd() throws {
        var world = try LightsailKindsTests.world()
        let tags = [LightsailTag(key: "k", value: "v")]
        let reply = try world.createDiskSnapshot(
            CreateDiskSnapshotRequest(diskSnapshotName: "s-1", diskName: "spare", tags: tags), in: home, now: start)
        #expect(reply.operations?.map(\.resourceType) == ["DiskSnapshot", "Disk"])
        let name = DiskSnapshotNameRequest(diskSnapshotName: "s-1")
        let pending = try #require(world.getDiskSnapshot(name, in: home, now: at(50)).diskSnapshot)
        #expect(pending.state == "pending" && pending.progress == "50%" && pending.tags == tags)
        let done = try #require(world.getDiskSnapshot(name, in: home, now: at(100)).diskSnapshot)
        #expect(done.state == "completed" && done.sizeInGb == 64 && done.fromDiskName == "spare")
        #expect(done.fromDiskArn == "arn:aws:lightsail:us-east-1:123456789012:Disk/u-spare")
        #expect(try world.getInstanceSnapshots(LightsailPageRequest(), in: home, now: at(100)).instanceSnapshots == [])
        var copy = LightsailCopySnapshotRequest(targetSnapshotName: "s-1", sourceRegion: "us-east-1")
        copy.sourceSnapshotName = "s-1"
        _ = try world.copySnapshot(copy, in: remote, now: at(100))
        let copied = try #require(world.getDiskSnapshot(name, in: remote, now: at(300)).diskSnapshot)
        #expect(copied.state == "completed" && copied.tags == [] && copied.fromDiskArn == done.fromDiskArn)
        _ = try world.deleteDiskSnapshot(name, in: home, now: at(300))
        #expect(try world.getDiskSnapshots(LightsailPageRequest(), in: home, now: at(300)).diskSnapshots == [])
    }

    @Test func aDatabaseSnapshotFromStartToEnd() throws {
        var world = try LightsailKindsTests.world()
        let request = CreateDatabaseSnapshotRequest(
            relationalDatabaseName: "shop-db", relationalDatabaseSnapshotName: "s-1")
        _ = try world.createDatabaseSnapshot(request, in: home, now: start)
        let name = DatabaseSnapshotNameRequest(relationalDatabaseSnapshotName: "s-1")
        let shown = { (now: Moment) in
            try world.getDatabaseSnapshot(name, in: home, now: now).relationalDatabaseSnapshot
        }
        #expect(try shown(at(50))?.state == "creating")
        let done = try #require(try shown(at(100)))
        #expect(done.state == "available" && done.sizeInGb == 80 && done.fromRelationalDatabaseName == "shop-db")
        #expect(
            done.fromRelationalDatabaseArn == "arn:aws:lightsail:us-east-1:123456789012:RelationalDatabase/u-db")
        var copy = LightsailCopySnapshotRequest(targetSnapshotName: "s-1", sourceRegion: "us-east-1")
        copy.sourceSnapshotName = "s-1"
        #expect(
            refusal { () throws(AWSError) in _ = try world.copySnapshot(copy, in: remote, now: at(100)) }
                == "InvalidInputException: A RelationalDatabaseSnapshot cannot be copied: s-1")
        _ = try world.deleteDatabaseSnapshot(name, in: home, now: at(100))
        #expect(
            refusal { () throws(AWSError) in _ = try world.deleteDatabaseSnapshot(name, in: home, now: at(100)) }
                == "NotFoundException: The RelationalDatabaseSnapshot does not exist: s-1")
    }

    static let refusals: [(String, String)] = [
        ("blog", "InvalidInputException: Some names are already in use: blog"),
        ("spare", "InvalidInputException: Some names are already in use: spare"),
        ("shop-db", "InvalidInputException: Some names are already in use: shop-db"),
        ("taken", "InvalidInputException: Some names are already in use: taken"), ("fresh", "ok"),
    ]

    /// Names are unique over all kinds.
    @Test(arguments: refusals) func names(name: String, expected: String) throws {
        var world = try LightsailKindsTests.world()
        _ = try world.createDiskSnapshot(
            CreateDiskSnapshotRequest(diskSnapshotName: "taken", diskName: "spare"), in: home, now: start)
        let disk = CreateDiskSnapshotRequest(diskSnapshotName: name, diskName: "spare")
        let database = CreateDatabaseSnapshotRequest(
            relationalDatabaseName: "shop-db", relationalDatabaseSnapshotName: name)
        var other = world
        let first = refusal { () throws(AWSError) in _ = try world.createDiskSnapshot(disk, in: home, now: start) }
        let second = refusal { () throws(AWSError) in
            _ = try other.createDatabaseSnapshot(database, in: home, now: start)
        }
        #expect((first ?? "ok") == expected && (second ?? "ok") == expected)
    }

    @Test func whatIsNotThereOrNotReady() throws {
        var world = try LightsailKindsTests.world()
        let disk = CreateDiskSnapshotRequest(diskSnapshotName: "s-1", diskName: "none")
        #expect(
            refusal { () throws(AWSError) in _ = try world.createDiskSnapshot(disk, in: home, now: start) }
                == "NotFoundException: The Disk does not exist: none")
        let down = CreateDatabaseSnapshotRequest(
            relationalDatabaseName: "down-db", relationalDatabaseSnapshotName: "s-1")
        #expect(
            refusal { () throws(AWSError) in _ = try world.createDatabaseSnapshot(down, in: home, now: start) }
                == "InvalidInputException: The RelationalDatabase down-db is stopped, not available.")
        // A snapshot of another kind is none.
        _ = try world.createDiskSnapshot(
            CreateDiskSnapshotRequest(diskSnapshotName: "s-1", diskName: "spare"), in: home, now: start)
        let name = InstanceSnapshotNameRequest(instanceSnapshotName: "s-1")
        #expect(code { () throws(AWSError) in _ = try world.getInstanceSnapshot(name, in: home, now: start) } != nil)
        #expect(code { () throws(AWSError) in _ = try world.deleteInstanceSnapshot(name, in: home, now: start) } != nil)
    }

    @Test func everyKindBearsTags() throws {
        var world = try LightsailKindsTests.world()
        let tags = [LightsailTag(key: "x", value: "y")]
        for name in ["blog", "spare", "shop-db"] {
            _ = try world.tagResource(
                LightsailTagResourceRequest(resourceName: name, tags: tags), in: home, now: start)
        }
        #expect(
            try world.getDatabases(LightsailPageRequest(), in: home, now: start).relationalDatabases?[0].tags == tags)
    }

    /// JSON and back, as it goes over the wire.
    @Test func onTheWire() throws {
        func through<Value: Codable & Equatable>(_ value: Value) throws {
            #expect(try JSONText.read(Value.self, from: JSONText.write(value)) == value)
        }
        var world = try LightsailKindsTests.world()
        let disk = CreateDiskSnapshotRequest(diskSnapshotName: "s-1", diskName: "spare")
        let database = CreateDatabaseSnapshotRequest(
            relationalDatabaseName: "shop-db", relationalDatabaseSnapshotName: "s-2")
        try through(disk)
        try through(database)
        try through(world.createDiskSnapshot(disk, in: home, now: start))
        try through(world.createDatabaseSnapshot(database, in: home, now: start))
        try through(world.getDisks(LightsailPageRequest(), in: home, now: start))
        try through(world.getDiskSnapshots(LightsailPageRequest(), in: home, now: at(100)))
        try through(world.getDatabases(LightsailPageRequest(), in: home, now: start))
        try through(world.getDatabaseSnapshots(LightsailPageRequest(), in: home, now: at(100)))
    }
}
