import BackupCore
import Testing

@testable import AWS

/// The quick way of reading a page says what the plain one says.
@Suite struct SnapshotPageTests {
    static func item(_ content: String, tags: String) -> String {
        """
        <item>
          <snapshotId>snap-1</snapshotId><volumeId>vol-1</volumeId><status>completed</status>
          <startTime>2026-11-20T02:00:01.123Z</startTime><progress>100%</progress>
          <description>snapwarden acme/web/i-1/2026-11-20T02:00:00Z</description>
          <volumeSize>8</volumeSize>\(content)<tagSet>\(tags)</tagSet>
        </item>
        """
    }

    static func tag(_ key: String, _ value: String) -> String {
        "<item><key>\(key)</key>\n  <value>\(value)</value></item>"
    }

    static let identity = [
        ("snapwarden:fleet", "acme"), ("snapwarden:policy", "web"), ("snapwarden:resource", "i-1"),
        ("snapwarden:slot", "2026-11-20T02:00:00Z"), ("snapwarden:set", "0f"), ("snapwarden:members", "2"),
    ]

    static func tags(_ more: [(String, String)] = [], without: String = "") -> String {
        (identity.filter { $0.0 != without } + more).map { tag($0.0, $0.1) }.joined(separator: "\n")
    }

    static func page(_ items: String, _ end: String = "") -> String {
        "<?xml version=\"1.0\"?>\n<DescribeSnapshotsResponse xmlns=\"x\">\n<requestId>r</requestId><snapshotSet>\(items)"
            + "</snapshotSet>\(end)</DescribeSnapshotsResponse>"
    }

    static let copied = ("snapwarden:copied-eu-west-1", "usable")

    @Test(arguments: [
        ("one of ours", item("", tags: tags()), 1), ("no snapshots", "", 0),
        ("two regions reached", item("", tags: tags([copied, ("snapwarden:copied-eu-west-2", "x")])), 1),
        (
            "all tags of a copy",
            item(
                "<encrypted>true</encrypted><storageTier>standard</storageTier>",
                tags: tags([
                    ("snapwarden:source", "us-east-1/snap-0"), ("snapwarden:taken", "2026-11-20T02:00:00.5Z"),
                    ("snapwarden:volume", "vol-9"), ("snapwarden:device", "/dev/sdf"), ("snapwarden:key", "alias/dr"),
                    ("snapwarden:kind", "manual"), ("snapwarden:hold", "a &amp; b &lt;ü&gt; &#x1F4BE;"), ("Name", "n"),
                ])), 1
        ),
        ("archived", item("<storageTier>archive</storageTier>", tags: tags()), 1),
        ("empty elements", item("<encrypted/><statusMessage/><kmsKeyId/>", tags: tags()), 1),
        ("failed, with its message", item("<statusMessage>no key</statusMessage>", tags: tags()), 1),
        ("unknown elements of any depth", item("<new><a><b>1</b></a></new><status2>x</status2>", tags: tags()), 1),
        (
            "another list with keys",
            item("<xSet><item><key>snapwarden:hold</key><value>x</value></item></xSet>", tags: tags()), 1
        ),
        ("another fleet", item("", tags: tags([("snapwarden:fleet", "other")], without: "snapwarden:fleet")), 0),
        ("no tags", item("", tags: ""), 0), ("no set", item("", tags: tags(without: "snapwarden:set")), 0),
        ("an unreadable slot", item("", tags: tags([("snapwarden:slot", "noon")], without: "snapwarden:slot")), 0),
        ("no members", item("", tags: tags([("snapwarden:members", "0")], without: "snapwarden:members")), 0),
        ("of AWS Backup", item("", tags: tags([("aws:backup:x", "1")])), 0),
        ("of DLM", item("", tags: tags([("aws:dlm:x", "1")])), 0),
        ("another description", item("", tags: tags([("snapwarden:policy", "db")], without: "snapwarden:policy")), 0),
        (
            "a slot with a fraction",
            item(
                "", tags: tags([("snapwarden:slot", "2026-11-20T02:00:00.25Z")], without: "snapwarden:slot")), 1
        ),
        (
            "a slot in another zone",
            item(
                "", tags: tags([("snapwarden:slot", "2026-11-20T03:00:00+01:00")], without: "snapwarden:slot")), 1
        ),
        ("references and sections", item("", tags: tags([("snapwarden:device", "<![CDATA[/dev/<a>]]>&amp;")])), 1),
    ])
    func saysTheSame(_ name: String, _ items: String, _ count: Int) throws {
        let body = Array(Self.page(items + items, "<nextToken>a&amp;b</nextToken>").utf8)
        let plain = try WireDecoder.decode(
            DescribeSnapshotsReply.self, from: XMLDocument.reply(to: EC2.describeSnapshots, body))
        var collected = SetCollector(site: Site(Region("eu-west-1")))
        for snapshot in plain.snapshots {
            SeenMember(snapshot, of: FleetName("acme"), in: .standard).map { collected.add($0) }
        }
        var quick = SetCollector(site: Site(Region("eu-west-1")))
        var taken = 0
        var page = body
        let token = try SnapshotPage(fleet: FleetName("acme"), account: .standard).read(emptying: &page) {
            taken += 1
            quick.add($0)
        }
        #expect(token == plain.nextToken && token == "a&b")
        #expect(quick.points == collected.points, "\(name)")
        #expect(taken == count * 2, "\(name)")
    }

    @Test(arguments: [
        ("no XML", "line 1: syntax error"),
        ("<html/>", "the reply holds <html>, not the reply asked for"),
        ("<DescribeSnapshotsResponse><snapshotSet>", "line 1: no element found"),
        ("<!DOCTYPE x><DescribeSnapshotsResponse/>", "the reply holds a DOCTYPE"),
        (page("<item><status>x</status></item>"), "the snapshotId of a snapshot is missing"),
        (page(item("<volumeSize>x</volumeSize>", tags: "")), "expected a number, got \"x\""),
        (page(item("<encrypted>maybe</encrypted>", tags: "")), "expected true or false, got \"maybe\""),
        (page(item("<startTime>noon</startTime>", tags: "")), "\"noon\" is not a time"),
        (page(String(repeating: "<a>", count: 80)), "the reply holds more than 64 levels"),
    ])
    func saysWhatIsWrong(_ body: String, _ message: String) {
        #expect(throws: WireError(message)) {
            var page = Array(body.utf8)
            _ = try SnapshotPage(fleet: FleetName("acme"), account: .standard).read(emptying: &page) { _ in }
        }
    }

    @Test(
        arguments: [
            ("<nextToken>abc==</nextToken>\n</DescribeSnapshotsResponse>\n", "abc==", true), ("", nil, false),
            ("<nextToken>a&amp;b</nextToken></DescribeSnapshotsResponse>", nil, true),
            ("</DescribeSnapshotsResponse>", nil, true), ("<nextToken>abc", nil, false),
            ("<nextToken></nextToken></DescribeSnapshotsResponse>", nil, true),
        ] as [(String, String?, Bool)])
    func looksAhead(_ end: String, _ token: String?, _ isWhole: Bool) {
        let page = Array((String(repeating: "x", count: 9000) + end).utf8)
        #expect(RawPage.nextToken(of: page) == token)
        #expect(RawPage.isWhole(page) == isWhole)
    }
}
