import AWS
import BackupCore
import Simulation
import Testing

@Suite struct CreateSnapshotsTests {
    @Test func aSetHasOneSnapshotForEachVolumeAtOneMoment() throws {
        var world = try sampleWorld()
        let reply = try world.createSnapshots(
            createRequest(tags: [EC2Tag(key: "a", value: "b")]) { $0.description = "nightly" }, in: home, now: at(5))
        #expect(reply.snapshots.map(\.volumeId) == ["vol-root", "vol-data", "vol-safe"])
        #expect(reply.snapshots.map(\.volumeSize) == [8, 20, 30])
        #expect(reply.snapshots.allSatisfy { $0.startTime == ISOTime(at(5)) && $0.state == "pending" })
        #expect(reply.snapshots.allSatisfy { $0.tags == [EC2Tag(key: "a", value: "b")] })
        #expect(reply.snapshots.allSatisfy { $0.description == "nightly" && $0.ownerId == "123456789012" })
        #expect(reply.snapshots.map(\.encrypted) == [false, false, true])
        #expect(reply.snapshots.map(\.sseType) == ["none", "none", "sse-kms"])
        #expect(reply.snapshots.allSatisfy { $0.progress == "0%" && $0.snapshotId.hasPrefix("snap-") })
        #expect(Set(reply.snapshots.map(\.snapshotId)).count == 3)
    }

    @Test(
        arguments: [
            ("all", nil, nil, ["vol-root", "vol-data", "vol-safe"]),
            ("without the root", true, nil, ["vol-data", "vol-safe"]),
            ("without one data volume", nil, ["vol-data"], ["vol-root", "vol-safe"]),
            ("without both", true, ["vol-safe"], ["vol-data"]),
            ("boot volume asked for", false, ["vol-data", "vol-safe"], ["vol-root"]),
        ] as [(String, Bool?, [String]?, [String])])
    func exclusions(name: String, boot: Bool?, excluded: [String]?, volumes: [String]) throws {
        var world = try sampleWorld()
        let reply = try world.createSnapshots(createRequest(excluding: excluded, boot: boot), in: home, now: start)
        #expect(reply.snapshots.map(\.volumeId) == volumes)
    }

    @Test(
        arguments: [
            ("only ours", nil, nil, ["a=b"]),
            ("the volume's below ours", "volume", nil, ["disk=root", "a=b"]),
            ("ours wins", "volume", "disk", ["disk=mine"]),
        ] as [(String, String?, String?, [String])])
    func tagsOfTheSource(name: String, source: String?, key: String?, expected: [String]) throws {
        var world = try sampleWorld()
        let tag = EC2Tag(key: key ?? "a", value: key == nil ? "b" : "mine")
        let request = createRequest(tags: [tag]) { $0.copyTagsFromSource = source }
        let reply = try world.createSnapshots(request, in: home, now: start)
        #expect(reply.snapshots[0].tags?.map { "\($0.key)=\($0.value)" } == expected)
    }

