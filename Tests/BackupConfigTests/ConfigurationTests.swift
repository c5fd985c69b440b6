import BackupConfig
import BackupCore
import Glibc
import Testing

/// The repository's own files, found from this one.
enum Files {
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
        separator: "/")

    static func text(_ path: String) throws -> String {
        let file = try #require(fopen("\(root)/\(path)", "re"), "\(path) is missing")
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

func problems(_ text: String) -> [String] {
    ConfigurationFile.read(text, file: "c.yaml").problems.map(\.description)
}

@Suite struct ConfigurationTests {
    static let minimal = """
        fleet: acme
        policies:
          web:
            regions: [us-east-1]
            select: { ec2-instances: { names: ["web-*"] } }
            schedule: { every: 6h }
        """

    @Test(arguments: [
        "config/snapwarden.yaml", "config/samples/lightsail-only.yaml", "config/samples/two-tiers.yaml",
        "config/samples/vault-account.yaml",
        "config/samples/everything-in-lightsail.yaml",
        "config/samples/lightsail-automatic.yaml",
    ])
    func shippedFileIsLegal(path: String) throws {
        let reading = ConfigurationFile.load("\(Files.root)/\(path)")
        #expect(reading.problems == [] && reading.warnings == [])
        #expect(reading.configuration != nil)
    }

    @Test func commentedExampleIsLegal() throws {
        let text = try Files.text("config/snapwarden.yaml").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { $0 != "policies: {}" }
            .map { line in
                // Prose begins with "# " and a word; what may be uncommented does not.
                let isProse = line == "#" || (line.hasPrefix("# ") && !line.hasPrefix("#  "))
                let isCode = line.hasPrefix("#") && !isProse
                return isCode ? line.dropFirst() : line
            }
            .joined(separator: "\n")
        let reading = ConfigurationFile.read(text, file: "c.yaml")
        #expect(reading.problems == [])
        #expect(reading.configuration?.policies.map(\.name.rawValue) == ["web-nightly"])
        #expect(reading.configuration?.timing == Timing())
    }

    @Test(arguments: [
        ("history: 730d", 730, nil), ("history: 30d", 30, nil),
        ("history: 29d", 29, "c.yaml:2:1: history: 30d at least"),
        ("prune-grace: 1h", 400, nil),
    ])
    func historyIsKeptAMonthAtLeast(line: String, days: Int, problem: String?) {
        let reading = ConfigurationFile.read("fleet: acme\n\(line)\npolicies: {}\n", file: "c.yaml")
        #expect(reading.problems.map(\.description) == [problem].compactMap { $0 })
        if problem == nil { #expect(reading.configuration?.timing.history == .seconds(days * 86_400)) }
    }

    @Test(arguments: ["ten-mistakes", "schedule-mistakes", "account-mistakes"])
    func everyMistakeIsAProblemWithItsPlace(name: String) throws {
        let text = try Files.text("Tests/BackupConfigTests/Fixtures/\(name).yaml")
        let golden = try Files.text("Tests/BackupConfigTests/Golden/\(name).txt")
        let found = ConfigurationFile.read(text, file: "\(name).yaml").problems.map(\.description)
        #expect(found.joined(separator: "\n") + "\n" == golden)
        #expect(found.count >= 10)
    }

    @Test func everyKeyArrives() throws {
        let reading = ConfigurationFile.load("\(Files.root)/config/samples/two-tiers.yaml")
        let policy = try #require(reading.configuration?.policies.first)
        #expect(policy.regions == [Region("us-east-1"), Region("us-west-2")])
        #expect(policy.exclusion.bootVolume)
        #expect(policy.exclusion.volumeTags == [TagMatch(key: "scratch", values: [Glob("*")])])
        #expect(policy.retention == Retention(last: 24, daily: 14))
        #expect(policy.tags == TagRules(copyFromVolume: true, add: ["CostCenter": "data"]))
        #expect(policy.objective == Objective(local: .seconds(7200)))
        let nightly = try #require(reading.configuration?.policies.last)
        #expect(nightly.copies == [CopyRule(region: Region("eu-west-1"), kmsKey: "alias/dr")])
        #expect(nightly.schedules.first?.zone.name == "America/New_York")
    }

    static let refusals: [(change: (String, String), problem: String)] = [
        (
            ("schedule: { every: 6h }", "schedule: { every: 6 }"),
            "c.yaml:6:24: every: \"6\" has no unit: write 6s, 6min, 6h or 6d"
        ),
        (
            ("schedule: { every: 6h }", "schedule: { every: 6m }"),
            "c.yaml:6:24: every: \"6m\" is ambiguous: write 6min or 6mo"
        ),
        (
            ("schedule: { every: 6h }", "schedule: { every: 30s }"),
            "c.yaml:6:24: every: expected whole minutes, one at least, got \"30s\""
        ),
        (("fleet: acme", "fleet: *acme"), "c.yaml:1:8: aliases (*name) are not allowed: write the value out"),
        (("fleet: acme", "fleet: &a acme"), "c.yaml:1:8: anchors (&name) are not allowed"),
        (("fleet: acme", "fleet: !x acme"), "c.yaml:1:8: tags (!name) are not allowed"),
        (("fleet: acme", "fleet: acme\nfleet: b"), "c.yaml:2:1: duplicate key \"fleet\" (first at 1:1): keep one"),
        (("  web:", "  web--x:"), "c.yaml:3:3: policy: \"web--x\" is not a name"),
        (("{ names: [\"web-*\"] }", "{}"), "c.yaml:5:30: ec2-instances: selects nothing"),
        (
            ("ec2-instances: {", "ec2-volume: {"),
            "c.yaml:5:15: select: unknown key \"ec2-volume\" (did you mean \"ec2-volumes\"?)"
        ),
        (("{ ec2-instances: { names: [\"web-*\"] } }", "{}"), "c.yaml:5:13: select: selects nothing: name one of ec2-"),
        (("ec2-instances: { names: [\"web-*\"] }", "ec2-volumes: {}"), "c.yaml:5:28: ec2-volumes: selects nothing"),
        (("select:", "retention: {}\n    select:"), "c.yaml:5:16: retention: keeps nothing"),
        (
            ("select:", "retention: { keep-last: 0 }\n    select:"),
            "c.yaml:5:29: keep-last: expected a whole number of 1 or more, or all, got \"0\""
        ),
        (("select:", "spread: 10min\n    select:"), "c.yaml:5:5: policy \"web\": unknown key \"spread\""),
        (("select:", "rpo: { dr: 1h }\n    select:"), "c.yaml:5:12: rpo: dr needs a destination"),
        (
            ("select:", "tags: { add: { \"snapwarden:x\": y } }\n    select:"),
            "c.yaml:5:21: add: \"snapwarden:x\": the prefixes"
        ),
    ]

    @Test(arguments: refusals.indices) func refuses(index: Int) {
        let row = ConfigurationTests.refusals[index]
        let text = ConfigurationTests.replace(row.change.0, by: row.change.1)
        let found = problems(text)
        #expect(found.contains { $0.hasPrefix(row.problem) }, "\(found)")
    }

    private static func replace(_ old: String, by new: String) -> String {
        var lines = minimal.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (index, line) in lines.enumerated() {
            if let start = (0...max(0, line.count - old.count)).first(where: { line.dropFirst($0).hasPrefix(old) }) {
                lines[index] = String(line.prefix(start)) + new + line.dropFirst(start + old.count)
                break
            }
        }
        return lines.joined(separator: "\n")
    }

    @Test func everyKindArrives() throws {
        for kind in ResourceKind.allCases {
            let text = ConfigurationTests.replace("ec2-instances", by: kind.rawValue)
            let reading = ConfigurationFile.read(text, file: "c.yaml")
            #expect(reading.problems == [] && reading.warnings == [])
            let selection = try #require(reading.configuration?.policies.first).selection
            #expect(selection.kinds == [kind])
            #expect(selection[kind] == ResourceSelector(names: [Glob("web-*")]))
        }
    }

    static let automatic = """
        fleet: acme
        policies:
          web:
            regions: [us-east-1]
            select: { lightsail-instances: { names: ["*"] }, lightsail-disks: { names: ["*"] } }
            source: automatic
            automatic-snapshots: 02:00
            copies: [{ region: eu-west-1 }]
        """

    @Test func automaticSourcesArrive() throws {
        let reading = ConfigurationFile.read(ConfigurationTests.automatic, file: "c.yaml")
        #expect(reading.problems == [] && reading.warnings == [])
        let policy = try #require(reading.configuration?.policies.first)
        #expect(policy.source == .automatic && policy.automatic == .daily(hour: 2))
        #expect(policy.schedules.map(\.text) == ["cron 0 0 * * * UTC"] && policy.zone.name == "UTC")
        let off = ConfigurationTests.automatic.replacing("02:00", with: "off")
        #expect(ConfigurationFile.read(off, file: "c.yaml").configuration?.policies.first?.automatic == .off)
        let scopes = try #require(reading.configuration).scopes
        #expect(scopes[Place(.lightsailDisks, Region("us-east-1"))]?.automatic == [policy])
        #expect(scopes[Place(.lightsail, Region("eu-west-1"))] == Scope())
    }

    static let automaticRefusals: [(String, String, String)] = [
        ("source: automatic", "source: automatc", "c.yaml:6:13: source: expected own, or automatic to copy"),
        (
            "automatic-snapshots: 02:00", "automatic-snapshots: 02:30",
            "c.yaml:7:26: automatic-snapshots: expected a whole hour UTC such as \"02:00\", or off, got \"02:30\""
        ),
        (
            "automatic-snapshots: 02:00", "schedule: { every: 6h }",
            "c.yaml:7:5: schedule: Lightsail takes its automatic snapshots by itself: leave schedule out"
        ),
        (
            "    copies: [{ region: eu-west-1 }]", "",
            "c.yaml:6:5: source: automatic snapshots are copied and nothing else: say where to"
        ),
        (
            "lightsail-disks", "ec2-volumes",
            "c.yaml:6:5: source: there are no automatic snapshots of ec2-volumes: give them a policy of their own"
        ),
        (
            "source: automatic\n", "schedule: { every: 6h }\n", "",
        ),
        (
            "lightsail-instances: { names: [\"*\"] }, lightsail-disks", "lightsail-databases",
            "c.yaml:7:5: automatic-snapshots: only Lightsail's instances and disks have them"
        ),
    ]

    @Test(arguments: automaticRefusals.indices) func refusesOfAutomaticSources(index: Int) {
        let row = ConfigurationTests.automaticRefusals[index]
        let found = problems(ConfigurationTests.automatic.replacing(row.0, with: row.1))
        #expect(row.2.isEmpty ? found == [] : found.contains { $0.hasPrefix(row.2) }, "\(found)")
    }

    @Test func databasesCannotBeCopied() {
        let text =
            ConfigurationTests.replace(
                "ec2-instances: { names: [\"web-*\"] }", by: "lightsail-databases: { names: [\"*\"] }")
            + "\n    copies: [{ region: eu-west-1 }]"
        #expect(
            problems(text) == [
                "c.yaml:7:5: copies: Lightsail cannot copy a database's snapshots to another region: give "
                    + "lightsail-databases a policy of their own, without copies"
            ])
        #expect(problems(text.replacing("lightsail-databases", with: "lightsail-disks")) == [])
    }

    @Test func whatOnlyEC2KnowsIsSaidToBeVoid() {
        let void = "exclude: { boot-volume: true }\n    location: regional\n    select:"
        let of = { (kind: ResourceKind) in
            ConfigurationFile.read(
                ConfigurationTests.replace("select:", by: void).replacing("ec2-instances", with: kind.rawValue),
                file: "c.yaml"
            ).warnings.map(\.description)
        }
        #expect(of(.ec2Instance) == [] && of(.ec2Volume) == [])
        #expect(
            of(.lightsailInstance) == [
                "c.yaml:5:5: exclude: has no effect without ec2-instances or ec2-volumes",
                "c.yaml:6:5: location: has no effect without ec2-instances or ec2-volumes",
            ])
    }

    @Test func schedulesArrive() throws {
        let text = ConfigurationTests.replace(
            "schedule: { every: 6h }",
            by: """
                schedule:
                      - { at: ["02:00", "14:00"], on: [mon..fri], time-zone: Europe/Berlin, spread: 10min }
                      - { calendar: "Sun *-*-1..7 03:00 America/New_York", missed: skip }
                      - { aws: "cron(0 2 L * ? *)", missed: { run-once-within: 6h } }
                    blackout: { from: "22:00", to: "24:00", on: [sat, sun], of: [prunes] }
                """)
        let reading = ConfigurationFile.read(text, file: "c.yaml")
        #expect(reading.problems == [])
        let policy = try #require(reading.configuration?.policies.first)
        #expect(
            policy.schedules.map(\.text) == [
                "at 02:00 14:00 on mon tue wed thu fri Europe/Berlin",
                "calendar Sun *-*-1..7 03:00 America/New_York America/New_York", "aws cron(0 2 L * ? *) UTC",
            ])
        #expect(policy.schedules.map(\.spread) == [.seconds(600), .zero, .zero])
        #expect(
            policy.schedules.map(\.missed) == [.runOnce(within: nil), .skip, .runOnce(within: .seconds(21_600))])
        // Saturday the 21st in Berlin, whose zone is that of the first schedule.
        let blackout = policy.blackouts
        let inside = try #require(Moment(rfc3339: "2026-11-21T21:30:00Z"))
        #expect(blackout.firstOpening(for: .prunes, from: inside) == Moment(rfc3339: "2026-11-21T23:00:00Z"))
        #expect(blackout.firstOpening(for: .backups, from: inside) == inside)
        #expect(blackout.firstOpening(for: .prunes, from: inside - .seconds(7200)) == inside - .seconds(7200))
    }

    @Test func blackoutsThatNeverEndAreRefused() {
        let text = ConfigurationTests.replace(
            "select:",
            by: "blackout: [{ from: \"08:00\", to: \"18:00\" }, { from: \"18:00\", to: \"08:00\" }]\n    select:")
        #expect(problems(text) == ["c.yaml:5:15: blackout: leaves no minute of the week to start in"])
    }

    @Test func bombsAreRefused() {
        let deep = String(repeating: "[", count: 10_000)
        #expect(problems(deep).contains { $0.contains("nested deeper than 32 levels") })
        let wide = "fleet: [" + String(repeating: "a,", count: 250_000) + "]"
        #expect(problems(wide).contains { $0.contains("more than 200000 values") })
        #expect(
            problems(String(repeating: "# comment\n", count: 500_000)).contains { $0.contains("larger than 4 MiB") })
    }

    @Test func scalarsAreWhatTheyLookLike() {
        let text = ConfigurationTests.minimal + "\n    tags: { add: { a: 22:00, b: no, c: 010, d: 1e3, e: \"~\" } }"
        let reading = ConfigurationFile.read(text, file: "c.yaml")
        let add = reading.configuration?.policies.first?.tags.add
        #expect(reading.problems.map(\.description).contains { $0.contains("\"~\" cannot be a tag's value") })
        #expect(add == nil)
    }
}
