import AWS
import BackupCore
import Simulation
import Testing

@Suite struct DescribeSnapshotsTests {
    @Test(
        arguments: [
            ("just begun", 0, "pending", "0%", nil), ("a third", 37, "pending", "37%", nil),
            ("nearly", 99, "pending", "99%", nil), ("ready", 100, "completed", "100%", 100),
            ("later", 5000, "completed", "100%", 100),
        ] as [(String, Int64, String, String, Int64?)])
    func progress(name: String, seconds: Int64, state: String, progress: String, completed: Int64?) throws {
        var world = try sampleWorld()
        let id = try world.snapshotOfB(now: start)
        let shown = try world.snapshot(id, in: home, now: at(seconds))
        #expect(shown.state == state)
        #expect(shown.progress == progress)
        #expect(shown.completionTime == completed.map { ISOTime(at($0)) })
        #expect(shown.stateMessage == nil)
    }

    @Test func whatASnapshotShows() throws {
        var world = try sampleWorld()
        let request = createRequest(excluding: ["vol-data"], boot: true, tags: [EC2Tag(key: "a", value: "b")])
        let id = try world.createSnapshots(request, in: home, now: start).snapshots[0].snapshotId
        var expected = EC2Snapshot(snapshotId: id, state: "completed", startTime: ISOTime(start))
        expected.volumeId = "vol-safe"
        expected.progress = "100%"
        expected.ownerId = "123456789012"
        expected.description = ""
        expected.volumeSize = 30
        expected.encrypted = true
        expected.kmsKeyId = "key-home"
        expected.storageTier = "standard"
        expected.tags = [EC2Tag(key: "a", value: "b")]
        expected.completionTime = ISOTime(at(100))
        expected.fullSnapshotSizeInBytes = 30 << 30
        #expect(try world.snapshot(id, in: home, now: at(100)) == expected)
    }

    /// Three snapshots: `one` complete, `two` pending, and one of another account.
    private static func filled() throws -> World {
        var world = try sampleWorld()
        try world.plant(
            StrictJSON.seed(
                Array(
                    """
                    {"snapshots": [
                      {"id": "snap-1", "volume": "vol-b", "start": "-1d", "description": "one", "tags": {"k": "v1", "n": ""}},
                      {"id": "snap-2", "volume": "vol-c", "start": "-10s", "state": "pending", "description": "two*",
                       "tags": {"k": "v2"}},
                      {"id": "snap-3", "volume": "vol-d", "start": "-2d", "owner": "999999999999", "description": "one"}]}
                    """.utf8)), now: start)
        return world
    }

