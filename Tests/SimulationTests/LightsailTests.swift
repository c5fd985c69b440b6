import AWS
import BackupCore
import Simulation
import Testing

@Suite struct LightsailTests {
    @Test func anInstance() throws {
        let reply = try sampleWorld().getInstances(LightsailPageRequest(), in: home, now: start)
        #expect(reply.instances?.map(\.name) == ["blog", "busy"])
        let blog = try #require(reply.instances?.first)
        #expect(blog.arn == "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog")
        #expect(blog.tags == [LightsailTag(key: "env", value: "prod")])
        #expect(blog.bundleId == "small_3_0")
        #expect(blog.blueprintId == "debian_12")
        #expect(blog.location?.regionName == "us-east-1")
        #expect(blog.hardware?.disks?.map(\.path) == ["/dev/xvda", "/dev/xvdf"])
        #expect(blog.hardware?.disks?.map(\.isSystemDisk) == [true, false])
    }

    private static func snapshot(_ name: String, _ world: World, in region: Region = home, now: Moment) throws
        -> LightsailInstanceSnapshot
    {
        let request = InstanceSnapshotNameRequest(instanceSnapshotName: name)
        return try #require(world.getInstanceSnapshot(request, in: region, now: now).instanceSnapshot)
    }

    private static func create(_ name: String, of instance: String = "blog", _ world: inout World, now: Moment) throws {
        let tags = [LightsailTag(key: "k", value: "v"), LightsailTag(key: "only", value: nil)]
        _ = try world.createInstanceSnapshot(
            CreateInstanceSnapshotRequest(instanceSnapshotName: name, instanceName: instance, tags: tags), in: home,
            now: now)
    }

    @Test func aSnapshotFromStartToEnd() throws {
        var world = try sampleWorld()
        try LightsailTests.create("s-1", &world, now: start)
        let pending = try LightsailTests.snapshot("s-1", world, now: at(99))
        #expect(pending.state == "pending")
        #expect(pending.progress == nil)
        let shown = try LightsailTests.snapshot("s-1", world, now: at(100))
        #expect(shown.state == "available")
        #expect(shown.createdAt == EpochTime(start))
        #expect(shown.resourceType == "InstanceSnapshot")
        #expect(shown.tags == [LightsailTag(key: "k", value: "v"), LightsailTag(key: "only", value: nil)])
        #expect(shown.fromInstanceName == "blog")
        #expect(shown.fromInstanceArn == "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog")
        #expect(shown.fromBundleId == "small_3_0")
        #expect(shown.fromAttachedDisks?.map(\.path) == ["/dev/xvdf"])
        #expect(shown.fromAttachedDisks?.map(\.sizeInGb) == [32])
        #expect(shown.isFromAutoSnapshot == false)
        #expect(shown.sizeInGb == 40)
    }

