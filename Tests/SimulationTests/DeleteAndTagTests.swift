import AWS
import BackupCore
import Simulation
import Testing

@Suite struct DeleteAndTagTests {
    private static func delete(_ id: String, _ world: inout World, now: Moment) -> String? {
        refusal { () throws(AWSError) in
            _ = try world.deleteSnapshot(DeleteSnapshotRequest(snapshotId: id), in: home, now: now)
        }
    }

    @Test func aCompleteOneIsGoneAtOnce() throws {
        var world = try sampleWorld()
        let id = try world.snapshotOfB(now: start)
        #expect(DeleteAndTagTests.delete(id, &world, now: at(100)) == nil)
        #expect(
            DeleteAndTagTests.delete(id, &world, now: at(100))
                == "InvalidSnapshot.NotFound: The snapshot '\(id)' does not exist.")
    }

    @Test func aPendingOneGoesWhenItIsComplete() throws {
        var world = try sampleWorld()
        let id = try world.snapshotOfB(now: start)
        #expect(DeleteAndTagTests.delete(id, &world, now: at(50)) == nil)
        #expect(try world.snapshot(id, in: home, now: at(99)).state == "pending")
        #expect(throws: AWSError.self) { try world.snapshot(id, in: home, now: at(100)) }
    }

    @Test func refused() throws {
        var world = try sampleWorld()
        let id = try world.snapshotOfB(now: start)
        var change = WorldChange()
        change.registerImages = try [image(#"{"id": "ami-1", "snapshots": ["\#(id)"]}"#)]
        try world.apply(change, now: at(200))
        #expect(
            DeleteAndTagTests.delete(id, &world, now: at(200))
                == "InvalidSnapshot.InUse: The snapshot \(id) is currently in use by ami-1")
        #expect(
            DeleteAndTagTests.delete("", &world, now: start)
                == "MissingParameter: The request must contain the parameter snapshotId")
        #expect(
            DeleteAndTagTests.delete("vol-b", &world, now: start)
                == #"InvalidSnapshotID.Malformed: Invalid id: "vol-b" (expecting "snap-...")"#)
        let dry = DeleteSnapshotRequest(snapshotId: try world.snapshotOfB(now: at(300)), dryRun: true)
        #expect(
            code { () throws(AWSError) in _ = try world.deleteSnapshot(dry, in: home, now: at(300)) }
                == "DryRunOperation")
        #expect(try world.snapshot(dry.snapshotId, in: home, now: at(300)).state == "pending")
    }

    @Test func tagsAreAddedAndOverwritten() throws {
        var world = try sampleWorld()
        let id = try world.snapshotOfB(now: start)
        let tag = { (value: String) in [EC2Tag(key: "k", value: value)] }
        _ = try world.createTags(
            CreateTagsRequest(resources: [id, "vol-b", "i-b"], tags: tag("1")), in: home, now: start)
        _ = try world.createTags(CreateTagsRequest(resources: [id], tags: tag("2")), in: home, now: start)
        #expect(try world.snapshot(id, in: home, now: start).tags == tag("2"))
        let volumes = try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-b"]), in: home, now: start)
        #expect(volumes.volumes?.first?.tags == tag("1"))
        let instances = try world.describeInstances(
            DescribeInstancesRequest(instanceIds: ["i-b"]), in: home, now: start)
        #expect(instances.reservations?.first?.instances?.first?.tags == tag("1"))
    }

    @Test func overwrittenTagsShowTheirOldValueForAWhile() throws {
        var world = try sampleWorld { $0.timings.visibleAfter = 10 }
        let request = { (value: String) in
            CreateTagsRequest(resources: ["vol-data"], tags: [EC2Tag(key: "disk", value: value)])
        }
        let shown = { (now: Moment) in
            try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-data"]), in: home, now: now)
                .volumes?.first?.tags?.map(\.value)
        }
        _ = try world.createTags(request("new"), in: home, now: start)
        #expect(try shown(at(9)) == ["data"])
        #expect(try shown(at(10)) == ["new"])
    }

    static let tagRefusals: [(String, [String], [EC2Tag], String)] = [
        ("no resource", [], [EC2Tag(key: "a", value: "")], "MissingParameter"),
        ("no tag", ["vol-b"], [], "MissingParameter"),
        ("one of two is missing", ["vol-b", "snap-x"], [EC2Tag(key: "a", value: "")], "InvalidSnapshot.NotFound"),
        ("volume", ["vol-x"], [EC2Tag(key: "a", value: "")], "InvalidVolume.NotFound"),
        ("instance", ["i-x"], [EC2Tag(key: "a", value: "")], "InvalidInstanceID.NotFound"),
        ("what is that", ["eni-1"], [EC2Tag(key: "a", value: "")], "InvalidID"),
        ("reserved", ["vol-b"], [EC2Tag(key: "aws:a", value: "")], "InvalidParameterValue"),
        ("51", ["vol-b"], (0..<51).map { EC2Tag(key: "k\($0)", value: "") }, "TagLimitExceeded"),
    ]

    @Test(arguments: tagRefusals)
    func tagsRefused(name: String, resources: [String], tags: [EC2Tag], expected: String) throws {
        var world = try sampleWorld()
        let before = world.dump(now: start)
        let request = CreateTagsRequest(resources: resources, tags: tags)
        #expect(code { () throws(AWSError) in _ = try world.createTags(request, in: home, now: start) } == expected)
        #expect(world.dump(now: start) == before)
    }

    @Test func AWSsOwnTagsDoNotCount() throws {
        var world = try sampleWorld()
        let tags = (0..<49).map { EC2Tag(key: "k\($0)", value: "") }
        _ = try world.createTags(CreateTagsRequest(resources: ["vol-root"], tags: tags), in: home, now: start)
        let more = CreateTagsRequest(resources: ["vol-root"], tags: [EC2Tag(key: "more", value: "")])
        #expect(
            code { () throws(AWSError) in _ = try world.createTags(more, in: home, now: start) } == "TagLimitExceeded")
    }
}