    static let refusals: [(String, CreateSnapshotsRequest, String)] = [
        (
            "no id", createRequest(""),
            "MissingParameter: The request must contain the parameter InstanceSpecification.InstanceId"
        ),
        ("unknown", createRequest("i-x"), "InvalidInstanceID.NotFound: The instance ID 'i-x' does not exist"),
        ("malformed", createRequest("x"), #"InvalidInstanceID.Malformed: Invalid id: "x" (expecting "i-...")"#),
        (
            "terminated", createRequest("i-gone"),
            "IncorrectInstanceState: The instance 'i-gone' is in state 'terminated', which does not allow it."
        ),
        (
            "root among the data volumes", createRequest(excluding: ["vol-root"]),
            "InvalidParameterValue: 'vol-root' is the root volume: use ExcludeBootVolume to exclude it"
        ),
        (
            "another's volume", createRequest(excluding: ["vol-b"]),
            "InvalidParameterValue: The volume 'vol-b' is not attached to 'i-a'"
        ),
        (
            "no such volume", createRequest(excluding: ["vol-x"]),
            "InvalidVolume.NotFound: The volume 'vol-x' does not exist."
        ),
        (
            "41 excluded", createRequest(excluding: (0..<41).map { "vol-\($0)" }),
            "InvalidParameterValue: ExcludeDataVolumeId: 40 volumes at most can be excluded"
        ),
        (
            "nothing left", createRequest("i-b", boot: true),
            "InvalidParameterValue: No volume of 'i-b' is left to snapshot"
        ),
        (
            "copy tags of what", createRequest { $0.copyTagsFromSource = "instance" },
            "InvalidParameterValue: Value (instance) for parameter CopyTagsFromSource is invalid. Expecting 'volume'."
        ),
        (
            "location", createRequest { $0.location = "moon" },
            "InvalidParameterValue: Value (moon) for parameter Location is invalid. Expecting 'regional' or 'local'."
        ),
        (
            "local without a Local Zone", createRequest { $0.location = "local" },
            "InvalidParameterValue: Location 'local' is valid only for an instance in a Local Zone; 'i-a' is in none"
        ),
        (
            "Outpost", createRequest { $0.outpostArn = "arn:o" },
            "InvalidParameterValue: The instance 'i-a' is not on the Outpost arn:o"
        ),
        (
            "Outpost and location",
            createRequest {
                $0.outpostArn = "arn:o"
                $0.location = "regional"
            }, "InvalidParameterCombination: OutpostArn and Location cannot be specified together."
        ),
        (
            "reserved tag", createRequest(tags: [EC2Tag(key: "aws:x", value: "1")]),
            "InvalidParameterValue: Value ( aws:x ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use"
        ),
        (
            "tag twice", createRequest(tags: [EC2Tag(key: "a", value: "1"), EC2Tag(key: "a", value: "2")]),
            "InvalidParameterValue: Duplicate tag key 'a' specified."
        ),
        (
            "long key", createRequest(tags: [EC2Tag(key: String(repeating: "k", count: 128), value: "")]),
            "InvalidParameterValue: Tag key exceeds the maximum length of 127 characters"
        ),
        (
            "long value", createRequest(tags: [EC2Tag(key: "k", value: String(repeating: "v", count: 257))]),
            "InvalidParameterValue: Tag value exceeds the maximum length of 256 characters"
        ),
        (
            "51 tags", createRequest(tags: (0..<51).map { EC2Tag(key: "k\($0)", value: "") }),
            "TagLimitExceeded: More than 50 tags specified: 51"
        ),
        (
            "50 tags and one of the volume",
            createRequest(tags: (0..<50).map { EC2Tag(key: "k\($0)", value: "") }) { $0.copyTagsFromSource = "volume" },
            "TagLimitExceeded: More than 50 tags specified: 51"
        ),
        (
            "another resource's tags",
            createRequest { $0.tagSpecifications = [TagSpecification(resourceType: "volume", tags: [])] },
            "InvalidParameterValue: 'volume' is not a valid taggable resource type for this operation."
        ),
        (
            "dry run", createRequest { $0.dryRun = true },
            "DryRunOperation: Request would have succeeded, but DryRun flag is set."
        ),
    ]

    @Test(arguments: refusals)
    func refused(name: String, request: CreateSnapshotsRequest, expected: String) throws {
        var world = try sampleWorld()
        let before = world.dump(now: start)
        #expect(
            refusal { () throws(AWSError) in _ = try world.createSnapshots(request, in: home, now: start) } == expected)
        #expect(world.dump(now: start) == before)
    }