    @Test func operationsAreKept() throws {
        var world = try sampleWorld()
        let request = CreateInstanceSnapshotRequest(instanceSnapshotName: "s-1", instanceName: "blog")
        let reply = try world.createInstanceSnapshot(request, in: home, now: start)
        #expect(reply.operations?.map(\.resourceType) == ["InstanceSnapshot", "Instance"])
        #expect(reply.operations?.map(\.status) == ["Started", "Started"])
        let id = try #require(reply.operations?.first?.id)
        let ask = { (now: Moment) in
            try world.getOperation(GetOperationRequest(operationId: id), in: home, now: now).operation
        }
        #expect(try ask(at(50))?.isTerminal == false)
        #expect(try ask(at(100))?.isTerminal == true)
        #expect(try ask(at(100))?.status == "Succeeded")
        #expect(
            code { () throws(AWSError) in
                _ = try world.getOperation(GetOperationRequest(operationId: "x"), in: home, now: start)
            } == "NotFoundException")
    }

    @Test(arguments: [
        ("taken by a snapshot", "s-1", "blog", "InvalidInputException: Some names are already in use: s-1"),
        ("taken by an instance", "busy", "blog", "InvalidInputException: Some names are already in use: busy"),
        ("taken by a disk", "blog-data", "blog", "InvalidInputException: Some names are already in use: blog-data"),
        ("no such instance", "s-2", "nobody", "NotFoundException: The Instance does not exist: nobody"),
        (
            "an automatic one under way", "s-2", "busy",
            "InvalidInputException: An automatic snapshot of busy is in progress. Try again when it is complete."
        ),
    ])
    func refused(name: String, snapshot: String, instance: String, expected: String) throws {
        var world = try sampleWorld()
        try LightsailTests.create("s-1", &world, now: start)
        let request = CreateInstanceSnapshotRequest(instanceSnapshotName: snapshot, instanceName: instance)
        #expect(
            refusal { () throws(AWSError) in _ = try world.createInstanceSnapshot(request, in: home, now: start) }
                == expected)
    }

    @Test(arguments: ["", "a", "-a", "a-", "a.b", "a b", "ä-b", String(repeating: "n", count: 256)])
    func badNames(name: String) throws {
        var world = try sampleWorld()
        let request = CreateInstanceSnapshotRequest(instanceSnapshotName: name, instanceName: "blog")
        #expect(
            refusal { () throws(AWSError) in _ = try world.createInstanceSnapshot(request, in: home, now: start) }
                == "InvalidInputException: The name \"\(name)\" does not match the pattern \\w[\\w\\-]*\\w of 2 to 255 characters."
        )
    }

    @Test(arguments: ["aa", "a-b", "_a_", "a--b", "09", String(repeating: "n", count: 255)])
    func goodNames(name: String) throws {
        var world = try sampleWorld()
        try LightsailTests.create(name, &world, now: start)
    }

    @Test func aCopyHasNoTagsAndTheOriginalsInstance() throws {
        var world = try sampleWorld()
        try LightsailTests.create("s-1", &world, now: start)
        var request = LightsailCopySnapshotRequest(targetSnapshotName: "s-1", sourceRegion: "us-east-1")
        request.sourceSnapshotName = "s-1"
        #expect(
            refusal { () throws(AWSError) in _ = try world.copySnapshot(request, in: remote, now: at(99)) }
                == "InvalidInputException: The InstanceSnapshot s-1 is pending, not available.")
        let reply = try world.copySnapshot(request, in: remote, now: at(100))
        #expect(reply.operations?.map(\.operationType) == ["CopySnapshot"])
        #expect(reply.operations?.map(\.operationDetails) == ["us-east-1/s-1"])
        #expect(try LightsailTests.snapshot("s-1", world, in: remote, now: at(299)).state == "pending")
        let copy = try LightsailTests.snapshot("s-1", world, in: remote, now: at(300))
        #expect(copy.state == "available")
        #expect(copy.tags == [])
        #expect(copy.createdAt == EpochTime(at(100)))
        #expect(copy.fromInstanceName == "blog")
        #expect(copy.fromInstanceArn == "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog")
        #expect(copy.location?.regionName == "eu-west-1")
        #expect(
            refusal { () throws(AWSError) in _ = try world.copySnapshot(request, in: remote, now: at(400)) }
                == "InvalidInputException: Some names are already in use: s-1")
    }

    @Test(
        arguments: [
            ("latest", nil, true, "ok"), ("by date", "2026-11-18", nil, "ok"),
            ("failed day", "2026-11-20", nil, "NotFoundException: The AutoSnapshot does not exist: blog 2026-11-20"),
            (
                "bad date", "20.11.2026", nil,
                "InvalidInputException: restoreDate must be a date of the form YYYY-MM-DD, not \"20.11.2026\""
            ),
            (
                "both", "2026-11-18", true,
                "InvalidInputException: restoreDate and useLatestRestorableAutoSnapshot exclude each other"
            ),
            (
                "neither", nil, nil,
                "InvalidInputException: sourceResourceName needs restoreDate or useLatestRestorableAutoSnapshot"
            ),
        ] as [(String, String?, Bool?, String)])
    func automaticSources(name: String, date: String?, latest: Bool?, expected: String) throws {
        var world = try sampleWorld()
        var request = LightsailCopySnapshotRequest(targetSnapshotName: "auto", sourceRegion: "us-east-1")
        request.sourceResourceName = "blog"
        request.restoreDate = date
        request.useLatestRestorableAutoSnapshot = latest
        let found = refusal { () throws(AWSError) in _ = try world.copySnapshot(request, in: remote, now: start) }
        #expect(found ?? "ok" == expected)
        if found == nil {
            #expect(try LightsailTests.snapshot("auto", world, in: remote, now: at(200)).isFromAutoSnapshot == true)
        }
    }

    @Test func deletingFreesTheName() throws {
        var world = try sampleWorld()
        try LightsailTests.create("s-1", &world, now: start)
        let request = InstanceSnapshotNameRequest(instanceSnapshotName: "s-1")
        let reply = try world.deleteInstanceSnapshot(request, in: home, now: at(5))
        #expect(reply.operations?.map(\.status) == ["Succeeded"])
        #expect(
            refusal { () throws(AWSError) in _ = try world.deleteInstanceSnapshot(request, in: home, now: at(6)) }
                == "NotFoundException: The InstanceSnapshot does not exist: s-1")
        try LightsailTests.create("s-1", &world, now: at(7))
    }

    @Test func tagging() throws {
        var world = try sampleWorld()
        try LightsailTests.create("s-1", &world, now: start)
        let tag = { (name: String, arn: String?, tags: [LightsailTag]) in
            refusal { () throws(AWSError) in
                _ = try world.tagResource(
                    LightsailTagResourceRequest(resourceName: name, resourceArn: arn, tags: tags), in: home, now: start)
            }
        }
        #expect(tag("s-1", nil, [LightsailTag(key: "k", value: "w")]) == nil)
        #expect(
            tag(
                "blog", "arn:aws:lightsail:us-east-1:123456789012:Instance/u-blog", [LightsailTag(key: "x", value: nil)]
            ) == nil)
        #expect(
            tag("blog", "arn:other", [LightsailTag(key: "x", value: nil)])
                == "InvalidInputException: The resource ARN is not that of blog.")
        #expect(
            tag("none", nil, [LightsailTag(key: "x", value: nil)])
                == "NotFoundException: The resource does not exist: none")
        #expect(tag("blog", nil, []) == "InvalidInputException: TagResource needs at least one tag.")
        #expect(
            tag("blog", nil, [LightsailTag(key: "aws:x", value: nil)])
                == #"InvalidInputException: The tag key prefix aws: is reserved: "aws:x""#)
        #expect(
            tag("blog", nil, [LightsailTag(key: "a!", value: nil)])
                == #"InvalidInputException: A tag holds letters, digits, spaces and + - = . _ : / @ only: "a!""#)
        #expect(
            tag("blog", nil, (0..<49).map { LightsailTag(key: "k\($0)", value: nil) })
                == "InvalidInputException: A resource has 50 tags at most.")
        #expect(
            try LightsailTests.snapshot("s-1", world, now: start).tags
                == [LightsailTag(key: "k", value: "w"), LightsailTag(key: "only", value: nil)])
    }

    @Test func pages() throws {
        var world = try sampleWorld()
        for index in 10..<35 { try LightsailTests.create("s-\(index)", &world, now: start) }
        var names: [[String]] = []
        var token: String?
        repeat {
            let page = try world.getInstanceSnapshots(LightsailPageRequest(pageToken: token), in: home, now: start)
            names.append((page.instanceSnapshots ?? []).map(\.name))
            token = page.nextPageToken
        } while token != nil
        #expect(names.map(\.count) == [10, 10, 5])
        #expect(names.flatMap { $0 } == (10..<35).map { "s-\($0)" })
        #expect(
            code { () throws(AWSError) in
                _ = try world.getInstances(LightsailPageRequest(pageToken: "x"), in: home, now: start)
            } == "InvalidInputException")
    }

    @Test func aNewInstanceUnderAnOldNameIsAnother() throws {
        var world = try sampleWorld()
        var change = WorldChange()
        change.terminate = ["blog"]
        try world.apply(change, now: start)
        try world.plant(StrictJSON.seed(Array(#"{"lightsail-instances": [{"name": "blog"}]}"#.utf8)), now: start)
        let instances = try world.getInstances(LightsailPageRequest(), in: home, now: start).instances ?? []
        let blog = try #require(instances.first { $0.name == "blog" })
        #expect(!blog.arn.hasSuffix("/u-blog"))
    }

    @Test func hiddenAtFirst() throws {
        var world = try sampleWorld { $0.timings.visibleAfter = 10 }
        try LightsailTests.create("s-1", &world, now: start)
        let hidden = InstanceSnapshotNameRequest(instanceSnapshotName: "s-1")
        #expect(
            code { () throws(AWSError) in _ = try world.getInstanceSnapshot(hidden, in: home, now: at(9)) }
                == "NotFoundException")
        #expect(throws: AWSError.self) { try LightsailTests.create("s-1", &world, now: at(9)) }
        #expect(try LightsailTests.snapshot("s-1", world, now: at(10)).name == "s-1")
    }
}
