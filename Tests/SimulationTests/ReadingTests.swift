import AWS
import BackupCore
import Simulation
import Testing

@Suite struct ReadingTests {
    @Test func anInstanceWithItsVolumesRootFirst() throws {
        let reply = try sampleWorld().describeInstances(
            DescribeInstancesRequest(instanceIds: ["i-a"]), in: home, now: start)
        let instance = try #require(reply.reservations?.first?.instances?.first)
        #expect(instance.state == EC2Instance.State(code: 16, name: "running"))
        #expect(instance.rootDeviceName == "/dev/xvda")
        #expect(instance.blockDevices?.map(\.deviceName) == ["/dev/xvda", "/dev/sdf", "/dev/sdg"])
        #expect(instance.blockDevices?.map(\.ebs?.volumeId) == ["vol-root", "vol-data", "vol-safe"])
        #expect(instance.tags == [EC2Tag(key: "Name", value: "web"), EC2Tag(key: "env", value: "prod")])
    }

    @Test(
        arguments: [
            ("all", [], ["i-a", "i-b", "i-gone"]),
            ("running", [EC2Filter("instance-state-name", ["running"])], ["i-a"]),
            ("by tag", [EC2Filter("tag:env", ["p*"])], ["i-a"]),
            ("by tag key", [EC2Filter("tag-key", ["Name"])], ["i-a"]),
            ("by id", [EC2Filter("instance-id", ["i-?"])], ["i-a", "i-b"]),
            ("by volume", [EC2Filter("block-device-mapping.volume-id", ["vol-b"])], ["i-b"]),
        ] as [(String, [EC2Filter], [String])])
    func instances(name: String, filters: [EC2Filter], expected: [String]) throws {
        let reply = try sampleWorld().describeInstances(
            DescribeInstancesRequest(filters: filters), in: home, now: start)
        #expect((reply.reservations ?? []).flatMap { $0.instances ?? [] }.map(\.instanceId) == expected)
    }

    @Test func terminatedOnesStayListedForAnHour() throws {
        var world = try sampleWorld()
        var change = WorldChange()
        change.terminate = ["i-b"]
        try world.apply(change, now: at(100))
        let request = DescribeInstancesRequest(instanceIds: ["i-b"])
        let shown = try world.describeInstances(request, in: home, now: at(3699)).reservations?.first?.instances?.first
        #expect(shown?.state == EC2Instance.State(code: 48, name: "terminated"))
        #expect(shown?.blockDevices == nil)
        #expect(
            code { () throws(AWSError) in _ = try world.describeInstances(request, in: home, now: at(3700)) }
                == "InvalidInstanceID.NotFound")
    }

    @Test(
        arguments: [
            ("all", [], ["vol-root", "vol-data", "vol-safe", "vol-b"]),
            ("of an instance", [EC2Filter("attachment.instance-id", ["i-b"])], ["vol-b"]),
            ("by tag", [EC2Filter("tag:disk", ["data"])], ["vol-data"]),
            ("by type", [EC2Filter("volume-type", ["st1"])], ["vol-data"]),
            ("encrypted", [EC2Filter("encrypted", ["true"])], ["vol-safe"]),
        ] as [(String, [EC2Filter], [String])])
    func volumes(name: String, filters: [EC2Filter], expected: [String]) throws {
        let reply = try sampleWorld().describeVolumes(DescribeVolumesRequest(filters: filters), in: home, now: start)
        #expect((reply.volumes ?? []).map(\.volumeId) == expected)
    }

    @Test func whatAVolumeShows() throws {
        let reply = try sampleWorld().describeVolumes(
            DescribeVolumesRequest(volumeIds: ["vol-data"]), in: home, now: start)
        var expected = EC2Volume(volumeId: "vol-data")
        expected.size = 20
        expected.volumeType = "st1"
        expected.status = "in-use"
        expected.encrypted = false
        expected.availabilityZone = "us-east-1a"
        expected.multiAttachEnabled = false
        expected.attachments = [
            EC2VolumeAttachment(volumeId: "vol-data", instanceId: "i-a", device: "/dev/sdf", status: "attached")
        ]
        expected.tags = [EC2Tag(key: "disk", value: "data")]
        #expect(reply.volumes == [expected])
    }

    @Test(arguments: [
        ("volume", "InvalidVolume.NotFound"), ("instance", "InvalidInstanceID.NotFound"),
        ("ids and pages", "InvalidParameterCombination"), ("filter", "InvalidParameterValue"),
    ])
    func refused(what: String, expected: String) throws {
        let world = try sampleWorld()
        let found = code { () throws(AWSError) in
            switch what {
            case "volume":
                _ = try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-x"]), in: home, now: start)
            case "instance":
                _ = try world.describeInstances(
                    DescribeInstancesRequest(instanceIds: ["i-x"]), in: home, now: start)
            case "ids and pages":
                _ = try world.describeInstances(
                    DescribeInstancesRequest(instanceIds: ["i-a"], maxResults: 5), in: home, now: start)
            default:
                _ = try world.describeVolumes(
                    DescribeVolumesRequest(filters: [EC2Filter("colour", ["red"])]), in: home, now: start)
            }
        }
        #expect(found == expected)
    }

    @Test func identity() throws {
        let identity = try World(regions: [home], account: "210987654321").getCallerIdentity(in: home)
        #expect(identity.account == "210987654321")
        #expect(identity.arn == "arn:aws:iam::210987654321:user/sandbox")
    }
}
