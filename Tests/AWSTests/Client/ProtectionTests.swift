import BackupCore
import Testing

@testable import AWS

/// Which refusals of a delete mean that AWS protects the snapshot.
@Suite struct ProtectionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let code: String
        let message: String
        var operation = EC2.deleteSnapshot
        var status: Int? = 400
        var fate = AWSError.Fate.notPerformed
        let kind: CloudError.Kind
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(
            name: "used by an image", code: "InvalidSnapshot.InUse",
            message: "The snapshot snap-1 is currently in use by ami-1", kind: .protected),
        Row(name: "a lock, by its code", code: "SnapshotLocked", message: "", kind: .protected),
        Row(
            name: "a lock, by the words", code: "OperationNotPermitted",
            message: "The snapshot snap-1 is locked and can't be deleted.", kind: .protected),
        Row(
            name: "a lock, by other words", code: "InvalidParameterCombination",
            message: "You can't delete it while a snapshot lock is in force", kind: .protected),
        Row(name: "a blocked account", code: "Blocked", message: "Your account is blocked", kind: .needsPerson),
        Row(
            name: "a blocked account, in other words", code: "OperationNotPermitted",
            message: "Your account is blocked", kind: .refused),
        Row(
            name: "no right", code: "UnauthorizedOperation", message: "You may not delete what is locked",
            kind: .needsPerson),
        Row(name: "another refusal", code: "InvalidSnapshotID.Malformed", message: "Invalid id", kind: .refused),
        Row(
            name: "another operation", code: "IncorrectState", message: "it is locked", operation: EC2.createTags,
            kind: .refused),
        Row(
            name: "a broken AWS", code: "InternalError", message: "a lock timed out", status: 500,
            fate: .outcomeUnknown, kind: .outcomeUnknown),
        Row(
            name: "not sent", code: "ConnectionRefused", message: "the door is locked", status: nil,
            kind: .unavailable),
    ])
    func kinds(_ row: Row) {
        let error = AWSError(
            service: .ec2, operation: row.operation.name, region: Region("us-east-1"), code: row.code,
            message: row.message, status: row.status, fate: row.fate)
        #expect(CloudError(error).kind == row.kind)
    }

    @Test(arguments: [
        ("plain", "audit 2026 é + - = . _ : / @", true), ("an exclamation mark", "keep!", false),
        ("256", String(repeating: "x", count: 256), true), ("257", String(repeating: "x", count: 257), false),
    ])
    func lightsailsTagValues(name: String, value: String, isGood: Bool) async throws {
        let bench = try Bench([.reply(200, #"{"operations":[]}"#)])
        let request = LightsailTagResourceRequest(
            resourceName: "n", tags: [LightsailTag(key: "k", value: nil), LightsailTag(key: "hold", value: value)])
        do throws(AWSError) {
            _ = try await bench.lightsail.tagResource(request, in: Region("us-east-1"))
            #expect(isGood)
        } catch {
            #expect(!isGood)
            #expect(error.code == "InvalidParameter" && error.message.hasPrefix("the value of hold: 256 letters"))
        }
        #expect(await bench.transport.requests.count == (isGood ? 1 : 0))
    }

    @Test func untagsByKey() async throws {
        let bench = try Bench([.reply(200, #"{"operations":[]}"#)])
        _ = try await bench.lightsail.untagResource(
            LightsailUntagResourceRequest(resourceName: "n", tagKeys: ["k"]), in: Region("us-east-1"))
        let sent = try #require(await bench.transport.requests.first)
        #expect(String(decoding: sent.body, as: UTF8.self) == #"{"resourceName":"n","tagKeys":["k"]}"#)
        #expect(sent.headers.contains(Header("x-amz-target", "Lightsail_20161128.UntagResource")))
        #expect(!sent.mustNotRepeat)
    }
}
