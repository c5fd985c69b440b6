import BackupCore
import Testing

@testable import AWS

/// Replies: as AWS writes them, as we write them for the sandbox, and as nobody should.
@Suite struct QueryReplyTests {
    static let page = """
        <?xml version="1.0" encoding="UTF-8"?>
        <DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
            <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
            <snapshotSet>
                <item>
                    <snapshotId>snap-1</snapshotId>
                    <volumeId>vol-1</volumeId>
                    <status>completed</status>
                    <startTime>2026-11-20T02:00:00.123Z</startTime>
                    <progress>100%</progress>
                    <ownerId>123456789012</ownerId>
                    <volumeSize>8</volumeSize>
                    <description>a &lt;b&gt; &amp; &quot;c&quot; &#252; <![CDATA[<raw>]]></description>
                    <tagSet>
                        <item><key>Name</key><value/></item>
                        <item><key>k</key><value>  v  </value></item>
                    </tagSet>
                    <encrypted>true</encrypted>
                    <unheardOf><deep>1</deep></unheardOf>
                </item>
                <item>
                    <snapshotId>snap-2</snapshotId>
                    <status>pending</status>
                    <startTime>2026-11-20T02:00:00Z</startTime>
                    <tagSet/>
                    <completionTime/>
                    <volumeSize></volumeSize>
                </item>
            </snapshotSet>
            <nextToken>tok</nextToken>
        </DescribeSnapshotsResponse>
        """

    @Test func readsAPage() throws {
        let reply = try QueryWire.ec2.reply(
            DescribeSnapshotsReply.self, to: EC2.describeSnapshots, from: Array(Self.page.utf8))
        let start = ISOTime(Moment(seconds: 1_795_140_000))
        var first = EC2Snapshot(snapshotId: "snap-1", state: "completed", startTime: start)
        first.volumeId = "vol-1"
        first.progress = "100%"
        first.ownerId = "123456789012"
        first.volumeSize = 8
        first.description = "a <b> & \"c\" ü <raw>"
        first.tags = [EC2Tag(key: "Name", value: ""), EC2Tag(key: "k", value: "  v  ")]
        first.encrypted = true
        var second = EC2Snapshot(snapshotId: "snap-2", state: "pending", startTime: start)
        second.tags = []
        #expect(reply == DescribeSnapshotsReply(snapshots: [first, second], nextToken: "tok"))
    }

    private func roundTrip<Reply: Codable & Equatable>(_ operation: AWS.Operation, _ reply: Reply) throws {
        let bytes = try QueryWire.ec2.document(operation, reply, requestID: "r-1")
        #expect(try QueryWire.ec2.reply(Reply.self, to: operation, from: bytes) == reply)
    }

    @Test func repliesSurviveTheRoundTrip() throws {
        var info = SnapshotInfo(snapshotId: "snap-1")
        info.tags = [EC2Tag(key: "a\t<&>\r\n\"'", value: "💾")]
        info.encrypted = false
        info.volumeSize = 16_384
        info.startTime = ISOTime(.published)
        try roundTrip(EC2.createSnapshots, CreateSnapshotsReply(snapshots: [info, SnapshotInfo(snapshotId: "s2")]))
        try roundTrip(EC2.describeSnapshots, DescribeSnapshotsReply(snapshots: [], nextToken: nil))
        try roundTrip(EC2.copySnapshot, CopySnapshotReply(snapshotId: "snap-3", tags: []))
        try roundTrip(EC2.deleteSnapshot, EC2Done())
        let device = EC2Instance.BlockDevice(deviceName: "/dev/xvda", ebs: .init(volumeId: "vol-1", status: "attached"))
        let instance = EC2Instance(
            instanceId: "i-1", state: .init(code: 16, name: "running"), rootDeviceName: "/dev/xvda",
            blockDevices: [device, .init(deviceName: "ephemeral0", ebs: nil)], tags: nil)
        try roundTrip(
            EC2.describeInstances,
            DescribeInstancesReply(reservations: [
                EC2Reservation(reservationId: "r", ownerId: "1", instances: [instance])
            ]))
    }

