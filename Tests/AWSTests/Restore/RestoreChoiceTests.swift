import BackupCore
import Testing

@testable import AWS

/// What a restore chooses where nobody asked for anything.
struct RestoreChoiceTests {
    private static let bundles = [
        LightsailBundle("nano_2_0", price: 3.5, cpuCount: 1, ramSizeInGb: 0.5, diskSizeInGb: 20, isActive: false),
        LightsailBundle("nano_3_0", price: 5, cpuCount: 2, ramSizeInGb: 0.5, diskSizeInGb: 20),
        LightsailBundle("small_3_0", price: 12, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60),
        LightsailBundle("small_old", price: 10, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 40, isActive: false),
        LightsailBundle(
            "small_ipv6", price: 10, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60, publicIpv4AddressCount: 0),
        LightsailBundle(
            "small_win", price: 11, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60, platform: "WINDOWS"),
        LightsailBundle("large_3_0", price: 44, cpuCount: 2, ramSizeInGb: 8, diskSizeInGb: 160),
        LightsailBundle("huge_old", price: 90, cpuCount: 16, ramSizeInGb: 64, diskSizeInGb: 1000, isActive: false),
    ]

    struct BundleRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var original: String?
        var asked: String?
        var gibibytes = 20
        /// The bundle, or the beginning of the refusal.
        var expected: String
        var isTold = false
    }

    @Test(arguments: [
        BundleRow(testDescription: "the same", original: "small_3_0", expected: "small_3_0"),
        BundleRow(
            testDescription: "not to be had any more: the cheapest that is as large, of the same kind",
            original: "nano_2_0", expected: "nano_3_0", isTold: true),
        BundleRow(
            testDescription: "no other platform, and none without IPv4", original: "small_old", gibibytes: 40,
            expected: "small_3_0", isTold: true),
        BundleRow(
            testDescription: "large enough for the snapshot", original: "small_old", gibibytes: 100,
            expected: "large_3_0", isTold: true),
        BundleRow(testDescription: "asked for", original: "small_3_0", asked: "large_3_0", expected: "large_3_0"),
        BundleRow(
            testDescription: "asked for, and retired", original: "small_3_0", asked: "nano_2_0",
            expected: "bundleId: there is no active bundle \"nano_2_0\""),
        BundleRow(testDescription: "nothing is known", expected: "bundleId: what the original had is not known"),
        BundleRow(
            testDescription: "nothing is as large", original: "huge_old", expected: "bundleId: the original's, huge_old"
        ),
        BundleRow(
            testDescription: "a bundle that AWS does not list", original: "gone_1_0",
            expected: "bundleId: the original's, gone_1_0"),
    ])
    func bundle(row: BundleRow) {
        do throws(RestoreError) {
            let choice = try BundleChoice(
                original: row.original, asked: row.asked, gibibytes: row.gibibytes, among: RestoreChoiceTests.bundles)
            #expect(choice.bundle == row.expected)
            #expect((choice.remark != nil) == row.isTold)
        } catch {
            #expect(error.description.hasPrefix(row.expected), "\(error)")
        }
    }

    @Test(
        arguments: [
            ("the original's", nil, "us-east-1b", "us-east-1b", false),
            ("its letter in another region", nil, "eu-west-1c", "us-east-1c", false),
            ("a letter that is not there", nil, "us-east-1f", "us-east-1a", true),
            ("nothing is known", nil, nil, "us-east-1a", true),
            ("asked for", "us-east-1c", "us-east-1b", "us-east-1c", false),
            (
                "asked for, and not there", "us-east-1z", nil,
                "availabilityZone: \"us-east-1z\" is not to be had in us-east-1; there are us-east-1a, us-east-1b, us-east-1c",
                false
            ),
        ] as [(String, String?, String?, String, Bool)])
    func zone(name: String, asked: String?, original: String?, expected: String, isTold: Bool) {
        let zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
        do throws(RestoreError) {
            let choice = try ZoneChoice(asked: asked, original: original, among: zones, in: Region("us-east-1"))
            #expect(choice.zone == expected && (choice.remark != nil) == isTold, "\(name)")
        } catch {
            #expect(error.description == expected, "\(name)")
        }
    }

    @Test(
        arguments: [
            ("free", [:], "blog"), ("another has it", ["blog": false], "blog-restored-20261120T020000Z"),
            ("an earlier run has it", ["blog": true], "blog"),
            (
                "an earlier run took the other name, and the first is free again",
                ["blog-restored-20261120T020000Z": true],
                "blog-restored-20261120T020000Z"
            ),
            ("both are another's", ["blog": false, "blog-restored-20261120T020000Z": false], nil),
        ] as [(String, [String: Bool], String?)])
    func name(title: String, holders: [String: Bool], expected: String?) throws {
        let slot = try #require(Moment(rfc3339: "2026-11-20T02:00:00Z"))
        let name = try? LightsailNaming.name(after: "blog", slot: slot) { name in
            holders[name].map { $0 ? .us : .another } ?? .nobody
        }
        #expect(name == expected, "\(title)")
    }

    @Test func longAndStrangeNamesBecomeSuchAsTheAPITakes() throws {
        let slot = try #require(Moment(rfc3339: "2026-11-20T02:00:00Z"))
        let long = String(repeating: "a.b", count: 90)
        let name = try LightsailNaming.name(after: long, slot: slot) { $0.hasSuffix("Z") ? .nobody : .another }
        #expect(LightsailResourceName.fault("instanceNames", name) == nil, "\(name)")
    }

    /// A firewall is the same once it was written as words and read again, in whatever order its parts are.
    @Test func theFirewallSurvives() {
        var instance = LightsailInstance(name: "blog", arn: "arn:aws:lightsail:us-east-1:1:Instance/x")
        let ports = [
            LightsailPort(
                "tcp", 22, 22, cidrs: ["10.0.0.0/8", "192.0.2.1/32"], cidrListAliases: ["lightsail-connect"]),
            LightsailPort("tcp", 8000, 8010, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"]),
            LightsailPort("icmp", 8, -1, cidrs: ["0.0.0.0/0"]), LightsailPort("icmp", -1, -1, cidrs: ["10.0.0.0/8"]),
            LightsailPort("icmpv6", -1, -1, ipv6Cidrs: ["2001:db8::/32"]),
            LightsailPort("all", 0, 65_535, cidrs: ["198.51.100.0/24"]),
        ]
        instance.networking = LightsailInstance.Networking(ports: ports)
        let read = Sidecar(text: Sidecar(of: instance).tagTexts.joined(separator: " ")).ports
        #expect(read?.opensLike(ports) == true, "\(read ?? [])")
        #expect(read?.opensLike(Array(ports.dropLast())) == false)
        var closed = instance
        closed.networking = LightsailInstance.Networking(ports: [])
        #expect(Sidecar(of: closed).ports == [], "all closed is known to be so")
        #expect(Sidecar(text: "type=x more").ports == nil, "whether there were ports is not known")
    }

    @Test func userDataIsNotShown() {
        var request = CreateInstancesFromSnapshotRequest(
            instanceNames: ["blog"], availabilityZone: "us-east-1a", bundleId: "small_3_0")
        request.userData = "password=secret"
        let shown = request.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "\n")
        #expect(shown.contains("userData=15 bytes") && !shown.contains("secret"))
        var launch = RunInstancesRequest(clientToken: "t")
        launch.userData = "c2VjcmV0"
        #expect(!launch.parameters.contains { $0.value == "c2VjcmV0" })
    }
}
