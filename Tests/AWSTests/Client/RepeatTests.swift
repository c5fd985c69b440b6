import BackupCore
import Testing

@testable import AWS

/// What is sent again, and what is not: the same troubles for a call that may be repeated and for one that may not.
@Suite struct RepeatTests {
    /// How a call ended: calls made, code, fate (nil for success), seconds slept at full jitter.
    struct End: Sendable, Equatable {
        var calls: Int
        var code: String?
        var fate: AWSError.Fate?
        var sleeps: [Int64] = []
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        /// Answers before the good one, which follows for ever.
        let script: [FakeTransport.Answer]
        let creating: End
        let describing: End
        var testDescription: String { name }

        init(_ name: String, _ script: FakeTransport.Answer..., creating: End, describing: End) {
            (self.name, self.script, self.creating, self.describing) = (name, script, creating, describing)
        }
    }

    static func done(_ calls: Int, _ sleeps: Int64...) -> End { End(calls: calls, sleeps: sleeps) }

    static func failed(_ calls: Int, _ code: String, _ fate: AWSError.Fate, _ sleeps: Int64...) -> End {
        End(calls: calls, code: code, fate: fate, sleeps: sleeps)
    }

    @Test(arguments: [
        Row("nothing", creating: done(1), describing: done(1)),
        Row(
            "throttled, then well", .refusal(503, "RequestLimitExceeded"), creating: done(2, 1),
            describing: done(2, 1)),
        Row("throttled with 400", .refusal(400, "Throttling"), creating: done(2, 1), describing: done(2, 1)),
        Row(
            "throttled for good", .refusal(503, "RequestLimitExceeded"), .refusal(503, "RequestLimitExceeded"),
            .refusal(503, "RequestLimitExceeded"), .refusal(503, "RequestLimitExceeded"),
            .refusal(503, "RequestLimitExceeded"),
            creating: failed(5, "RequestLimitExceeded", .notPerformed, 1, 2, 4, 8),
            describing: failed(5, "RequestLimitExceeded", .notPerformed, 1, 2, 4, 8)),
        Row(
            "503 without a throttling code", .refusal(503, "Unavailable"),
            creating: failed(1, "Unavailable", .outcomeUnknown), describing: done(2, 1)),
        Row(
            "500", .refusal(500, "InternalError"), creating: failed(1, "InternalError", .outcomeUnknown),
            describing: done(2, 1)),
        Row(
            "a proxy's 502", .reply(502, "<html>bad gateway</html>"),
            creating: failed(1, "HTTP502", .outcomeUnknown), describing: done(2, 1)),
        Row(
            "the reply is lost", .lost, creating: failed(1, "ConnectionLost", .outcomeUnknown),
            describing: done(2, 1)),
        Row("not sent", .notSent, creating: done(2, 1), describing: done(2, 1)),
        Row(
            "not sent for good", .notSent, .notSent, .notSent, .notSent, .notSent,
            creating: failed(5, "ConnectionRefused", .notPerformed, 1, 1, 2, 4),
            describing: failed(5, "ConnectionRefused", .notPerformed, 1, 1, 2, 4)),
        Row(
            "throttled, then lost", .refusal(503, "RequestLimitExceeded"), .lost,
            creating: failed(2, "ConnectionLost", .outcomeUnknown, 1), describing: done(3, 1, 1)),
        Row(
            "200, unreadable", .reply(200, "<Create"), creating: failed(1, "UnreadableReply", .outcomeUnknown),
            describing: done(2, 1)),
        Row(
            "200, another document", .reply(200, "<html/>"), creating: failed(1, "UnreadableReply", .outcomeUnknown),
            describing: done(2, 1)),
        Row(
            "refused", .refusal(400, "InvalidParameterValue"),
            creating: failed(1, "InvalidParameterValue", .notPerformed),
            describing: failed(1, "InvalidParameterValue", .notPerformed)),
        Row(
            "quota", .refusal(400, "ConcurrentSnapshotLimitExceeded"),
            creating: failed(1, "ConcurrentSnapshotLimitExceeded", .notPerformed),
            describing: failed(1, "ConcurrentSnapshotLimitExceeded", .notPerformed)),
        Row(
            "Retry-After", .refusal(503, "RequestLimitExceeded", [Header("Retry-After", "7")]), creating: done(2, 7),
            describing: done(2, 7)),
        Row(
            "Retry-After beyond the bound", .refusal(503, "RequestLimitExceeded", [Header("Retry-After", "86400")]),
            creating: done(2, 20), describing: done(2, 20)),
        Row(
            "Retry-After without sense", .refusal(503, "RequestLimitExceeded", [Header("Retry-After", "-inf")]),
            .refusal(503, "RequestLimitExceeded", [Header("Retry-After", "nan")]),
            .refusal(503, "RequestLimitExceeded", [Header("Retry-After", "Fri, 20 Nov 2026 02:00:00 GMT")]),
            creating: done(4, 1, 2, 4), describing: done(4, 1, 2, 4)),
    ])
    func repeats(_ row: Row) async throws {
        #expect(try await end(row, .created, isCreating: true) == row.creating, "CreateSnapshots")
        #expect(try await end(row, .described, isCreating: false) == row.describing, "DescribeSnapshots")
    }

