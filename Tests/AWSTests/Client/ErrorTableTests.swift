import BackupCore
import Testing

@testable import AWS

/// The table of codes against what botocore's standard mode repeats (Fixtures/make-retry-codes.py).
@Suite struct ErrorTableTests {
    private struct Botocore: Decodable {
        struct Quota: Decodable {
            var capacity, cost, timeout, refund, refundAfterTimeout: Int
        }

        var throttled, transient: [String]
        var statuses: [Int]
        var slowest: Double
        var quota: Quota
    }

    private let botocore = try? Fixture.json("retry-codes.json", as: Botocore.self)

    private func error(_ code: String, _ status: Int?) -> AWSError {
        AWSError(
            service: .ec2, operation: "O", region: Region("r"), code: code, message: "", status: status,
            fate: .notPerformed)
    }

    @Test func everyCodeStandsOnceAndNamesItsSource() {
        #expect(Set(ErrorRow.all.map(\.code)).count == ErrorRow.all.count)
        for row in ErrorRow.all {
            let letters = row.source.split(separator: ", ").map(String.init)
            #expect(Set(letters).isSubset(of: ["S", "P", "E", "C", "L", "Q", "K", "T", "-"]), "\(row.code)")
            #expect(!row.mayBeSkew || row.source.hasSuffix("T"), "\(row.code)")
        }
    }

    @Test func throttlingIsWhatBotocoreTakesForIt() throws {
        let botocore = try #require(botocore)
        let ours = ErrorRow.all.filter { $0.kind == .throttling }.map(\.code)
        #expect(ours.sorted() == botocore.throttled.sorted())
    }

    @Test func everythingThatBotocoreRepeatsIsRepeated() throws {
        let botocore = try #require(botocore)
        let policy = RetryPolicy()
        let waits = { (error: AWSError) in
            policy.wait(after: error, attempt: 1, isRepeatable: true, retryAfter: nil, random: 1) != nil
        }
        for code in botocore.throttled + botocore.transient { #expect(waits(error(code, 400)), "\(code)") }
        for status in botocore.statuses { #expect(waits(error("HTTP\(status)", status)), "\(status)") }
        for row in ErrorRow.all where row.source == "S" {
            #expect((botocore.throttled + botocore.transient).contains(row.code), "\(row.code) is not botocore's")
        }
        for row in ErrorRow.all where [.quota, .permanent, .person].contains(row.kind) {
            #expect(!waits(error(row.code, 503)), "\(row.code)")
        }
        #expect(!waits(error("SomethingNew", 400)))
        #expect(waits(error("SomethingNew", 500)))
        #expect(waits(error("HTTP429", 429)))
        #expect(TokenBucket.slowest == botocore.slowest)
    }

    @Test func theBudgetOfRepeatsIsBotocores() throws {
        let costs = try #require(botocore).quota
        var quota = RetryQuota()
        #expect(quota.available == costs.capacity)
        #expect(quota.take(after: error("InternalError", 500)) == costs.cost)
        #expect(quota.take(after: error("TimedOut", nil)) == costs.timeout)
        #expect(quota.available == costs.capacity - costs.cost - costs.timeout)
        quota.giveBack(nil)
        #expect(quota.available == costs.capacity - costs.cost - costs.timeout + costs.refund)
        quota.giveBack(costs.timeout)
        #expect(quota.available == costs.capacity - costs.cost + costs.refund)
        quota.giveBack(1000)
        #expect(quota.available == costs.capacity)
    }

    @Test func anEmptyBudgetEndsAllRepeatingUntilCallsAreDoneAgain() async throws {
        let commons = AWSCommons()
        let lost = Array(repeating: FakeTransport.Answer.lost, count: 600)
        let bench = try Bench(lost + [.described, .lost, .described], commons: commons)
        for _ in 0..<25 {
            _ = try? await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        }
        // 500 tokens are 100 repeats: 25 calls of five attempts; from then on each call has one attempt.
        #expect(await bench.transport.requests.count == 125)
        let sleeps = bench.clock.sleeps.count
        _ = try? await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        #expect(await bench.transport.requests.count == 126)
        #expect(bench.clock.sleeps.count == sleeps)
        // Another client of the process is under the same budget.
        let other = try Bench([.lost, .described], commons: commons)
        _ = try? await other.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: Region("eu-west-1"))
        #expect(await other.transport.requests.count == 1)
    }
}
