import BackupCore
import Testing

@testable import AWS

/// A local clock that is not AWS's.
@Suite struct ClockSkewTests {
    /// Events as they came.
    private final class Ears: EventSink {
        private let heard = Guarded<[Event]>([])
        func emit(_ event: Event) { heard.withLock { $0.append(event) } }
        var events: [Event] { heard.withLock { $0 } }
    }

    private static let region = Region("eu-west-1")
    /// An hour after ``Moment/published``, where ``FakeClock`` begins.
    private static let later = Header("Date", "Sun, 30 Aug 2015 13:36:00 GMT")

    private func signedAt(_ requests: [HTTPRequest]) -> [String] {
        requests.compactMap { request in request.headers.first { $0.name == "x-amz-date" }?.value }
    }

    @Test(arguments: [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "SignatureDoesNotMatch",
        "InvalidSignatureException", "AuthFailure",
    ])
    func aRefusalIsAnsweredWithTheRightTimeAtOnce(code: String) async throws {
        let bench = try Bench([.refusal(403, code, [ClockSkewTests.later]), .created])
        let request = CreateSnapshotsRequest(instanceSpecification: InstanceSpecification(instanceId: "i-1"))
        _ = try await bench.ec2.createSnapshots(request, in: ClockSkewTests.region)
        #expect(signedAt(await bench.transport.requests) == ["20150830T123600Z", "20150830T133600Z"])
        #expect(bench.clock.sleeps.allSatisfy { $0 == 0 })
    }

