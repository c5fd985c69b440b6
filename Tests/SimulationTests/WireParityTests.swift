import AWS
import BackupCore
import Simulation
import Testing

/// What a world answers is the same after it went through the wire's documents and back.
@Suite struct WireParityTests {
    private static func throughXML<Reply: Codable & Equatable>(_ reply: Reply, to operation: Operation) throws {
        let document = try QueryReply.ec2.document(operation, reply, requestID: "r")
        let (root, node) = try XMLDocument.read(Array(document.utf8))
        #expect(root == "\(operation.name)Response")
        #expect(try WireDecoder.decode(Reply.self, from: node) == reply)
    }

    private static func throughJSON<Reply: Codable & Equatable>(_ reply: Reply) throws {
        #expect(try JSONText.read(Reply.self, from: JSONText.write(reply)) == reply)
    }

    /// The request as the server reads it from the client's body.
    private static func asRead<Request: Codable & Equatable>(_ request: Request) throws
        -> Request
    {
        let body = FormText.encode(QueryForm.pairs(try WireEncoder.encode(request)))
        let read = try QueryReply.request(Request.self, from: #require(FormText.decode(body)))
        #expect(read == request)
        return read
    }

    @Test func ec2() throws {
        var world = try sampleWorld { $0.badKeys = ["key-bad"] }
        let create = createRequest(
            excluding: ["vol-data"], tags: [EC2Tag(key: "snapwarden:slot", value: "2026-11-20T02:00:00Z é <&>")]
        ) {
            $0.description = "a & b"
            $0.copyTagsFromSource = "volume"
        }
        let made = try world.createSnapshots(WireParityTests.asRead(create), in: home, now: start)
        try WireParityTests.throughXML(made, to: EC2.createSnapshots)
        var copy = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: made.snapshots[0].snapshotId)
        copy.kmsKeyId = "key-bad"
        copy.encrypted = true
        let copied = try world.copySnapshot(WireParityTests.asRead(copy), in: remote, now: at(100))
        try WireParityTests.throughXML(copied, to: EC2.copySnapshot)
        for (region, seconds) in [(home, 0), (home, 37), (home, 100), (remote, 150), (remote, 300)] as [(Region, Int64)]
        {
            let request = DescribeSnapshotsRequest(
                ownerIds: ["self"], filters: [EC2Filter("status", ["*"])], maxResults: 5)
            let page = try world.describeSnapshots(
                WireParityTests.asRead(request), in: region, now: at(seconds))
            #expect(!page.snapshots.isEmpty)
            try WireParityTests.throughXML(page, to: EC2.describeSnapshots)
        }
        try WireParityTests.throughXML(
            world.describeInstances(DescribeInstancesRequest(), in: home, now: start), to: EC2.describeInstances)
        try WireParityTests.throughXML(
            world.describeVolumes(DescribeVolumesRequest(maxResults: 5), in: home, now: start), to: EC2.describeVolumes)
        let tag = CreateTagsRequest(resources: ["vol-b", "i-b"], tags: [EC2Tag(key: "k", value: "")])
        try WireParityTests.throughXML(
            world.createTags(WireParityTests.asRead(tag), in: home, now: start), to: EC2.createTags)
        let untag = DeleteTagsRequest(resources: ["vol-b"], tags: [.init(key: "k"), .init(key: "l", value: "")])
        try WireParityTests.throughXML(
            world.deleteTags(WireParityTests.asRead(untag), in: home, now: start), to: EC2.deleteTags)
        let delete = DeleteSnapshotRequest(snapshotId: made.snapshots[0].snapshotId)
        try WireParityTests.throughXML(
            world.deleteSnapshot(WireParityTests.asRead(delete), in: home, now: at(300)),
            to: EC2.deleteSnapshot)
    }

    @Test func protections() throws {
        var world = try sampleWorld()
        let ids = try world.createSnapshots(createRequest(), in: home, now: start).snapshots.map(\.snapshotId)
        var change = WorldChange()
        change.lock = [
            ids[0]: try lock(#"{"mode": "compliance", "until": "+9d", "cool-off-hours": 2}"#),
            ids[1]: try lock(#"{"mode": "governance"}"#),
        ]
        change.registerImages = [
            try image(#"{"id": "ami-1", "name": "é <&>", "snapshots": ["\#(ids[0])", "\#(ids[1])"]}"#)
        ]
        try world.apply(change, now: start)
        for now in [start, at(7200), at(10 * 86_400)] {
            let locks = try world.describeLockedSnapshots(
                WireParityTests.asRead(DescribeLockedSnapshotsRequest(maxResults: 5)), in: home, now: now)
            #expect(locks.snapshots.count == 2)
            try WireParityTests.throughXML(locks, to: EC2.describeLockedSnapshots)
        }
        let images = try world.describeImages(
            WireParityTests.asRead(DescribeImagesRequest(owners: ["self"], includeDisabled: true, maxResults: 5)),
            in: home, now: start)
        #expect(images.images?.first?.blockDevices?.count == 2)
        try WireParityTests.throughXML(images, to: EC2.describeImages)
    }

    @Test func lightsail() throws {
        var world = try sampleWorld()
        let create = CreateInstanceSnapshotRequest(
            instanceSnapshotName: "s-1", instanceName: "blog",
            tags: [LightsailTag(key: "k", value: "v"), LightsailTag(key: "only", value: nil)])
        try WireParityTests.throughJSON(create)
        let made = try world.createInstanceSnapshot(create, in: home, now: start)
        try WireParityTests.throughJSON(made)
        var copy = LightsailCopySnapshotRequest(targetSnapshotName: "s-1", sourceRegion: "us-east-1")
        copy.sourceSnapshotName = "s-1"
        try WireParityTests.throughJSON(copy)
        try WireParityTests.throughJSON(world.copySnapshot(copy, in: remote, now: at(100)))
        try WireParityTests.throughJSON(world.getInstances(LightsailPageRequest(), in: home, now: start))
        for now in [at(0), at(100)] {
            try WireParityTests.throughJSON(world.getInstanceSnapshots(LightsailPageRequest(), in: home, now: now))
            let name = InstanceSnapshotNameRequest(instanceSnapshotName: "s-1")
            try WireParityTests.throughJSON(world.getInstanceSnapshot(name, in: home, now: now))
            let id = try #require(made.operations?.first?.id)
            try WireParityTests.throughJSON(
                world.getOperation(GetOperationRequest(operationId: id), in: home, now: now))
        }
        let tag = LightsailTagResourceRequest(resourceName: "s-1", tags: [LightsailTag(key: "a", value: "b")])
        try WireParityTests.throughJSON(world.tagResource(tag, in: home, now: start))
        let untag = LightsailUntagResourceRequest(resourceName: "s-1", tagKeys: ["a"])
        try WireParityTests.throughJSON(untag)
        try WireParityTests.throughJSON(world.untagResource(untag, in: home, now: start))
        let name = InstanceSnapshotNameRequest(instanceSnapshotName: "s-1")
        try WireParityTests.throughJSON(world.deleteInstanceSnapshot(name, in: home, now: start))
    }
}
