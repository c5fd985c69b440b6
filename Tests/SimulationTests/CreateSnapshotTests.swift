import AWS
import BackupCore
import Simulation
import Testing

/// CreateSnapshot: one volume, attached or not.
@Suite struct CreateSnapshotTests {
    private static func world() throws -> World {
        var world = try sampleWorld()
        let seed = #"""
            {"ec2-volumes": [{"id": "vol-alone", "name": "archive", "tags": {"Backup": "yes"}, "size": 100, "type": "sc1"}],
             "ec2-instances": [
              {"id": "i-o", "outpost": "arn:o", "volumes": [{"id": "vol-o", "device": "/dev/xvda", "boot": true}]},
              {"id": "i-z", "local-zone": "z", "volumes": [{"id": "vol-z", "device": "/dev/xvda", "boot": true}]}]}
            """#
        try world.plant(StrictJSON.seed(Array(seed.utf8)), now: start)
        return world
    }

    @Test func oneVolumeByItself() throws {
        var world = try CreateSnapshotTests.world()
        let tags = [EC2Tag(key: "a", value: "b")]
        let request = CreateSnapshotRequest(
            volumeId: "vol-alone", description: "d",
            tagSpecifications: [TagSpecification(resourceType: "snapshot", tags: tags)])
        let made = try world.createSnapshot(request, in: home, now: start)
        #expect(made.state == "pending" && made.progress == "" && made.volumeId == "vol-alone")
        #expect(made.volumeSize == 100 && made.description == "d" && made.encrypted == false)
        #expect(made.startTime == ISOTime(start) && made.tags == tags)
        let shown = try world.snapshot(made.snapshotId, in: home, now: at(100))
        #expect(shown.state == "completed" && shown.tags == tags)
    }

    @Test func anAttachedVolumeToo() throws {
        var world = try CreateSnapshotTests.world()
        let made = try world.createSnapshot(CreateSnapshotRequest(volumeId: "vol-safe"), in: home, now: start)
        #expect(made.encrypted == true && made.kmsKeyId == "key-home" && made.tags == nil)
        // What CreateSnapshots does with the same volume counts for both.
        #expect(
            code { () throws(AWSError) in _ = try world.createSnapshots(createRequest(), in: home, now: at(14)) }
                == "SnapshotCreationPerVolumeRateExceeded")
    }

    static let refusals: [(String, CreateSnapshotRequest, String)] = [
        ("no id", CreateSnapshotRequest(volumeId: ""), "MissingParameter"),
        ("no such", CreateSnapshotRequest(volumeId: "vol-x"), "InvalidVolume.NotFound"),
        ("no volume's id", CreateSnapshotRequest(volumeId: "i-a"), "InvalidVolumeID.Malformed"),
        ("location", CreateSnapshotRequest(volumeId: "vol-alone", location: "here"), "InvalidParameterValue"),
        ("no zone", CreateSnapshotRequest(volumeId: "vol-alone", location: "local"), "InvalidParameterValue"),
        ("a zone", CreateSnapshotRequest(volumeId: "vol-z", location: "local"), "ok"),
        ("outpost", CreateSnapshotRequest(volumeId: "vol-o", outpostArn: "arn:o"), "ok"),
        ("other outpost", CreateSnapshotRequest(volumeId: "vol-a", outpostArn: "arn:o"), "InvalidVolume.NotFound"),
        ("no outpost", CreateSnapshotRequest(volumeId: "vol-alone", outpostArn: "arn:o"), "InvalidParameterValue"),
        (
            "both", CreateSnapshotRequest(volumeId: "vol-o", outpostArn: "arn:o", location: "local"),
            "InvalidParameterCombination"
        ),
        ("dry", CreateSnapshotRequest(volumeId: "vol-alone", dryRun: true), "DryRunOperation"),
    ]

    @Test(arguments: refusals)
    func refused(name: String, request: CreateSnapshotRequest, expected: String) throws {
        var world = try CreateSnapshotTests.world()
        let found = code { () throws(AWSError) in _ = try world.createSnapshot(request, in: home, now: start) }
        #expect((found ?? "ok") == expected)
    }

    /// Cold HDD takes one at a time, and nothing takes two within 15 s.
    @Test func limits() throws {
        var world = try CreateSnapshotTests.world()
        let request = CreateSnapshotRequest(volumeId: "vol-alone")
        _ = try world.createSnapshot(request, in: home, now: start)
        let again = { (world: inout World, now: Moment) in
            code { () throws(AWSError) in _ = try world.createSnapshot(request, in: home, now: now) }
        }
        #expect(again(&world, at(14)) == "SnapshotCreationPerVolumeRateExceeded")
        #expect(again(&world, at(15)) == "ConcurrentSnapshotLimitExceeded")
        #expect(again(&world, at(100)) == nil)
    }

    @Test func aVolumeTellsWhereItIsAttached() throws {
        let world = try CreateSnapshotTests.world()
        let volumes = try #require(
            world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-root", "vol-alone"]), in: home, now: start)
                .volumes)
        #expect(volumes.map(\.status) == ["in-use", "available"])
        #expect(
            volumes.map(\.attachments) == [
                [
                    EC2VolumeAttachment(
                        volumeId: "vol-root", instanceId: "i-a", device: "/dev/xvda", status: "attached")
                ], nil,
            ])
    }

    /// Its documents, read again, are the same values.
    @Test func onTheWire() throws {
        var world = try CreateSnapshotTests.world()
        let made = try world.createSnapshot(CreateSnapshotRequest(volumeId: "vol-alone"), in: home, now: start)
        let document = try QueryReply.ec2.document(EC2.createSnapshot, made, requestID: "r")
        #expect(try WireDecoder.decode(EC2Snapshot.self, from: XMLDocument.read(Array(document.utf8)).node) == made)
    }
}
