import BackupCore
import Testing

@testable import AWS

/// What each client sends, where, and what it refuses to send.
@Suite struct ClientTests {
    private let region = Region("eu-central-1")

    @Test func sendsEC2Queries() async throws {
        let bench = try Bench([.described])
        _ = try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(ownerIds: ["self"]), in: region)
        let request = try #require(await bench.transport.requests.first)
        #expect(request.url == "https://ec2.eu-central-1.amazonaws.com/")
        #expect(
            String(decoding: request.body, as: UTF8.self) == "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self")
        let headers = Set(request.headers.map(\.name))
        #expect(
            headers == ["content-type", "host", "x-amz-date", "x-amz-security-token", "authorization"])
        #expect(
            request.headers.contains(Header("content-type", "application/x-www-form-urlencoded; charset=utf-8")))
    }

    @Test func sendsLightsailJSON() async throws {
        let bench = try Bench([.reply(200, #"{"instances":[{"name":"n","arn":"a"}],"nextPageToken":"t"}"#)])
        let reply = try await bench.lightsail.getInstances(LightsailPageRequest(pageToken: "p"), in: region)
        #expect(reply == GetInstancesReply(instances: [LightsailInstance(name: "n", arn: "a")], nextPageToken: "t"))
        let request = try #require(await bench.transport.requests.first)
        #expect(request.url == "https://lightsail.eu-central-1.amazonaws.com/")
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"pageToken":"p"}"#)
        #expect(request.headers.contains(Header("x-amz-target", "Lightsail_20161128.GetInstances")))
        #expect(request.headers.contains(Header("content-type", "application/x-amz-json-1.1")))
    }

    @Test func asksSTS() async throws {
        let identity = CallerIdentity(account: "123456789012", arn: "arn:aws:iam::123456789012:root", userId: "U")
        let text = try QueryReply.sts.document(STS.getCallerIdentity, identity, requestID: "r")
        let bench = try Bench([.reply(200, text)])
        #expect(try await bench.sts.getCallerIdentity(in: region) == identity)
        let request = try #require(await bench.transport.requests.first)
        #expect(request.url == "https://sts.eu-central-1.amazonaws.com/")
        #expect(String(decoding: request.body, as: UTF8.self) == "Action=GetCallerIdentity&Version=2011-06-15")
    }

    @Test func presignsACopyForItsSourceRegion() async throws {
        let bench = try Bench([.reply(200, "<CopySnapshotResponse><snapshotId>s</snapshotId></CopySnapshotResponse>")])
        let request = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: "snap-1")
        #expect(try await bench.ec2.copySnapshot(request, in: region) == CopySnapshotReply(snapshotId: "s"))
        let sent = try #require(await bench.transport.requests.first)
        #expect(sent.url == "https://ec2.eu-central-1.amazonaws.com/")
        #expect(sent.mustNotRepeat)
        let pairs = try #require(FormText.decode(String(decoding: sent.body, as: UTF8.self)))
        let copy = try QueryReply.request(CopySnapshotRequest.self, from: pairs)
        #expect(copy.destinationRegion == "eu-central-1")
        let signer = SignatureV4(
            credentials: try FixedCredentials().credentials(), region: Region("us-east-1"), service: "ec2")
        let expected = signer.presignedQuery(
            [
                ("Action", "CopySnapshot"), ("Version", "2016-11-15"), ("SourceRegion", "us-east-1"),
                ("SourceSnapshotId", "snap-1"), ("DestinationRegion", "eu-central-1"),
            ], method: "GET", host: "ec2.us-east-1.amazonaws.com", path: "/", expires: 3600, at: .published)
        #expect(copy.presignedUrl == "https://ec2.us-east-1.amazonaws.com/?" + expected)
    }

    @Test(arguments: [40, 41])
    func countsExclusions(_ count: Int) async throws {
        let bench = try Bench([.created])
        let request = CreateSnapshotsRequest(
            instanceSpecification: InstanceSpecification(
                instanceId: "i-1", excludeDataVolumeIds: (1...count).map { "vol-\($0)" }))
        if count <= 40 {
            #expect(try await bench.ec2.createSnapshots(request, in: region).snapshots.isEmpty)
        } else {
            let error = await #expect(throws: AWSError.self) {
                try await bench.ec2.createSnapshots(request, in: region)
            }
            #expect(error?.code == "InvalidParameter")
            #expect(error?.fate == .notPerformed)
            #expect(await bench.transport.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("ab", true), ("a-b_C9", true), ("_a_", true), (String(repeating: "a", count: 255), true), ("a", false),
        ("", false), ("-a", false), ("a-", false), ("a.b", false), ("a b", false), ("äb", false),
        (String(repeating: "a", count: 256), false),
    ])
    func checksLightsailNames(_ name: String, _ isGood: Bool) async throws {
        let bench = try Bench([.reply(200, "{}"), .reply(200, "{}")])
        var copy = LightsailCopySnapshotRequest(targetSnapshotName: name, sourceRegion: "us-east-1")
        copy.sourceSnapshotName = "source"
        let create = CreateInstanceSnapshotRequest(instanceSnapshotName: name, instanceName: "web")
        var codes: [String] = []
        do { _ = try await bench.lightsail.createInstanceSnapshot(create, in: region) } catch {
            codes.append(error.code)
        }
        do { _ = try await bench.lightsail.copySnapshot(copy, in: region) } catch { codes.append(error.code) }
        #expect(codes == (isGood ? [] : ["InvalidParameter", "InvalidParameter"]))
        #expect(await bench.transport.requests.map(\.mustNotRepeat) == (isGood ? [true, true] : []))
    }

    @Test func refusesAnImpossibleCopy() async throws {
        let bench = try Bench([])
        let request = LightsailCopySnapshotRequest(targetSnapshotName: "target", sourceRegion: "us-east-1")
        let error = await #expect(throws: AWSError.self) {
            try await bench.lightsail.copySnapshot(request, in: region)
        }
        #expect(error?.code == "InvalidParameter")
        #expect(error?.message == request.fault)
    }

    @Test func lightsailThrottlingIsRepeatedAnd4xxIsNot() async throws {
        let bench = try Bench([
            .reply(400, #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#),
            .reply(
                400, #"{"__type":"com.amazonaws.lightsail#InvalidInputException","message":"taken"}"#,
                [Header("x-amzn-RequestId", "r-7")]),
        ])
        let error = await #expect(throws: AWSError.self) {
            try await bench.lightsail.createInstanceSnapshot(
                CreateInstanceSnapshotRequest(instanceSnapshotName: "name", instanceName: "web"), in: region)
        }
        #expect(
            error
                == AWSError(
                    service: .lightsail, operation: "CreateInstanceSnapshot", region: region,
                    code: "InvalidInputException", message: "taken", status: 400, requestID: "r-7",
                    fate: .notPerformed))
        #expect(await bench.transport.requests.count == 2)
    }
}
