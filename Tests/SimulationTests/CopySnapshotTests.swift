import AWS
import BackupCore
import Simulation
import Testing

@Suite struct CopySnapshotTests {
    private static func request(_ id: String, _ change: (inout CopySnapshotRequest) -> Void = { _ in })
        -> CopySnapshotRequest
    {
        var request = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: id)
        change(&request)
        return request
    }

    /// A world at 1,000 s with a complete plain snapshot, a complete encrypted one, and a pending one.
    private static func filled() throws -> (world: World, plain: String, encrypted: String, pending: String) {
        var world = try sampleWorld()
        let tags = [EC2Tag(key: "user", value: "tag")]
        let set = try world.createSnapshots(createRequest(tags: tags), in: home, now: start).snapshots
        let pending = try world.snapshotOfB(now: at(950))
        return (world, set[0].snapshotId, set[2].snapshotId, pending)
    }

    @Test func aCopyKnowsNothingOfItsVolumeAndTags() throws {
        var (world, plain, _, _) = try CopySnapshotTests.filled()
        let reply = try world.copySnapshot(
            CopySnapshotTests.request(plain) {
                $0.description = "dr"
                $0.tagSpecifications = [
                    TagSpecification(resourceType: "snapshot", tags: [EC2Tag(key: "own", value: "1")])
                ]
            }, in: remote, now: at(1000))
        #expect(reply.tags == [EC2Tag(key: "own", value: "1")])
        let pending = try world.snapshot(reply.snapshotId, in: remote, now: at(1050))
        #expect(pending.state == "pending")
        #expect(pending.progress == "25%")
        let copy = try world.snapshot(reply.snapshotId, in: remote, now: at(1200))
        #expect(copy.state == "completed")
        #expect(copy.volumeId == "vol-ffffffff")
        #expect(copy.volumeSize == 8)
        #expect(copy.description == "dr")
        #expect(copy.tags == [EC2Tag(key: "own", value: "1")])
        #expect(copy.startTime == ISOTime(at(1000)))
        #expect(copy.encrypted == false)
        #expect(copy.transferType == "standard")
    }

    private static let arn = "arn:aws:kms:eu-west-1:123456789012:"

    @Test(
        arguments: [
            ("plain", false, nil, nil, "no", "completed", nil, nil),
            ("plain, to be encrypted", false, true, nil, "no", "completed", arn + "alias/aws/ebs", nil),
            ("plain, under a key", false, true, "key-1", "no", "completed", arn + "key/key-1", nil),
            (
                "plain, under a bad key", false, true, "key-bad", "no", "error", arn + "key/key-bad",
                "Given key ID is not accessible"
            ),
            (
                "a key of another region", false, true, "arn:aws:kms:us-east-1:1:key/k", "no", "error",
                "arn:aws:kms:us-east-1:1:key/k", "Given key ID is not accessible"
            ),
            ("encrypted", true, nil, nil, "yes", "completed", arn + "alias/aws/ebs", nil),
            ("encrypted, under a key", true, true, "alias/dr", "yes", "completed", arn + "alias/dr", nil),
            (
                "encrypted, not presigned", true, true, nil, "no", "error", arn + "alias/aws/ebs",
                "The presigned URL is missing or not valid for the source region"
            ),
        ] as [(String, Bool, Bool?, String?, String, String, String?, String?)])
    func encryption(
        name: String, isEncrypted: Bool, encrypted: Bool?, key: String?, presigned: String, state: String,
        keyOfCopy: String?, message: String?
    ) throws {
        var (world, plain, safe, _) = try CopySnapshotTests.filled()
        let request = CopySnapshotTests.request(isEncrypted ? safe : plain) {
            $0.encrypted = encrypted
            $0.kmsKeyId = key
            $0.presignedUrl = presigned == "yes" ? "https://…" : nil
        }
        let id = try world.copySnapshot(request, in: remote, now: at(1000)).snapshotId
        #expect(try world.snapshot(id, in: remote, now: at(1001)).state == "pending")
        let copy = try world.snapshot(id, in: remote, now: at(1200))
        #expect(copy.state == state)
        #expect(copy.kmsKeyId == keyOfCopy)
        #expect(copy.encrypted == (keyOfCopy != nil))
        #expect(copy.stateMessage == message)
    }

    static let refusals: [(String, @Sendable (inout CopySnapshotRequest) -> Void, String)] = [

        (
            "no region", { $0.sourceRegion = "" },
            "MissingParameter: The request must contain the parameter sourceRegion"
        ),
        (
            "no snapshot", { $0.sourceSnapshotId = "" },
            "MissingParameter: The request must contain the parameter sourceSnapshotId"
        ),
        ("no such region", { $0.sourceRegion = "mars-1" }, "InvalidParameterValue: Invalid region: mars-1"),
        (
            "no such snapshot", { $0.sourceSnapshotId = "snap-x" },
            "InvalidSnapshot.NotFound: The snapshot 'snap-x' does not exist."
        ),
        (
            "another endpoint's", { $0.destinationRegion = "us-west-2" },
            "InvalidParameterValue: DestinationRegion us-west-2 is not the region of this endpoint, eu-west-1"
        ),
        (
            "a key without encryption", { $0.kmsKeyId = "k" },
            "InvalidParameterDependency: The parameter KmsKeyId requires the parameter Encrypted to be set."
        ),
        (
            "20 minutes", { $0.completionDurationMinutes = 20 },
            "InvalidParameterValue: Value ( 20 ) for parameter completionDurationMinutes is invalid. Expecting a multiple of 15 between 15 and 2880."
        ),
        ("dry run", { $0.dryRun = true }, "DryRunOperation: Request would have succeeded, but DryRun flag is set."),
    ]

    @Test(arguments: refusals)
    func refused(name: String, change: @Sendable (inout CopySnapshotRequest) -> Void, expected: String) throws {
        var (world, plain, _, _) = try CopySnapshotTests.filled()
        let request = CopySnapshotTests.request(plain, change)
        #expect(
            refusal { () throws(AWSError) in _ = try world.copySnapshot(request, in: remote, now: at(1000)) }
                == expected)
    }

    @Test func refusedForTheSourcesState() throws {
        var (world, plain, safe, pending) = try CopySnapshotTests.filled()
        #expect(
            refusal { () throws(AWSError) in
                _ = try world.copySnapshot(CopySnapshotTests.request(pending), in: remote, now: at(1000))
            } == "IncorrectState: The snapshot '\(pending)' is in state 'pending', not 'completed'.")
        #expect(
            code { () throws(AWSError) in
                let request = CopySnapshotTests.request(safe) { $0.encrypted = false }
                _ = try world.copySnapshot(request, in: remote, now: at(1000))
            } == "InvalidParameterValue")
        var change = WorldChange()
        change.fail = [plain]
        try world.apply(change, now: at(1000))
        #expect(
            code { () throws(AWSError) in
                _ = try world.copySnapshot(CopySnapshotTests.request(plain), in: remote, now: at(1000))
            } == "IncorrectState")
    }

    @Test func twentyAtATimePerDestination() throws {
        var (world, plain, _, _) = try CopySnapshotTests.filled()
        for index in 0..<20 {
            _ = try world.copySnapshot(CopySnapshotTests.request(plain), in: remote, now: at(1000 + Int64(index)))
        }
        #expect(
            code { () throws(AWSError) in
                _ = try world.copySnapshot(CopySnapshotTests.request(plain), in: remote, now: at(1199))
            } == "ResourceLimitExceeded")
        _ = try world.copySnapshot(CopySnapshotTests.request(plain), in: home, now: at(1199))
        _ = try world.copySnapshot(CopySnapshotTests.request(plain), in: remote, now: at(1200))
    }
}
