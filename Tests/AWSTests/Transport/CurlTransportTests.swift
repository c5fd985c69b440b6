import BackupCore
import Testing

@testable import AWS

/// libcurl's ways, seen from the other end of the wire.
@Suite struct CurlTransportTests {
    /// Every operation there is, and a call of it that a client lets through.
    struct Call: Sendable, CustomTestStringConvertible {
        let operation: AWS.Operation
        let perform: @Sendable (AWSClient) async throws(AWSError) -> Void
        var testDescription: String { operation.name }
    }

    private static let region = Region("eu-west-1")
    private static let page = LightsailPageRequest()
    private static let named = InstanceSnapshotNameRequest(instanceSnapshotName: "a-snapshot")

    private static func ec2(
        _ operation: AWS.Operation, _ call: @escaping @Sendable (EC2Client) async throws(AWSError) -> Void
    ) -> Call { Call(operation: operation) { client async throws(AWSError) in try await call(EC2Client(client)) } }

    private static func lightsail(
        _ operation: AWS.Operation, _ call: @escaping @Sendable (LightsailClient) async throws(AWSError) -> Void
    ) -> Call {
        Call(operation: operation) { client async throws(AWSError) in try await call(LightsailClient(client)) }
    }

    static let calls: [Call] = [
        ec2(EC2.describeSnapshots) { client async throws(AWSError) in
            _ = try await client.describeSnapshots(DescribeSnapshotsRequest(), in: region)
        },
        ec2(EC2.describeInstances) { client async throws(AWSError) in
            _ = try await client.describeInstances(DescribeInstancesRequest(), in: region)
        },
        ec2(EC2.describeVolumes) { client async throws(AWSError) in
            _ = try await client.describeVolumes(DescribeVolumesRequest(), in: region)
        },
        ec2(EC2.createSnapshots) { client async throws(AWSError) in
            let request = CreateSnapshotsRequest(instanceSpecification: InstanceSpecification(instanceId: "i-1"))
            _ = try await client.createSnapshots(request, in: region)
        },
        ec2(EC2.createSnapshot) { client async throws(AWSError) in
            _ = try await client.createSnapshot(CreateSnapshotRequest(volumeId: "vol-1"), in: region)
        },
        ec2(EC2.copySnapshot) { client async throws(AWSError) in
            let request = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: "snap-1")
            _ = try await client.copySnapshot(request, in: region)
        },
        ec2(EC2.deleteSnapshot) { client async throws(AWSError) in
            _ = try await client.deleteSnapshot(DeleteSnapshotRequest(snapshotId: "snap-1"), in: region)
        },
        ec2(EC2.createTags) { client async throws(AWSError) in
            let request = CreateTagsRequest(resources: ["snap-1"], tags: [EC2Tag(key: "a", value: "b")])
            _ = try await client.createTags(request, in: region)
        },
        lightsail(Lightsail.getInstances) { client async throws(AWSError) in
            _ = try await client.getInstances(page, in: region)
        },
        lightsail(Lightsail.getInstanceSnapshots) { client async throws(AWSError) in
            _ = try await client.getInstanceSnapshots(page, in: region)
        },
        lightsail(Lightsail.getInstanceSnapshot) { client async throws(AWSError) in
            _ = try await client.getInstanceSnapshot(named, in: region)
        },
        lightsail(Lightsail.getOperation) { client async throws(AWSError) in
            _ = try await client.getOperation(GetOperationRequest(operationId: "op-1"), in: region)
        },
        lightsail(Lightsail.createInstanceSnapshot) { client async throws(AWSError) in
            let request = CreateInstanceSnapshotRequest(instanceSnapshotName: "a-snapshot", instanceName: "blog")
            _ = try await client.createInstanceSnapshot(request, in: region)
        },
        lightsail(Lightsail.createDiskSnapshot) { client async throws(AWSError) in
            let request = CreateDiskSnapshotRequest(diskSnapshotName: "a-snapshot", diskName: "spare")
            _ = try await client.createDiskSnapshot(request, in: region)
        },
        lightsail(Lightsail.createDatabaseSnapshot) { client async throws(AWSError) in
            let request = CreateDatabaseSnapshotRequest(
                relationalDatabaseName: "shop", relationalDatabaseSnapshotName: "a-snapshot")
            _ = try await client.createDatabaseSnapshot(request, in: region)
        },
        lightsail(Lightsail.enableAddOn) { client async throws(AWSError) in
            let request = EnableAddOnRequest(resourceName: "blog", snapshotTimeOfDay: "02:00")
            _ = try await client.enableAddOn(request, in: region)
        },
        lightsail(Lightsail.getAutoSnapshots) { client async throws(AWSError) in
            _ = try await client.getAutoSnapshots(GetAutoSnapshotsRequest(resourceName: "blog"), in: region)
        },
        lightsail(Lightsail.copySnapshot) { client async throws(AWSError) in
            var request = LightsailCopySnapshotRequest(targetSnapshotName: "a-snapshot", sourceRegion: "us-east-1")
            request.sourceSnapshotName = "a-snapshot"
            _ = try await client.copySnapshot(request, in: region)
        },
        lightsail(Lightsail.deleteInstanceSnapshot) { client async throws(AWSError) in
            _ = try await client.deleteInstanceSnapshot(named, in: region)
        },
        lightsail(Lightsail.tagResource) { client async throws(AWSError) in
            let request = LightsailTagResourceRequest(
                resourceName: "a-snapshot", tags: [LightsailTag(key: "a", value: "b")])
            _ = try await client.tagResource(request, in: region)
        },
        Call(operation: STS.getCallerIdentity) { client async throws(AWSError) in
            _ = try await STSClient(client).getCallerIdentity(in: region)
        },
    ]

    private static let identity = LoopbackServer.Answer.reply(
        status: 200,
        body: """
            <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>\
            <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
            """)
    private static let refusal = LoopbackServer.Answer.reply(status: 400, body: "<Response/>")

    private func client(_ server: LoopbackServer, limits: CurlLimits = CurlLimits()) throws -> AWSClient {
        AWSClient(
            settings: try AWSSettings(environment: ["AWS_ENDPOINT_URL": server.url]),
            credentials: FixedCredentials(), transport: try CurlTransport(limits: limits), clock: FakeClock(),
            random: { 0 })
    }

    /// A warm connection dies after the request was performed: the case in which libcurl by itself sends a POST again.
    @Test(arguments: calls)
    func aWarmConnectionThatDiesMakesNothingTwice(_ call: Call) async throws {
        let server = try LoopbackServer { arrival, before in
            if before.isEmpty { return CurlTransportTests.identity }
            return before.count == 1 ? .drop : CurlTransportTests.refusal
        }
        defer { server.stop() }
        let client = try client(server)
        let began = ContinuousClock.now
        _ = try await STSClient(client).getCallerIdentity(in: Region("eu-west-1"))
        var fate: AWSError.Fate?
        do {
            try await call.perform(client)
        } catch {
            fate = error.fate
        }
        let arrivals = server.arrivals.dropFirst()
        #expect(arrivals.allSatisfy { $0.operation == call.operation.name })
        if call.operation.isRepeatable {
            // libcurl takes no connection up again that was idle for two minutes: on a crowded machine it may have been.
            let isWarm = began.duration(to: .now) < .seconds(100)
            #expect(
                !isWarm || arrivals.first?.connection == 1 && arrivals.first?.place == 2, "the warm connection was used"
            )
            #expect(arrivals.count == 2)
            #expect(fate == .notPerformed)
        } else {
            #expect(arrivals.map(\.place) == [1], "performed once, on a connection of its own")
            #expect(fate == .outcomeUnknown)
        }
    }

    /// What comes of a request that a server treats badly: code, and whether it may have been performed.
    struct Ill: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: LoopbackServer.Answer
        let code: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Ill(name: "closed without a byte", answer: .drop, code: "ConnectionLost"),
        Ill(
            name: "cut off in the body", answer: .raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<Cre"),
            code: "ConnectionLost"),
        Ill(name: "no HTTP", answer: .raw("220 mail.example ESMTP\r\n"), code: "UnreadableReply"),
        Ill(name: "stalled", answer: .stall, code: "TimedOut"),
        Ill(
            name: "longer than allowed", answer: .reply(status: 200, body: String(repeating: "x", count: 5000)),
            code: "ReplyTooLarge"),
    ])
    func anIllReplyLeavesTheOutcomeOpen(_ ill: Ill) async throws {
        let server = try LoopbackServer { _, _ in ill.answer }
        defer { server.stop() }
        var limits = CurlLimits()
        limits.totalMilliseconds = 300
        limits.bodyBytes = 4096
        let client = try client(server, limits: limits)
        let request = CreateSnapshotsRequest(instanceSpecification: InstanceSpecification(instanceId: "i-1"))
        let error = await #expect(throws: AWSError.self) {
            try await EC2Client(client).createSnapshots(request, in: Region("eu-west-1"))
        }
        #expect(error?.code == ill.code)
        #expect(error?.fate == .outcomeUnknown)
        #expect(server.arrivals.count == 1)
    }

    @Test func aRefusedConnectionProvesThatNothingWasDone() async throws {
        let server = try LoopbackServer { _, _ in .drop }
        server.stop()
        let request = HTTPRequest(url: server.url + "/", headers: [], body: [], mustNotRepeat: true)
        let transport = try CurlTransport()
        let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
        #expect(error?.wasNotSent == true)
        #expect(error?.code == "ConnectionRefused")
    }
}
