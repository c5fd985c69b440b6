import BackupCore
import Testing

@testable import AWS

@Suite struct LightsailWireTests {
    @Test func writesRequests() throws {
        var copy = LightsailCopySnapshotRequest(targetSnapshotName: "t", sourceRegion: "us-east-1")
        copy.sourceResourceName = "web"
        copy.restoreDate = "2026-11-20"
        copy.useLatestRestorableAutoSnapshot = false
        let create = CreateInstanceSnapshotRequest(
            instanceSnapshotName: "n", instanceName: "i/ü",
            tags: [LightsailTag(key: "a/b", value: "c"), LightsailTag(key: "only", value: nil)])
        let rows: [(any Encodable, String)] = [
            (LightsailPageRequest(), "{}"),
            (LightsailPageRequest(pageToken: "t=="), #"{"pageToken":"t=="}"#),
            (
                LightsailUntagResourceRequest(
                    resourceName: "n", resourceArn: "arn:n", tagKeys: ["snapwarden:hold", "b"]),
                #"{"resourceArn":"arn:n","resourceName":"n","tagKeys":["snapwarden:hold","b"]}"#
            ),
            (
                CreateDiskSnapshotRequest(
                    diskSnapshotName: "n", diskName: "d", tags: [LightsailTag(key: "a", value: nil)]),
                #"{"diskName":"d","diskSnapshotName":"n","tags":[{"key":"a"}]}"#
            ),
            (
                CreateDatabaseSnapshotRequest(relationalDatabaseName: "d", relationalDatabaseSnapshotName: "n"),
                #"{"relationalDatabaseName":"d","relationalDatabaseSnapshotName":"n"}"#
            ),
            (
                EnableAddOnRequest(resourceName: "n", snapshotTimeOfDay: "02:00"),
                #"{"addOnRequest":{"addOnType":"AutoSnapshot","#
                    + #""autoSnapshotAddOnRequest":{"snapshotTimeOfDay":"02:00"}},"resourceName":"n"}"#
            ),
            (DisableAddOnRequest(resourceName: "n"), #"{"addOnType":"AutoSnapshot","resourceName":"n"}"#),
            (
                create,
                #"{"instanceName":"i/ü","instanceSnapshotName":"n","tags":[{"key":"a/b","value":"c"},{"key":"only"}]}"#
            ),
            (
                copy,
                #"{"restoreDate":"2026-11-20","sourceRegion":"us-east-1","sourceResourceName":"web","#
                    + #""targetSnapshotName":"t","useLatestRestorableAutoSnapshot":false}"#
            ),
        ]
        for (request, json) in rows {
            #expect(String(decoding: try JSONText.write(request), as: UTF8.self) == json)
        }
    }

    @Test func knowsTheStatesOfAllKinds() {
        let rows: [(String, MemberState)] = [
            ("pending", .pending), ("creating", .pending), ("available", .completed), ("completed", .completed),
            ("error", .failed), ("failed", .failed), ("unknown", .other("unknown")),
        ]
        for (word, state) in rows { #expect(MemberState(lightsail: word) == state) }
    }

    @Test func readsAReply() throws {
        let json = #"""
            {"instanceSnapshots":[{"name":"n","arn":null,"createdAt":1.795140000123E9,"state":"available",
            "progress":null,"location":{"availabilityZone":"all","regionName":"eu-west-1"},"sizeInGb":20,
            "tags":[{"key":"only"}],"fromAttachedDisks":[],"unheardOf":{"x":[1]}}],"nextPageToken":"t"}
            """#
        var snapshot = LightsailInstanceSnapshot(name: "n")
        snapshot.createdAt = EpochTime(Moment(seconds: 1_795_140_000))
        snapshot.state = "available"
        snapshot.location = LightsailLocation(availabilityZone: "all", regionName: "eu-west-1")
        snapshot.sizeInGb = 20
        snapshot.tags = [LightsailTag(key: "only", value: nil)]
        snapshot.fromAttachedDisks = []
        let reply = GetInstanceSnapshotsReply(instanceSnapshots: [snapshot], nextPageToken: "t")
        #expect(try JSONText.read(GetInstanceSnapshotsReply.self, from: Array(json.utf8)) == reply)
        let again = try JSONText.write(reply)
        #expect(try JSONText.read(GetInstanceSnapshotsReply.self, from: again) == reply)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        var headers: [Header] = []
        let error: [String?]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(
            name: "type and message", body: #"{"__type":"NotFoundException","message":"m"}"#,
            headers: [Header("x-amzn-RequestId", "r-1")],
            error: ["NotFoundException", "m", "r-1"]),
        Row(
            name: "namespace", body: #"{"__type":"com.amazonaws.lightsail#InvalidInputException","Message":"M"}"#,
            error: ["InvalidInputException", "M", nil]),
        Row(
            name: "code", body: #"{"code":"ServiceException","docs":"d","message":"m","tip":"t"}"#,
            error: ["ServiceException", "m", nil]),
        Row(
            name: "header with a link", body: "{}",
            headers: [Header("X-Amzn-ErrorType", "ThrottlingException:http://internal.amazon.com/coral/")],
            error: ["ThrottlingException", "", nil]),
        Row(
            name: "a proxy's page", body: "<html>",
            error: ["HTTP400", "a reply of 6 bytes that names no error", nil]),
        Row(
            name: "nothing", body: "",
            error: ["HTTP400", "a reply of 0 bytes that names no error", nil]),
        Row(
            name: "an empty type", body: #"{"__type":""}"#,
            error: ["HTTP400", "a reply of 13 bytes that names no error", nil]),
    ])
    func readsErrors(_ row: Row) {
        let reply = HTTPReply(status: 400, headers: row.headers, body: Array(row.body.utf8))
        let (code, message, requestID) = JSONText.readError(reply)
        #expect([code, message, requestID] == row.error)
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"instanceSnapshots\":1}", "\u{1}"])
    func refusesWhatIsNoReply(_ text: String) {
        #expect(throws: DecodingError.self) {
            try JSONText.read(GetInstanceSnapshotsReply.self, from: Array(text.utf8))
        }
    }
}
