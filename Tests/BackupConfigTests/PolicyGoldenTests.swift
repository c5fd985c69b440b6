import BackupConfig
import BackupCore
import Glibc
import Testing

/// What the plan says of each of many small policies, kept as golden files that people have read.
///
/// After a change that is meant: `SNAPWARDEN_GOLDEN=write swift test --filter PolicyGoldenTests`, then read the diff.
@Suite struct PolicyGoldenTests {
    private static let folder = "Tests/BackupConfigTests"

    @Test(arguments: ["policies", "limits", "changed"]) func planIsAsItWas(name: String) throws {
        let reading = ConfigurationFile.read(
            try Files.text("\(PolicyGoldenTests.folder)/Fixtures/policies/\(name).yaml"), file: "\(name).yaml")
        #expect(reading.problems == [] && reading.warnings == [])
        let configuration = try #require(reading.configuration)
        let lines =
            ["Now is \(SyntheticFleet.now)."]
            + configuration.policies.flatMap { PolicyGoldenTests.lines(of: $0, configuration) }
        let path = "\(PolicyGoldenTests.folder)/Golden/policies/\(name).txt"
        if getenv("SNAPWARDEN_GOLDEN").map({ String(cString: $0) }) == "write" { try Files.write(lines, to: path) }
        let golden = try Files.text(path).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        let difference = lines.difference(from: golden.map(String.init))
        #expect(
            difference.isEmpty,
            """
            \(path) differs:
            \(difference.map(\.text).joined(separator: "\n"))
            If that is meant: SNAPWARDEN_GOLDEN=write swift test --filter PolicyGoldenTests, and read the diff.
            """)
    }

    @Test func thereAreEnoughOfThem() throws {
        let names = try ["policies", "limits", "changed"].flatMap { name in
            let text = try Files.text("\(PolicyGoldenTests.folder)/Fixtures/policies/\(name).yaml")
            return ConfigurationFile.read(text, file: name).configuration?.policies.map(\.name) ?? []
        }
        #expect(Set(names).count == names.count && names.count >= 60)
    }

    /// The plan for one policy alone: what AWS takes at once is shared between policies, and no matter here.
    private static func lines(of policy: Policy, _ configuration: Configuration) -> [String] {
        let fleet = SyntheticFleet(policy: policy)
        var configuration = configuration
        configuration.policies = [policy]
        let plan = Planner(
            configuration: configuration, inventory: fleet.inventory,
            memory: memory(of: fleet, isChanged: configuration.timing.pruneGrace == .seconds(36 * 3600)),
            now: SyntheticFleet.now
        ).plan()
        return PlanText(policy: policy, inventory: fleet.inventory, plan: plan).lines
    }

    /// The ledger of an installation that has run since 2024 and passed an hour ago; the gone resource was missed ten
    /// days ago.
    private static func memory(of fleet: SyntheticFleet, isChanged: Bool) -> Memory {
        let installed = SyntheticFleet.time("2024-01-01T00:00:00Z")
        var memory = Memory()
        memory.installed = installed
        memory.lastPass = SyntheticFleet.time("2026-11-20T11:00:00Z")
        memory.retention = RetentionInForce(
            text: "", since: isChanged ? SyntheticFleet.time("2026-11-19T00:00:00Z") : installed)
        for resource in SyntheticFleet.before where resource.name != "new-1" {
            memory.firstSeen[Pair(policy: fleet.policy.name, resource: resource.id)] = installed
        }
        memory.absent[Pair(policy: fleet.policy.name, resource: ResourceID("i-gone"))] =
            SyntheticFleet.time("2026-11-10T00:00:00Z")
        if isChanged {
            for point in fleet.inventory.points where point.slot < SyntheticFleet.time("2026-11-10T00:00:00Z") {
                memory.candidates[point.id] = SyntheticFleet.time("2026-11-19T00:00:00Z")
            }
        }
        return memory
    }
}

extension CollectionDifference<String>.Change {
    fileprivate var text: String {
        switch self {
        case .insert(let line, let text, _): "+ \(line + 1): \(text)"
        case .remove(let line, let text, _): "- \(line + 1): \(text)"
        }
    }
}

extension Files {
    /// Replaces one of the repository's files.
    static func write(_ lines: [String], to path: String) throws {
        let file = try #require(fopen("\(root)/\(path)", "we"), "\(path) cannot be written")
        defer { fclose(file) }
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
