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

    private func read<Reply: Decodable>(_ type: Reply.Type, _ operation: AWS.Operation, _ text: String) throws -> Reply
    {
        try WireDecoder.decode(type, from: XMLDocument.reply(to: operation, Array(text.utf8)))
    }

    @Test func readsAPage() throws {
        let reply = try read(DescribeSnapshotsReply.self, EC2.describeSnapshots, Self.page)
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

    @Test func readsLocks() throws {
        let reply = try read(
            DescribeLockedSnapshotsReply.self, EC2.describeLockedSnapshots,
            """
            <DescribeLockedSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
                <requestId>r-1</requestId>
                <snapshotSet>
                    <item>
                        <ownerId>123456789012</ownerId>
                        <snapshotId>snap-1</snapshotId>
                        <lockState>compliance-cooloff</lockState>
                        <lockDuration>365</lockDuration>
                        <coolOffPeriod>24</coolOffPeriod>
                        <coolOffPeriodExpiresOn>2026-11-21T02:00:00.208Z</coolOffPeriodExpiresOn>
                        <lockCreatedOn>2026-11-20T02:00:00.208Z</lockCreatedOn>
                        <lockDurationStartTime>2026-11-20T02:00:00.208Z</lockDurationStartTime>
                        <lockExpiresOn>2027-11-20T02:00:00.208Z</lockExpiresOn>
                    </item>
                    <item><snapshotId>snap-2</snapshotId><lockState>governance</lockState></item>
                </snapshotSet>
                <nextToken>tok</nextToken>
            </DescribeLockedSnapshotsResponse>
            """)
        var first = LockedSnapshot(snapshotId: "snap-1")
        first.ownerId = "123456789012"
        first.lockState = "compliance-cooloff"
        first.lockDuration = 365
        first.coolOffPeriod = 24
        first.coolOffPeriodExpiresOn = ISOTime(Moment(seconds: 1_795_226_400))
        first.lockCreatedOn = ISOTime(Moment(seconds: 1_795_140_000))
        first.lockDurationStartTime = first.lockCreatedOn
        first.lockExpiresOn = ISOTime(Moment(seconds: 1_826_676_000))
        var second = LockedSnapshot(snapshotId: "snap-2")
        second.lockState = "governance"
        #expect(reply == DescribeLockedSnapshotsReply(snapshots: [first, second], nextToken: "tok"))
        try roundTrip(EC2.describeLockedSnapshots, reply)
    }

    @Test func readsImages() throws {
        let reply = try read(
            DescribeImagesReply.self, EC2.describeImages,
            """
            <DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
                <requestId>r-1</requestId>
                <imagesSet>
                    <item>
                        <imageId>ami-1</imageId>
                        <imageLocation>123456789012/golden</imageLocation>
                        <imageState>available</imageState>
                        <imageOwnerId>123456789012</imageOwnerId>
                        <creationDate>2026-11-20T02:00:00.000Z</creationDate>
                        <isPublic>false</isPublic>
                        <architecture>x86_64</architecture>
                        <name>golden</name>
                        <rootDeviceType>ebs</rootDeviceType>
                        <rootDeviceName>/dev/xvda</rootDeviceName>
                        <blockDeviceMapping>
                            <item>
                                <deviceName>/dev/xvda</deviceName>
                                <ebs>
                                    <snapshotId>snap-1</snapshotId><volumeSize>8</volumeSize>
                                    <deleteOnTermination>true</deleteOnTermination><volumeType>gp3</volumeType>
                                    <encrypted>false</encrypted>
                                </ebs>
                            </item>
                            <item><deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName></item>
                            <item><deviceName>/dev/sdc</deviceName><ebs><volumeSize>9</volumeSize></ebs></item>
                        </blockDeviceMapping>
                        <tagSet><item><key>k</key><value>v</value></item></tagSet>
                    </item>
                </imagesSet>
            </DescribeImagesResponse>
            """)
        var image = EC2Image(imageId: "ami-1")
        image.name = "golden"
        image.state = "available"
        image.ownerId = "123456789012"
        image.creationDate = "2026-11-20T02:00:00.000Z"
        image.rootDeviceName = "/dev/xvda"
        image.rootDeviceType = "ebs"
        var root = EC2Image.BlockDevice.Volume(snapshotId: "snap-1")
        root.volumeSize = 8
        root.deleteOnTermination = true
        root.encrypted = false
        root.volumeType = "gp3"
        image.architecture = "x86_64"
        var empty = EC2Image.BlockDevice.Volume(snapshotId: nil)
        empty.volumeSize = 9
        image.blockDevices = [
            .init(deviceName: "/dev/xvda", ebs: root), .init(deviceName: "/dev/sdb", ebs: nil),
            .init(deviceName: "/dev/sdc", ebs: empty),
        ]
        image.tags = [EC2Tag(key: "k", value: "v")]
        #expect(reply == DescribeImagesReply(images: [image]))
        try roundTrip(EC2.describeImages, reply)
        try roundTrip(EC2.describeImages, DescribeImagesReply(images: [], nextToken: "t"))
    }

    private func roundTrip<Reply: Codable & Equatable>(_ operation: AWS.Operation, _ reply: Reply) throws {
        let text = try QueryReply.ec2.document(operation, reply, requestID: "r-1")
        #expect(try read(Reply.self, operation, text) == reply)
    }

    @Test func repliesSurviveTheRoundTrip() throws {
        var info = SnapshotInfo(snapshotId: "snap-1")
        info.tags = [EC2Tag(key: "a\t<&>\r\n\"'&\u{301}", value: "💾")]
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
        let text = try QueryReply.ec2.document(
            EC2.createSnapshots, CreateSnapshotsReply(snapshots: [info]), requestID: "r-1")
        #expect(
            text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <CreateSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>\
                <snapshotSet><item><tagSet><item><key>k</key><value>a&amp;b</value></item></tagSet>\
                <startTime>2015-08-30T12:36:00.000Z</startTime><snapshotId>snap-1</snapshotId></item></snapshotSet>\
                </CreateSnapshotsResponse>
                """)
    }

    @Test func speaksSTS() throws {
        let identity = CallerIdentity(account: "123456789012", arn: "arn:aws:iam::123456789012:user/a", userId: "AID")
        let text = try QueryReply.sts.document(STS.getCallerIdentity, identity, requestID: "r-1")
        #expect(
            text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>\
                <Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>AID</UserId>\
                </GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>\
                </GetCallerIdentityResponse>
                """)
    }

    private func error(_ text: String) -> [String?] {
        let (code, message, requestID) = QueryError.read(HTTPReply(status: 503, headers: [], body: Array(text.utf8)))
        return [code, message, requestID]
    }

    @Test func errorsSurviveTheRoundTrip() {
        for wire in [QueryReply.ec2, .sts] {
            let text = wire.error(code: "InvalidSnapshot.NotFound", message: "no <such> & one", requestID: "r-9")
            #expect(error(text) == ["InvalidSnapshot.NotFound", "no <such> & one", "r-9"])
        }
        #expect(
            QueryReply.ec2.error(code: "C", message: "m", requestID: "r") == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Response><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors>\
                <RequestID>r</RequestID></Response>
                """)
        #expect(
            QueryReply.sts.error(code: "C", message: "m", requestID: "r", isSender: false) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Receiver</Type>\
                <Code>C</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>
                """)
    }

    @Test(arguments: ["", "garbage", "<html><body>Proxy</body></html>", "<Response><Errors/></Response>", "<Response>"])
    func namesOtherPagesByTheirStatus(_ text: String) {
        #expect(error(text) == ["HTTP503", "a reply of \(text.utf8.count) bytes that names no error", nil])
    }

    private static let unreadable = [
        ("", "line 1: no element found"),
        ("no XML", "line 1: syntax error"),
        ("<a>\n<b></a>", "line 2: mismatched tag"),
        ("<a>&undefined;</a>", "line 1: undefined entity"),
        ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "the reply holds a DOCTYPE"),
        (String(repeating: "<a>", count: 65), "the reply holds more than 64 levels"),
        ("<a>" + String(repeating: "x", count: 1 << 20) + "y</a>", "the reply holds a text of more than 1048576 bytes"),
        ("<html/>", "it is <html>, not <DescribeSnapshotsResponse>"),
        ("<DescribeSnapshotsResponse/>", "snapshotSet is missing"),
        (
            "<DescribeSnapshotsResponse><snapshotSet><item><status>x</status></item></snapshotSet>"
                + "</DescribeSnapshotsResponse>",
            "snapshotSet/snapshotId is missing"
        ),
        (
            "<DescribeSnapshotsResponse><snapshotSet><item><snapshotId>s</snapshotId><status>x</status>"
                + "<startTime>soon</startTime></item></snapshotSet></DescribeSnapshotsResponse>",
            "\"soon\" is not a time"
        ),
    ]

    @Test(arguments: unreadable)
    func saysWhatIsWrong(_ text: String, _ message: String) {
        let error = #expect(throws: (any Error).self) {
            try read(DescribeSnapshotsReply.self, EC2.describeSnapshots, text)
        }
        #expect(error.map { AWSClient.text(of: $0) } == message)
    }

    @Test func neverReadsATruncatedPage() {
        let bytes = Array(Self.page.utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: WireError.self) {
                try XMLDocument.reply(to: EC2.describeSnapshots, Array(bytes[..<length]))
            }
        }
    }

    @Test func readsTextsAsTheyStand() throws {
        let (root, node) = try XMLDocument.read(Array("<r><a> 1\n</a><b/><c><item/><item>x</item></c></r>".utf8))
        #expect(root == "r")
        #expect(
            node
                == .fields([
                    .init("a", .text(" 1\n")), .init("b", .text("")), .init("c", .list([.text(""), .text("x")])),
                ]))
    }

    @Test func writesNoCharacterThatXMLCannotHold() {
        let text = XMLText.write(.text("a\u{0}\u{1B}b\u{FFFF}c\t\u{FEFF}"), root: "r", namespace: nil)
        #expect(text.hasSuffix("<r>a\u{FFFD}\u{FFFD}b\u{FFFD}c\t\u{FEFF}</r>"))
    }
}