    @Test func theSameRefusalUnderARightClockIsFinal() async throws {
        let now = Header("Date", "Sun, 30 Aug 2015 12:36:01 GMT")
        let bench = try Bench([.refusal(403, "SignatureDoesNotMatch", [now]), .described])
        let error = await #expect(throws: AWSError.self) {
            try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: ClockSkewTests.region)
        }
        #expect(error?.code == "SignatureDoesNotMatch")
        #expect(await bench.transport.requests.count == 1)
    }

    @Test func timeIsCorrectedOnceAndNotForEver() async throws {
        let refusals = (0..<3).map { hour in
            FakeTransport.Answer.refusal(
                403, "RequestExpired", [Header("Date", "Sun, 30 Aug 2015 1\(3 + hour * 2):36:00 GMT")])
        }
        let bench = try Bench(refusals + [.described])
        let error = await #expect(throws: AWSError.self) {
            try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: ClockSkewTests.region)
        }
        #expect(error?.code == "RequestExpired")
        #expect(await bench.transport.requests.count == 2)
    }

    @Test func aGoodReplyTellsTooAndAllClientsLearnFromIt() async throws {
        let ears = Ears()
        let commons = AWSCommons(events: ears)
        let good = FakeTransport.Answer.reply(
            200, "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>", [ClockSkewTests.later])
        let first = try Bench([good, good], commons: commons)
        let second = try Bench([good], commons: commons)
        for bench in [first, first, second] {
            _ = try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: ClockSkewTests.region)
        }
        #expect(
            signedAt(await first.transport.requests + second.transport.requests) == [
                "20150830T123600Z", "20150830T133600Z", "20150830T133600Z",
            ])
        #expect(
            ears.events == [
                Event(
                    .clockSkewed,
                    "this machine's clock is 1h 0min behind AWS's: slots start by AWS's time, and no point is deleted. "
                        + "Set the clock (timedatectl status)",
                    Event.Fields(reason: "offset 0 s before, 3600 s now"))
            ])
        // The machine's clock is as it was; the daemon goes by another.
        #expect(first.clock.now == .published)
        let corrected = CorrectedClock(local: first.clock, skew: commons.skew)
        #expect(corrected.now == .published + .seconds(3600))
        #expect(corrected.correction == .seconds(3600))
    }

    /// A reading began when AWS's clock says: else a create whose reply was lost would count as looked for too soon.
    @Test func aReadingIsDatedByTheTimeThatItsRepliesShow() async throws {
        let commons = AWSCommons()
        let bench = try Bench([.refusal(403, "UnauthorizedOperation", [ClockSkewTests.later])], commons: commons)
        let reader = AWSCloudReader(
            ec2: bench.ec2, lightsail: bench.lightsail, fleet: FleetName("acme"),
            clock: CorrectedClock(local: bench.clock, skew: commons.skew))
        let listing = await reader.listing(of: Place(.ec2, ClockSkewTests.region), scope: Scope())
        #expect(listing.gap?.code == "UnauthorizedOperation")
        #expect(listing.clockCorrection == .seconds(3600))
        #expect(listing.read == .published + .seconds(3600))
    }

    /// The Date of a proxy's own page is the proxy's clock.
    @Test(arguments: ["text/html", "text/html; charset=utf-8", "Text/Plain"])
    func aPageForPeopleTellsNoTime(type: String) async throws {
        let page = FakeTransport.Answer.reply(
            403, "<html>no</html>", [ClockSkewTests.later, Header("Content-Type", type)])
        let bench = try Bench([page, page, .described])
        await #expect(throws: AWSError.self) {
            try await bench.ec2.describeSnapshots(DescribeSnapshotsRequest(), in: ClockSkewTests.region)
        }
        #expect(signedAt(await bench.transport.requests).allSatisfy { $0 == "20150830T123600Z" })
    }

    @Test func aPresignedURLHasTheRightTimeToo() async throws {
        let copied = FakeTransport.Answer.reply(
            200, "<CopySnapshotResponse><snapshotId>s</snapshotId></CopySnapshotResponse>", [ClockSkewTests.later])
        let bench = try Bench([copied, copied])
        for _ in 0..<2 {
            _ = try await bench.ec2.copySnapshot(
                CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: "snap-1"), in: ClockSkewTests.region)
        }
        let bodies = await bench.transport.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.map { $0.contains("20150830T133600Z") } == [false, true])
    }

    /// Local times of sending and receiving, the Date of the reply, and the offset and the words that follow, in seconds
    /// after an offset of so many.
    @Test(arguments: [
        (sent: 0, received: 0, date: 0, before: 0, after: 0, says: 0),
        (sent: 0, received: 0, date: 119, before: 0, after: 0, says: 0),
        (sent: 0, received: 0, date: 121, before: 0, after: 121, says: 1),
        (sent: 0, received: 0, date: -121, before: 0, after: -121, says: 1),
        (sent: 0, received: 600, date: 1, before: 0, after: 0, says: 0),
        (sent: 0, received: 600, date: 599, before: 0, after: 0, says: 0),
        (sent: 0, received: 600, date: 1000, before: 0, after: 400, says: 1),
        (sent: 0, received: 600, date: -400, before: 0, after: -400, says: 1),
        (sent: 0, received: 0, date: 3600, before: 3500, after: 3500, says: 0),
        (sent: 0, received: 0, date: 3600, before: 3400, after: 3600, says: 1),
        (sent: 0, received: 0, date: 30, before: 3600, after: 0, says: 1),
        (sent: 0, received: 0, date: 2, before: 121, after: 0, says: 1),
        (sent: 0, received: 0, date: 60, before: 121, after: 0, says: 1),
        (sent: 0, received: 0, date: 61, before: 121, after: 121, says: 0),
        (sent: 600, received: 0, date: 10, before: 0, after: 0, says: 0),
    ])
    func notices(_ row: (sent: Int64, received: Int64, date: Int64, before: Int64, after: Int64, says: Int)) {
        let ears = Ears()
        let skew = ClockSkew(events: ears)
        let at = { (second: Int64) in Moment.published + .seconds(second) }
        if row.before != 0 { skew.notice(at(row.before), sent: at(0), received: at(0)) }
        let before = ears.events.count
        skew.notice(at(row.date), sent: at(row.sent), received: at(row.received))
        #expect(skew.offset == .seconds(row.after))
        #expect(ears.events.count - before == row.says)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Thu, 29 Feb 2024 23:59:60 GMT", "2024-03-01T00:00:00Z"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun Nov  6 08:49:37 1994", nil),
        ("Sun, 06 Nov 1994 08:49:37 UTC", nil), ("Sun, 6 Nov 1994 08:49:37 GMT", nil),
        ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("Sun,  06 Nov 1994 08:49:37 GMT", nil), ("", nil), ("0", nil),
    ])
    func readsHTTPDates(_ text: String, _ moment: String?) {
        #expect(Moment(httpDate: text)?.description == moment)
    }

    @Test(
        arguments: [
            ([Header("Retry-After", "7")], 7), ([Header("Retry-After", "-1")], nil),
            ([Header("Retry-After", "nan")], nil),
            ([Header("x-amz-retry-after", "1500")], 1.5), ([Header("x-amz-retry-after", "-1")], nil),
            ([later, Header("Retry-After", "Sun, 30 Aug 2015 13:36:09 GMT")], 9),
            ([later, Header("Retry-After", "Sun, 30 Aug 2015 12:36:09 GMT")], 0),
            ([Header("Retry-After", "Sun, 30 Aug 2015 13:36:09 GMT")], nil), ([], nil),
        ] as [([Header], Double?)])
    func readsRetryAfter(_ headers: [Header], _ seconds: Double?) {
        #expect(RetryAfter.seconds(of: HTTPReply(status: 503, headers: headers, body: [])) == seconds)
    }
}
