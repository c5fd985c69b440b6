import BackupCore
import Testing

@testable import AWS

/// Each EC2 request with every field set, as it goes over the wire and back.
@Suite struct QueryRequestTests {
    static let tags = [EC2Tag(key: "snapwarden:fleet", value: "acme"), EC2Tag(key: "Name", value: "a b+c/ü")]
    static let specification = [TagSpecification(resourceType: "snapshot", tags: tags)]
    static let filters = [EC2Filter("tag:snapwarden:fleet", ["acme", "b*"]), EC2Filter("status", ["completed"])]

    static let createSnapshots = CreateSnapshotsRequest(
        description: "snapwarden acme/web/i-1/2026-11-20T02:00:00Z",
        instanceSpecification: InstanceSpecification(
            instanceId: "i-1", excludeBootVolume: false, excludeDataVolumeIds: ["vol-1", "vol-2"]),
        outpostArn: "arn:aws:outposts:us-east-1:1:outpost/op-1", tagSpecifications: specification, dryRun: true,
        copyTagsFromSource: "volume", location: "regional")

    static let createSnapshot = CreateSnapshotRequest(
        volumeId: "vol-1", description: "snapwarden acme/web/vol-1/2026-11-20T02:00:00Z",
        outpostArn: "arn:aws:outposts:us-east-1:1:outpost/op-1", tagSpecifications: specification,
        location: "regional", dryRun: true)