    @Test(
        arguments: [
            ("tag", [EC2Filter("tag:k", ["v1"])], ["snap-1"]),
            ("either value", [EC2Filter("tag:k", ["v1", "v2"])], ["snap-1", "snap-2"]),
            ("star", [EC2Filter("tag:k", ["v*"])], ["snap-1", "snap-2"]),
            ("question mark", [EC2Filter("tag:k", ["?1"])], ["snap-1"]),
            ("a pattern is the whole value", [EC2Filter("tag:k", ["v"])], []),
            ("case counts", [EC2Filter("tag:k", ["V1"])], []),
            ("empty value", [EC2Filter("tag:n", [""])], ["snap-1"]),
            ("tag-key", [EC2Filter("tag-key", ["n", "m"])], ["snap-1"]),
            ("both filters", [EC2Filter("tag:k", ["v*"]), EC2Filter("status", ["pending"])], ["snap-2"]),
            ("status", [EC2Filter("status", ["completed"])], ["snap-1", "snap-3"]),
            ("volume-id", [EC2Filter("volume-id", ["vol-c"])], ["snap-2"]),
            ("description", [EC2Filter("description", ["one"])], ["snap-1", "snap-3"]),
            ("an escaped star", [EC2Filter("description", [#"two\*"#])], ["snap-2"]),
            ("an escaped star is no star", [EC2Filter("description", [#"on\*"#])], []),
            ("start-time", [EC2Filter("start-time", ["2026-11-19T02:00:00.000Z"])], ["snap-1"]),
            ("start-time by day", [EC2Filter("start-time", ["2026-11-2*"])], ["snap-2"]),
            ("owner-id", [EC2Filter("owner-id", ["999999999999"])], ["snap-3"]),
            ("tier", [EC2Filter("storage-tier", ["archive"])], []),
        ] as [(String, [EC2Filter], [String])])
    func filters(name: String, filters: [EC2Filter], expected: [String]) throws {
        let world = try DescribeSnapshotsTests.filled()
        let reply = try world.describeSnapshots(DescribeSnapshotsRequest(filters: filters), in: home, now: start)
        #expect(reply.snapshots.map(\.snapshotId) == expected)
    }

    @Test(
        arguments: [
            ("nobody named", nil, ["snap-1", "snap-2", "snap-3"]), ("self", ["self"], ["snap-1", "snap-2"]),
            ("the account", ["123456789012"], ["snap-1", "snap-2"]), ("another", ["999999999999"], ["snap-3"]),
        ] as [(String, [String]?, [String])])
    func owners(name: String, owners: [String]?, expected: [String]) throws {
        let world = try DescribeSnapshotsTests.filled()
        let reply = try world.describeSnapshots(DescribeSnapshotsRequest(ownerIds: owners), in: home, now: start)
        #expect(reply.snapshots.map(\.snapshotId) == expected)
    }

    @Test(
        arguments: [
            (
                "one bad id", DescribeSnapshotsRequest(snapshotIds: ["snap-1", "snap-x"]),
                "InvalidSnapshot.NotFound: The snapshot 'snap-x' does not exist."
            ),
            (
                "malformed", DescribeSnapshotsRequest(snapshotIds: ["x"]),
                #"InvalidSnapshotID.Malformed: Invalid id: "x" (expecting "snap-...")"#
            ),
            (
                "ids and a page size", DescribeSnapshotsRequest(snapshotIds: ["snap-1"], maxResults: 5),
                "InvalidParameterCombination: The parameter snapshotSet cannot be used with the parameter maxResults"
            ),
            (
                "small page", DescribeSnapshotsRequest(maxResults: 4),
                "InvalidParameterValue: Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than or equal to 5."
            ),
            (
                "token", DescribeSnapshotsRequest(maxResults: 5, nextToken: "x"),
                "InvalidParameterValue: Unable to parse pagination token"
            ),
            (
                "filter", DescribeSnapshotsRequest(filters: [EC2Filter("colour", ["red"])]),
                "InvalidParameterValue: The filter 'colour' is invalid"
            ),
            (
                "filter without values", DescribeSnapshotsRequest(filters: [EC2Filter("status", [])]),
                "MissingParameter: The request must contain the parameter Filter.Value"
            ),
            (
                "201 values", DescribeSnapshotsRequest(filters: [EC2Filter("status", (0...200).map { "\($0)" })]),
                "FilterLimitExceeded: The maximum number of filter values specified on a single call is 200"
            ),
        ] as [(String, DescribeSnapshotsRequest, String)])
    func refused(name: String, request: DescribeSnapshotsRequest, expected: String) throws {
        let world = try DescribeSnapshotsTests.filled()
        #expect(
            refusal { () throws(AWSError) in _ = try world.describeSnapshots(request, in: home, now: start) }
                == expected)
    }

    @Test func pagesAreStableUnderInsertsAndDeletes() throws {
        var world = try sampleWorld()
        var ids: [String] = []
        for index in 0..<12 { ids.append(try world.snapshotOfB(now: at(Int64(index) * 1000))) }
        let now = at(20_000)
        let first = try world.describeSnapshots(DescribeSnapshotsRequest(maxResults: 5), in: home, now: now)
        _ = try world.deleteSnapshot(DeleteSnapshotRequest(snapshotId: ids[4]), in: home, now: now)
        _ = try world.deleteSnapshot(DeleteSnapshotRequest(snapshotId: ids[5]), in: home, now: now)
        ids.append(try world.snapshotOfB(now: now))
        var seen = first.snapshots.map(\.snapshotId)
        var token = first.nextToken
        while let next = token {
            let page = try world.describeSnapshots(
                DescribeSnapshotsRequest(maxResults: 5, nextToken: next), in: home, now: now)
            seen += page.snapshots.map(\.snapshotId)
            token = page.nextToken
        }
        #expect(seen == ids.filter { $0 != ids[5] })
    }

    @Test func aPageMayBeEmptyAndNotTheLast() throws {
        var world = try sampleWorld()
        for index in 0..<7 { _ = try world.snapshotOfB(now: at(Int64(index) * 1000)) }
        let filters = [EC2Filter("start-time", [at(6000).description.dropLast() + ".000Z"])]
        let first = try world.describeSnapshots(
            DescribeSnapshotsRequest(filters: filters, maxResults: 5), in: home, now: at(9000))
        #expect(first.snapshots.isEmpty)
        let second = try world.describeSnapshots(
            DescribeSnapshotsRequest(filters: filters, maxResults: 5, nextToken: first.nextToken), in: home,
            now: at(9000))
        #expect(second.snapshots.count == 1)
        #expect(second.nextToken == nil)
    }

    @Test func newOnesAreNotSeenAtOnce() throws {
        var world = try sampleWorld { $0.timings.visibleAfter = 10 }
        let id = try world.snapshotOfB(now: start)
        #expect(try world.describeSnapshots(DescribeSnapshotsRequest(), in: home, now: at(9)).snapshots.isEmpty)
        #expect(throws: AWSError.self) { try world.snapshot(id, in: home, now: at(9)) }
        #expect(try world.snapshot(id, in: home, now: at(10)).snapshotId == id)
        let tag = CreateTagsRequest(resources: [id], tags: [EC2Tag(key: "k", value: "v")])
        _ = try world.createTags(tag, in: home, now: at(20))
        #expect(try world.snapshot(id, in: home, now: at(29)).tags == nil)
        #expect(try world.snapshot(id, in: home, now: at(30)).tags == [EC2Tag(key: "k", value: "v")])
    }
}
