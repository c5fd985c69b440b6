import AWS
import BackupCore
import Simulation
import Testing

/// Tags that are deleted again, on both services.
@Suite struct UntagTests {
    private static let tags = [EC2Tag(key: "a", value: "1"), EC2Tag(key: "b", value: ""), EC2Tag(key: "c", value: "3")]

    static let rows: [(String, [DeleteTagsRequest.Tag]?, [String])] = [
        ("by key", [.init(key: "a"), .init(key: "b")], ["c"]),
        ("by key and value", [.init(key: "a", value: "1"), .init(key: "c", value: "1")], ["b", "c"]),
        ("the empty value is a value", [.init(key: "a", value: ""), .init(key: "b", value: "")], ["a", "c"]),
        ("one that is not there", [.init(key: "x")], ["a", "b", "c"]),
        ("all of them", nil, []),
    ]

    @Test(arguments: rows)
    func deleteTags(name: String, deleted: [DeleteTagsRequest.Tag]?, left: [String]) throws {
        var world = try sampleWorld()
        let id = try world.snapshotOfB(now: start)
        _ = try world.createTags(
            CreateTagsRequest(resources: [id, "vol-b"], tags: UntagTests.tags), in: home, now: start)
        let request = DeleteTagsRequest(resources: [id, "vol-b"], tags: deleted)
        for _ in 0..<2 {
            _ = try world.deleteTags(request, in: home, now: start)
            #expect((try world.snapshot(id, in: home, now: start).tags ?? []).map(\.key) == left)
        }
        let volumes = try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-b"]), in: home, now: start)
        #expect((volumes.volumes?.first?.tags ?? []).map(\.key) == left)
    }

    @Test func AWSsOwnTagsStay() throws {
        var world = try sampleWorld()
        _ = try world.deleteTags(DeleteTagsRequest(resources: ["vol-root"], tags: nil), in: home, now: start)
        let volumes = try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-root"]), in: home, now: start)
        #expect(volumes.volumes?.first?.tags?.map(\.key) == ["aws:x"])
        let own = DeleteTagsRequest(resources: ["vol-root"], tags: [.init(key: "aws:x")])
        #expect(
            code { () throws(AWSError) in _ = try world.deleteTags(own, in: home, now: start) }
                == "InvalidParameterValue")
    }

    @Test func deletedTagsAreShownForAWhile() throws {
        var world = try sampleWorld { $0.timings.visibleAfter = 10 }
        _ = try world.deleteTags(
            DeleteTagsRequest(resources: ["vol-data"], tags: [.init(key: "disk")]), in: home, now: start)
        let shown = { (now: Moment) in
            try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-data"]), in: home, now: now)
                .volumes?.first?.tags?.map(\.key)
        }
        #expect(try shown(at(9)) == ["disk"])
        #expect(try shown(at(10)) == nil)
    }

    @Test func aTagThatComesBackIsNew() throws {
        var world = try sampleWorld()
        let tag = { (value: String) in CreateTagsRequest(resources: ["vol-b"], tags: [EC2Tag(key: "k", value: value)]) }
        _ = try world.createTags(tag("old"), in: home, now: start)
        _ = try world.deleteTags(DeleteTagsRequest(resources: ["vol-b"], tags: nil), in: home, now: start)
        _ = try world.createTags(tag("new"), in: home, now: start)
        let volumes = try world.describeVolumes(DescribeVolumesRequest(volumeIds: ["vol-b"]), in: home, now: start)
        #expect(volumes.volumes?.first?.tags == [EC2Tag(key: "k", value: "new")])
    }

    @Test(arguments: [
        ("no resource", [], "MissingParameter"),
        ("one of two is missing", ["vol-b", "snap-x"], "InvalidSnapshot.NotFound"),
        ("what is that", ["eni-1"], "InvalidID"),
    ])
    func deletingTagsRefused(name: String, resources: [String], expected: String) throws {
        var world = try sampleWorld()
        _ = try world.createTags(
            CreateTagsRequest(resources: ["vol-b"], tags: UntagTests.tags), in: home, now: start)
        let before = world.dump(now: start)
        let request = DeleteTagsRequest(resources: resources, tags: nil)
        #expect(code { () throws(AWSError) in _ = try world.deleteTags(request, in: home, now: start) } == expected)
        #expect(world.dump(now: start) == before)
    }

    @Test func untagResource() throws {
        var world = try sampleWorld()
        let create = CreateInstanceSnapshotRequest(
            instanceSnapshotName: "s-1", instanceName: "blog",
            tags: [LightsailTag(key: "k", value: "v"), LightsailTag(key: "only", value: nil)])
        _ = try world.createInstanceSnapshot(create, in: home, now: start)
        let untag = { (name: String, arn: String?, keys: [String]) in
            refusal { () throws(AWSError) in
                let reply = try world.untagResource(
                    LightsailUntagResourceRequest(resourceName: name, resourceArn: arn, tagKeys: keys), in: home,
                    now: start)
                #expect(reply.operations?.map(\.operationType) == ["UntagResource"])
            }
        }
        #expect(untag("s-1", nil, ["only", "not-there"]) == nil)
        #expect(untag("blog", "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog", ["env"]) == nil)
        #expect(
            untag("blog", "arn:other", ["env"]) == "InvalidInputException: The resource ARN is not that of blog.")
        #expect(untag("none", nil, ["env"]) == "NotFoundException: The resource does not exist: none")
        #expect(untag("blog", nil, []) == "InvalidInputException: UntagResource needs at least one tag key.")
        #expect(
            untag("blog", nil, ["aws:x"])
                == #"InvalidInputException: The tag key prefix aws: is reserved: "aws:x""#)
        let shown = try world.getInstanceSnapshot(
            InstanceSnapshotNameRequest(instanceSnapshotName: "s-1"), in: home, now: start)
        #expect(shown.instanceSnapshot?.tags == [LightsailTag(key: "k", value: "v")])
        let instances = try world.getInstances(LightsailPageRequest(), in: home, now: start)
        #expect(instances.instances?.first?.tags == [])
    }
}