    static let copySnapshot: CopySnapshotRequest = {
        var request = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: "snap-1")
        request.description = "d"
        request.destinationOutpostArn = "arn:o"
        request.encrypted = true
        request.kmsKeyId = "alias/dr"
        request.tagSpecifications = specification
        request.completionDurationMinutes = 15
        request.destinationAvailabilityZone = "eu-west-1-x-1a"
        request.dryRun = false
        return request
    }()

    static let describeSnapshots: DescribeSnapshotsRequest = {
        var request = DescribeSnapshotsRequest(
            ownerIds: ["self"], snapshotIds: ["snap-1", "snap-2"], filters: filters, maxResults: 1000, nextToken: "t==")
        request.dryRun = false
        return request
    }()

    static let describeLockedSnapshots: DescribeLockedSnapshotsRequest = {
        var request = DescribeLockedSnapshotsRequest(
            snapshotIds: ["snap-1", "snap-2"], filters: [EC2Filter("lock-state", ["governance", "compliance"])],
            maxResults: 1000, nextToken: "t==")
        request.dryRun = true
        return request
    }()

    static let describeImages: DescribeImagesRequest = {
        var request = DescribeImagesRequest(
            imageIds: ["ami-1", "ami-2"], owners: ["self"], includeDisabled: true, filters: filters, maxResults: 1000,
            nextToken: "t==")
        request.includeDeprecated = false
        request.dryRun = true
        return request
    }()

    /// Any value, the empty one, and one value only.
    static let deleteTags = DeleteTagsRequest(
        resources: ["snap-1", "snap-2"],
        tags: [.init(key: "snapwarden:hold"), .init(key: "empty", value: ""), .init(key: "a", value: "b")], dryRun: true
    )

    @Test func writesWhatBotocoreWrites() throws {
        try BotocoreQuery.check(EC2.createSnapshots, Self.createSnapshots)
        try BotocoreQuery.check(EC2.createSnapshot, Self.createSnapshot)
        try BotocoreQuery.check(EC2.copySnapshot, Self.copySnapshot)
        try BotocoreQuery.check(EC2.deleteSnapshot, DeleteSnapshotRequest(snapshotId: "snap-1", dryRun: true))
        try BotocoreQuery.check(
            EC2.createTags, CreateTagsRequest(resources: ["snap-1", "snap-2"], tags: Self.tags, dryRun: true))
        try BotocoreQuery.check(EC2.describeSnapshots, Self.describeSnapshots)
        try BotocoreQuery.check(
            EC2.describeInstances,
            DescribeInstancesRequest(instanceIds: ["i-1"], filters: Self.filters, maxResults: 5, nextToken: "t"))
        try BotocoreQuery.check(
            EC2.describeVolumes,
            DescribeVolumesRequest(volumeIds: ["vol-1"], filters: Self.filters, maxResults: 5, nextToken: "t"))
        try BotocoreQuery.check(EC2.describeLockedSnapshots, Self.describeLockedSnapshots)
        try BotocoreQuery.check(EC2.describeImages, Self.describeImages)
        try BotocoreQuery.check(EC2.deleteTags, Self.deleteTags)
    }

    @Test func createSnapshotsInFull() throws {
        #expect(
            try BotocoreQuery.body(EC2.createSnapshots, Self.createSnapshots) == """
                Action=CreateSnapshots&Version=2016-11-15\
                &Description=snapwarden%20acme%2Fweb%2Fi-1%2F2026-11-20T02%3A00%3A00Z\
                &InstanceSpecification.InstanceId=i-1&InstanceSpecification.ExcludeBootVolume=false\
                &InstanceSpecification.ExcludeDataVolumeId.1=vol-1&InstanceSpecification.ExcludeDataVolumeId.2=vol-2\
                &OutpostArn=arn%3Aaws%3Aoutposts%3Aus-east-1%3A1%3Aoutpost%2Fop-1\
                &TagSpecification.1.ResourceType=snapshot\
                &TagSpecification.1.Tag.1.Key=snapwarden%3Afleet&TagSpecification.1.Tag.1.Value=acme\
                &TagSpecification.1.Tag.2.Key=Name&TagSpecification.1.Tag.2.Value=a%20b%2Bc%2F%C3%BC\
                &DryRun=true&CopyTagsFromSource=volume&Location=regional
                """)
    }

    @Test func leavesOutWhatIsAbsentOrEmpty() throws {
        let request = CreateSnapshotsRequest(
            instanceSpecification: InstanceSpecification(instanceId: "i-1", excludeDataVolumeIds: []))
        #expect(
            try BotocoreQuery.body(EC2.createSnapshots, request)
                == "Action=CreateSnapshots&Version=2016-11-15&InstanceSpecification.InstanceId=i-1")
    }

    @Test func readsListsInTheirNumbersOrder() throws {
        let names = (1...12).reversed().map { "SnapshotId.\($0)=snap-\($0)" }.joined(separator: "&")
        let request = try BotocoreQuery.request(DescribeSnapshotsRequest.self, names)
        #expect(request.snapshotIds == (1...12).map { "snap-\($0)" })
    }

    @Test(arguments: [
        ("a=x+y%2Bz&flag&b=%c3%9c", [["a", "x y+z"], ["flag", ""], ["b", "Ü"]]), ("", []), ("a=b=c", [["a", "b=c"]]),
    ])
    func readsForms(_ text: String, _ pairs: [[String]]) {
        #expect(FormText.decode(text)?.map { [$0.0, $0.1] } == pairs)
    }

    @Test(arguments: ["a=%", "a=%2", "a=%zz", "%=1"])
    func refusesBrokenForms(_ text: String) { #expect(FormText.decode(text) == nil) }

    @Test func bearsVeryLongNames() {
        let name = String(repeating: "A.", count: 200_000) + "A"
        #expect(QueryForm.node([(name, "x")])["A"] != nil)
    }

    @Test func saysWhichParameterIsMissingOrWrong() {
        let missing = #expect(throws: WireError.self) {
            try BotocoreQuery.request(CreateSnapshotsRequest.self, "InstanceSpecification.X=1")
        }
        #expect(missing?.description == "instanceSpecification/instanceId is missing")
        let wrong = #expect(throws: WireError.self) {
            try BotocoreQuery.request(DescribeVolumesRequest.self, "MaxResults=many")
        }
        #expect(wrong?.description == "expected a number at maxResults")
    }
}