    private func end(_ row: Row, _ good: FakeTransport.Answer, isCreating: Bool) async throws -> End {
        let bench = try Bench(row.script + [good])
        var end = End(calls: 0)
        do {
            if isCreating {
                let request = CreateSnapshotsRequest(instanceSpecification: InstanceSpecification(instanceId: "i-1"))
                _ = try await bench.ec2.createSnapshots(request, in: Region("eu-west-1"))
            } else {
                _ = try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
            }
        } catch {
            (end.code, end.fate) = (error.code, error.fate)
            #expect(error.operation == (isCreating ? "CreateSnapshots" : "DescribeSnapshots"))
            #expect(error.region == Region("eu-west-1"))
        }
        let requests = await bench.transport.requests
        #expect(requests.allSatisfy { $0.mustNotRepeat == isCreating })
        end.calls = requests.count
        end.sleeps = bench.clock.sleeps
        return end
    }

    @Test func everyAttemptIsSignedAtItsOwnTime() async throws {
        let bench = try Bench([.refusal(503, "RequestLimitExceeded"), .lost, .described])
        _ = try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        let requests = await bench.transport.requests
        #expect(
            requests.compactMap { request in request.headers.first { $0.name == "x-amz-date" }?.value } == [
                "20150830T123600Z", "20150830T123601Z", "20150830T123602Z",
            ])
        for request in requests {
            let verified = try SignatureV4.verify(
                method: "POST", path: "/", query: "", headers: request.headers, body: request.body,
                now: bench.clock.now, expectedRegion: Region("eu-west-1"), expectedService: "ec2",
                secretFor: { _ in "secret" })
            #expect(verified.accessKeyID == "AKIDEXAMPLE")
        }
    }

    @Test func withoutCredentialsNothingIsSent() async throws {
        let bench = try Bench([.described], credentials: FixedCredentials(known: nil))
        let error = await #expect(throws: AWSError.self) {
            try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        }
        #expect(error?.code == "NoCredentials")
        #expect(error?.message == "no credentials anywhere")
        #expect(error?.fate == .notPerformed)
        #expect(error?.needsPerson == true)
        #expect(await bench.transport.requests.isEmpty)
    }

    @Test func cancellationEndsTheWaiting() async throws {
        let bench = try Bench([.notSent, .described], clock: FakeClock(isCancelled: true))
        let error = await #expect(throws: AWSError.self) {
            try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        }
        #expect(error?.code == "Cancelled")
        #expect(await bench.transport.requests.count == 1)
    }

    @Test func aCancelledRequestIsNotSentAgain() async throws {
        let bench = try Bench([.failure(.cancelled), .described])
        let error = await #expect(throws: AWSError.self) {
            try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        }
        #expect(error?.code == "Cancelled")
        #expect(await bench.transport.requests.count == 1)
        #expect(bench.clock.sleeps.isEmpty)
    }

    @Test func errorsCarryTheFacts() async throws {
        let bench = try Bench([.refusal(400, "UnauthorizedOperation")])
        let error = await #expect(throws: AWSError.self) {
            try await bench.ec2.deleteSnapshot(DeleteSnapshotRequest(snapshotId: "s"), in: Region("eu-west-1"))
        }
        #expect(
            error
                == AWSError(
                    service: .ec2, operation: "DeleteSnapshot", region: Region("eu-west-1"),
                    code: "UnauthorizedOperation", message: "m", status: 400, requestID: "r-1", fate: .notPerformed))
    }
}
