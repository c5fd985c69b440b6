import AWS
import BackupCore
import Testing

@testable import BackupDaemon

/// The real client's calls under a budget, on a virtual clock.
@Suite struct CallBudgetTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let region = Region("us-east-1")

    /// Answers at once, and writes down when each call came.
    private actor Door: Transport {
        private let clock: any WallClock
        private(set) var calls: [(operation: String, second: Int64)] = []
        private var throttles: Int

        init(clock: any WallClock, throttles: Int = 0) {
            self.clock = clock
            self.throttles = throttles
        }

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
            let text = String(decoding: request.body, as: UTF8.self)
            let operation = String(text.dropFirst("Action=".count).prefix { $0 != "&" })
            calls.append((operation, (clock.now - start).inSeconds))
            if throttles > 0 {
                throttles -= 1
                let body = QueryReply.ec2.error(code: "RequestLimitExceeded", message: "m", requestID: "r")
                return HTTPReply(status: 503, headers: [], body: Array(body.utf8))
            }
            return HTTPReply(
                status: 200, headers: [],
                body: Array("<\(operation)Response><snapshotSet/></\(operation)Response>".utf8))
        }
    }

    private struct Keys: CredentialSource {
        func credentials() throws(CredentialsError) -> Credentials {
            Credentials(accessKeyID: "AKIDSANDBOX", secret: "sandbox-secret", sessionToken: nil)
        }
    }

    /// What calls came when, of a client and of others of the same process.
    private func calls(
        percent: Int = 50, throttles: Int = 0,
        _ body: @escaping @Sendable (EC2Client, EC2Client) async -> Void
    ) throws -> [(operation: String, second: Int64)] {
        let turn = VirtualTurn(now: CallBudgetTests.start)
        let door = Door(clock: turn, throttles: throttles)
        let commons = AWSCommons(budget: CallBudget(percent: percent))
        let settings = try AWSSettings(environment: [:])
        let clients = ["a", "b"].map { account in
            EC2Client(
                AWSClient(
                    settings: settings, credentials: Keys(), transport: door, clock: turn, random: { 1 },
                    commons: commons, account: account))
        }
        return try #require(
            turn.run {
                await body(clients[0], clients[1])
                return await door.calls
            })
    }

    private static func read(_ client: EC2Client, in region: Region = region) async {
        _ = try? await client.describeSnapshots(DescribeSnapshotsRequest(), in: region)
    }

    private static func create(_ client: EC2Client) async {
        _ = try? await client.createSnapshots(
            CreateSnapshotsRequest(instanceSpecification: InstanceSpecification(instanceId: "i-1")), in: region)
    }

    private static func delete(_ client: EC2Client) async {
        _ = try? await client.deleteSnapshot(DeleteSnapshotRequest(snapshotId: "snap-1"), in: region)
    }

    @Test func aThousandReadsDoNotHoldUpACreate() throws {
        let calls = try calls { client, _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 { group.addTask { await CallBudgetTests.read(client) } }
                group.addTask { await CallBudgetTests.create(client) }
            }
        }
        #expect(calls.count == 1001)
        #expect(calls.filter { $0.operation == "CreateSnapshots" }.map(\.second) == [0])
        // Half of AWS's 100 at once and 20 a second: the last of 1,000 waits for 950 tokens.
        #expect(calls.map(\.second).max() == 95)
        for second in 1..<95 { #expect(calls.filter { $0.second == second }.count == 10) }
    }

    @Test func deletesWaitForCreates() throws {
        let calls = try calls { client, _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { await CallBudgetTests.delete(client) } }
                for _ in 0..<10 { group.addTask { await CallBudgetTests.create(client) } }
            }
        }
        // 50 deletes go at once; then creates come before the 50 that wait, at 2.5 a second.
        #expect(calls.filter { $0.operation == "CreateSnapshots" }.map(\.second).max() == 4)
        #expect(calls.filter { $0.operation == "DeleteSnapshot" }.map(\.second).max() == 24)
    }

    @Test(arguments: [(100, 45), (50, 95), (10, 495)] as [(Int, Int64)])
    func theBudgetIsAShareOfAWSsRates(percent: Int, last: Int64) throws {
        let calls = try calls(percent: percent) { client, _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<1000 { group.addTask { await CallBudgetTests.read(client) } }
            }
        }
        #expect(calls.map(\.second).max() == last)
    }

    @Test func aChangedShareCountsAtOnce() throws {
        let turn = VirtualTurn(now: CallBudgetTests.start)
        let door = Door(clock: turn)
        let budget = CallBudget(percent: 10)
        let client = EC2Client(
            AWSClient(
                settings: try AWSSettings(environment: [:]), credentials: Keys(), transport: door, clock: turn,
                commons: AWSCommons(budget: budget)))
        let last = turn.run { () async -> Int64? in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<500 { group.addTask { await CallBudgetTests.read(client) } }
                try? await turn.sleep(until: CallBudgetTests.start + .seconds(45))
                budget.set(percent: 100)
            }
            return await door.calls.map(\.second).max()
        }
        // At 2 a second it would take 245 s. Each sleeps a minute at the most; by then there are 100 tokens, and 20 a second.
        let second = try #require(last ?? nil)
        #expect((60...80).contains(second))
    }

    @Test func eachAccountAndRegionHasItsOwn() throws {
        let calls = try calls { a, b in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask { await CallBudgetTests.read(a) }
                    group.addTask { await CallBudgetTests.read(b) }
                    group.addTask { await CallBudgetTests.read(a, in: Region("eu-west-1")) }
                }
            }
        }
        #expect(calls.count == 150)
        #expect(calls.allSatisfy { $0.second == 0 })
    }

    @Test func throttlingSlowsAllCallsOfItsClassDown() throws {
        let slowed = try calls(throttles: 1) { client, _ in
            await CallBudgetTests.read(client)
            for _ in 0..<100 { await CallBudgetTests.read(client) }
            await CallBudgetTests.create(client)
        }
        // The bucket is empty and fills at half the rate, 5 a second and slowly more.
        #expect(slowed.map(\.second).max() == 20)
        #expect(slowed.filter { $0.second == 2 }.count == 5)
    }
}