    @Test func statusOfRefusals() throws {
        var world = try sampleWorld { $0.denied = ["ec2:CreateSnapshots"] }
        let dry = createRequest { $0.dryRun = true }
        let denied = #expect(throws: AWSError.self) { try world.createSnapshots(dry, in: home, now: start) }
        #expect(denied?.code == "UnauthorizedOperation")
        #expect(denied?.status == 403)
        world.denied = []
        let allowed = #expect(throws: AWSError.self) { try world.createSnapshots(dry, in: home, now: start) }
        #expect(allowed?.status == 412)
        #expect(allowed?.fate == .notPerformed)
        let closed = #expect(throws: AWSError.self) {
            try world.createSnapshots(createRequest(), in: Region("ap-east-1"), now: start)
        }
        #expect(closed?.code == "AuthFailure")
        #expect(closed?.status == 401)
    }

    @Test func onePerVolumeAndFifteenSeconds() throws {
        var world = try sampleWorld()
        _ = try world.snapshotOfB(now: start)
        #expect(
            code { () throws(AWSError) in _ = try world.createSnapshots(createRequest("i-b"), in: home, now: at(14)) }
                == "SnapshotCreationPerVolumeRateExceeded")
        _ = try world.snapshotOfB(now: at(15))
    }

    @Test func fivePendingPerVolume() throws {
        var world = try sampleWorld()
        for index in 0..<5 { _ = try world.snapshotOfB(now: at(Int64(index) * 15)) }
        #expect(
            code { () throws(AWSError) in _ = try world.createSnapshots(createRequest("i-b"), in: home, now: at(99)) }
                == "ConcurrentSnapshotLimitExceeded")
        _ = try world.snapshotOfB(now: at(100))
    }

    @Test func onePendingOnSlowDisks() throws {
        var world = try sampleWorld()
        let request = createRequest(excluding: ["vol-safe"], boot: true)
        _ = try world.createSnapshots(request, in: home, now: start)
        #expect(
            code { () throws(AWSError) in _ = try world.createSnapshots(request, in: home, now: at(99)) }
                == "ConcurrentSnapshotLimitExceeded")
        _ = try world.createSnapshots(request, in: home, now: at(100))
    }

    @Test func failedAndDeletedOnesHoldTheQuota() throws {
        var world = try sampleWorld()
        var ids: [String] = []
        for index in 0..<5 { ids.append(try world.snapshotOfB(now: at(Int64(index) * 15))) }
        var change = WorldChange()
        change.fail = [ids[0]]
        try world.apply(change, now: at(61))
        _ = try world.deleteSnapshot(DeleteSnapshotRequest(snapshotId: ids[4]), in: home, now: at(62))
        let attempt = { (world: inout World, now: Moment) -> String? in
            code { () throws(AWSError) in _ = try world.createSnapshots(createRequest("i-b"), in: home, now: now) }
        }
        #expect(attempt(&world, at(80)) == "ConcurrentSnapshotLimitExceeded")
        _ = try world.deleteSnapshot(DeleteSnapshotRequest(snapshotId: ids[0]), in: home, now: at(81))
        #expect(attempt(&world, at(82)) == nil)
    }

    @Test func outpostAndLocalZone() throws {
        var world = World(regions: [home])
        try world.plant(
            StrictJSON.seed(
                Array(
                    """
                    {"ec2-instances": [
                      {"id": "i-o", "outpost": "arn:o", "volumes": [{"id": "vol-o", "device": "/dev/xvda", "boot": true}]},
                      {"id": "i-z", "local-zone": "us-east-1-bos-1a",
                       "volumes": [{"id": "vol-z", "device": "/dev/xvda", "boot": true}]}]}
                    """.utf8)), now: start)
        let outpost = try world.createSnapshots(createRequest("i-o") { $0.outpostArn = "arn:o" }, in: home, now: start)
        #expect(outpost.snapshots.map(\.outpostArn) == ["arn:o"])
        let local = try world.createSnapshots(createRequest("i-z") { $0.location = "local" }, in: home, now: start)
        #expect(local.snapshots.map(\.availabilityZone) == ["us-east-1-bos-1a"])
    }
}