    @Test func writesAReplyAsEC2Does() throws {
        var info = SnapshotInfo(snapshotId: "snap-1")
        info.startTime = ISOTime(.published)
        info.tags = [EC2Tag(key: "k", value: "a&b")]
        let bytes = try QueryWire.ec2.document(
            EC2.createSnapshots, CreateSnapshotsReply(snapshots: [info]), requestID: "r-1")
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <CreateSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>\
                <snapshotSet><item><tagSet><item><key>k</key><value>a&amp;b</value></item></tagSet>\
                <startTime>2015-08-30T12:36:00.000Z</startTime><snapshotId>snap-1</snapshotId></item></snapshotSet>\
                </CreateSnapshotsResponse>
                """)
    }

    @Test func speaksSTS() throws {
        let identity = CallerIdentity(account: "123456789012", arn: "arn:aws:iam::123456789012:user/a", userId: "AID")
        let bytes = try QueryWire.sts.document(STS.getCallerIdentity, identity, requestID: "r-1")
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>\
                <Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>AID</UserId>\
                </GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>\
                </GetCallerIdentityResponse>
                """)
        #expect(try QueryWire.sts.reply(CallerIdentity.self, to: STS.getCallerIdentity, from: bytes) == identity)
    }

    @Test func faultsSurviveTheRoundTrip() {
        let fault = WireFault(code: "InvalidSnapshot.NotFound", message: "no <such> & snapshot", requestID: "r-9")
        for wire in [QueryWire.ec2, .sts] { #expect(wire.fault(from: wire.document(fault)) == fault) }
        let ec2 = String(
            decoding: QueryWire.ec2.document(WireFault(code: "C", message: "m", requestID: "r")), as: UTF8.self)
        #expect(
            ec2 == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Response><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors>\
                <RequestID>r</RequestID></Response>
                """)
    }

    @Test(arguments: ["", "garbage", "<html><body>Proxy</body></html>", "<Response><Errors/></Response>", "<Response>"])
    func seesNoFaultInOtherPages(_ text: String) { #expect(QueryWire.ec2.fault(from: Array(text.utf8)) == nil) }

    @Test(arguments: [
        ("", "the XML document cannot be read at line 1, column 1: no element found"),
        ("no XML", "the XML document cannot be read at line 1, column 1: syntax error"),
        ("<a><b></a>", "the XML document cannot be read at line 1, column 9: mismatched tag"),
        ("<a>&undefined;</a>", "the XML document cannot be read at line 1, column 4: undefined entity"),
        (
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "the XML document is refused at line 1, column 13: it has a DOCTYPE, which is not read"
        ),
        ("<html/>", "the reply is <html>, not <DescribeSnapshotsResponse>"),
        ("<DescribeSnapshotsResponse/>", "the message lacks snapshotSet"),
        (
            "<DescribeSnapshotsResponse><snapshotSet><item><status>x</status></item></snapshotSet>"
                + "</DescribeSnapshotsResponse>",
            "snapshotSet.0 lacks snapshotId"
        ),
        (
            "<DescribeSnapshotsResponse><snapshotSet><item><snapshotId>s</snapshotId><status>x</status>"
                + "<startTime>soon</startTime></item></snapshotSet></DescribeSnapshotsResponse>",
            "snapshotSet.0.startTime: \"soon\" is not a time"
        ),
    ])
    func saysWhatIsWrong(_ text: String, _ message: String) {
        let error = #expect(throws: WireError.self) {
            try QueryWire.ec2.reply(
                DescribeSnapshotsReply.self, to: EC2.describeSnapshots, from: Array(text.utf8))
        }
        #expect(error?.description == message)
    }

    @Test func neverReadsATruncatedPage() throws {
        let bytes = Array(Self.page.utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: WireError.self) {
                try QueryWire.ec2.reply(
                    DescribeSnapshotsReply.self, to: EC2.describeSnapshots, from: Array(bytes[..<length]))
            }
        }
    }

    @Test func keepsToItsLimits() {
        var limits = XMLReader.Limits()
        limits.depth = 3
        limits.text = 4
        limits.document = 40
        let cases = [
            "<a><b><c><d/></c></b></a>": "it nests deeper than 3 levels",
            "<a>12345</a>": "a text has more than 4 bytes",
            "<a>1234567890123456789012345678901234567890</a>": "has 47 bytes; at most 40 are read",
        ]
        for (text, message) in cases {
            let error = #expect(throws: WireError.self) { try XMLReader.parse(Array(text.utf8), limits: limits) }
            #expect(error?.description.contains(message) == true)
        }
        #expect(throws: Never.self) { try XMLReader.parse(Array("<a><b><c>1234</c></b></a>".utf8), limits: limits) }
    }

    @Test func readsRepeatedElementsAsAList() throws {
        let (_, node) = try XMLReader.parse(Array("<r><a>1</a><b>x</b><a>2</a><e> </e></r>".utf8))
        #expect(
            node
                == .fields([
                    .init("a", .list([.text("1"), .text("2")])), .init("b", .text("x")), .init("e", .text(" ")),
                ]))
    }
}
