import BackupCore
import Testing

@testable import AWS

/// The buckets of calls, second by second.
@Suite struct TokenBucketTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static func at(_ second: Int64) -> Moment { start + .seconds(second) }

    private static func ticket(_ number: UInt64, standsAside: Bool = false) -> TokenBucket.Ticket {
        TokenBucket.Ticket(standsAside: standsAside, number: number)
    }

    private func bucket() -> TokenBucket { TokenBucket(atOnce: 4, aSecond: 2, now: TokenBucketTests.start) }

    /// How many of many calls are let through in each second.
    private func flow(_ bucket: inout TokenBucket, seconds: Range<Int64>) -> [Int] {
        var number: UInt64 = UInt64(seconds.lowerBound) * 1000
        return seconds.map { second in
            var count = 0
            while true {
                number += 1
                let ticket = TokenBucketTests.ticket(number)
                guard bucket.take(ticket, now: TokenBucketTests.at(second)) == nil else {
                    bucket.leave(ticket)
                    return count
                }
                count += 1
            }
        }
    }

    @Test func afterTheFirstBurstTheRateHolds() {
        var bucket = bucket()
        #expect(flow(&bucket, seconds: 0..<5) == [4, 2, 2, 2, 2])
    }

    @Test func unusedTokensAddUpToTheBurstAgain() {
        var bucket = bucket()
        #expect(flow(&bucket, seconds: 0..<1) == [4])
        #expect(flow(&bucket, seconds: 100..<102) == [4, 2])
    }

    @Test func theWaitIsAsLongAsThoseBeforeTake() {
        var bucket = bucket()
        _ = flow(&bucket, seconds: 0..<1)
        let waits = (1...7).map { bucket.take(TokenBucketTests.ticket($0), now: TokenBucketTests.start) }
        #expect(waits == [1, 1, 2, 2, 3, 3, 4])
        // Whoever asks first does not take what belongs to those before.
        #expect(bucket.take(TokenBucketTests.ticket(7), now: TokenBucketTests.at(1)) == 3)
        #expect(bucket.take(TokenBucketTests.ticket(2), now: TokenBucketTests.at(1)) == nil)
        #expect(bucket.take(TokenBucketTests.ticket(1), now: TokenBucketTests.at(1)) == nil)
        #expect(bucket.take(TokenBucketTests.ticket(3), now: TokenBucketTests.at(1)) == 1)
    }

    @Test func whoLeavesMakesRoom() {
        var bucket = bucket()
        _ = flow(&bucket, seconds: 0..<1)
        for number in 1...6 { _ = bucket.take(TokenBucketTests.ticket(UInt64(number)), now: TokenBucketTests.start) }
        for number in 1...5 { bucket.leave(TokenBucketTests.ticket(UInt64(number))) }
        #expect(bucket.take(TokenBucketTests.ticket(6), now: TokenBucketTests.at(1)) == nil)
    }

    @Test func deletesStandAside() {
        var bucket = bucket()
        _ = flow(&bucket, seconds: 0..<1)
        for number in 1...6 {
            _ = bucket.take(TokenBucketTests.ticket(UInt64(number), standsAside: true), now: TokenBucketTests.start)
        }
        #expect(bucket.take(TokenBucketTests.ticket(7), now: TokenBucketTests.start) == 1)
        #expect(bucket.take(TokenBucketTests.ticket(7), now: TokenBucketTests.at(1)) == nil)
        #expect(bucket.take(TokenBucketTests.ticket(1, standsAside: true), now: TokenBucketTests.at(1)) == nil)
        #expect(bucket.take(TokenBucketTests.ticket(2, standsAside: true), now: TokenBucketTests.at(1)) == 1)
    }

    @Test func throttlingHalvesTheRateAndTimeBringsItBack() {
        var bucket = TokenBucket(atOnce: 50, aSecond: 10, now: TokenBucketTests.start)
        let throttle = { (sent: Int64, now: Int64) in
            bucket.throttled(sent: TokenBucketTests.at(sent), now: TokenBucketTests.at(now))
            return bucket.rate(TokenBucketTests.at(now))
        }
        #expect(throttle(0, 1) == 5)
        // Sixteen calls that were under way together are one piece of news.
        #expect(throttle(0, 1) == 5)
        let grown: Double = 5 + 10.0 / 600
        #expect(throttle(1, 2) == grown)
        #expect(throttle(2, 3) == (grown + 10.0 / 600) / 2)
        for second in 3..<20 { _ = throttle(Int64(second), Int64(second)) }
        #expect(bucket.rate(TokenBucketTests.at(19)) == 0.5)
        #expect(bucket.rate(TokenBucketTests.at(19 + 60)) == 1.5)
        #expect(bucket.rate(TokenBucketTests.at(19 + 3600)) == 10)
        // Nothing is left of what might have been spent at once.
        #expect(bucket.take(TokenBucketTests.ticket(1), now: TokenBucketTests.at(19)) == 2)
    }

    @Test func aClockSetBackHoldsNothingUp() {
        var bucket = bucket()
        _ = flow(&bucket, seconds: 1000..<1001)
        #expect(flow(&bucket, seconds: 0..<3) == [0, 2, 2])
        bucket.throttled(sent: TokenBucketTests.at(5000), now: TokenBucketTests.at(5000))
        #expect(bucket.rate(TokenBucketTests.at(0)) == 1)
        bucket.throttled(sent: TokenBucketTests.at(1), now: TokenBucketTests.at(1))
        #expect(bucket.rate(TokenBucketTests.at(1)) == 0.5)
    }

    @Test func eachOperationHasItsClass() {
        let rows: [(Operation, CallClass)] = [
            (EC2.describeSnapshots, .ec2Reads), (EC2.describeInstances, .ec2Reads), (EC2.describeVolumes, .ec2Reads),
            (EC2.describeLockedSnapshots, .ec2Reads), (EC2.describeImages, .ec2Reads),
            (EC2.createSnapshots, .ec2SnapshotWrites), (EC2.deleteSnapshot, .ec2SnapshotWrites),
            (EC2.copySnapshot, .ec2OtherWrites), (EC2.createTags, .ec2TagWrites), (EC2.deleteTags, .ec2TagWrites),
            (Lightsail.getInstances, .lightsailReads), (Lightsail.getInstanceSnapshots, .lightsailReads),
            (Lightsail.createInstanceSnapshot, .lightsailWrites), (Lightsail.copySnapshot, .lightsailWrites),
            (Lightsail.deleteInstanceSnapshot, .lightsailWrites), (Lightsail.tagResource, .lightsailWrites),
            (STS.getCallerIdentity, .sts),
        ]
        for (operation, expected) in rows { #expect(operation.callClass == expected, "\(operation.name)") }
    }
}
