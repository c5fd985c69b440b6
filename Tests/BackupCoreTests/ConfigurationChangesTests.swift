import Testing

@testable import BackupCore

/// What a reload says of what has changed.
@Suite struct ConfigurationChangesTests {
    private static let rows: [(name: String, change: @Sendable (inout Configuration) -> Void, words: String)] = [
        ("nothing", { _ in }, ""),
        ("another order", { $0.policies.reverse() }, ""),
        ("one more", { $0.policies.append(named("new", $0.policies[0])) }, "added new"),
        ("none left", { $0.policies = [] }, "removed db, web"),
        ("renamed", { $0.policies[0].name = PolicyName("site") }, "added site; removed web"),
        (
            "two keys of one, one of the other",
            {
                $0.policies[0].retention = Retention(last: 7)
                $0.policies[0].regions = [Region("eu-west-1")]
                $0.policies[1].first = .now
            }, "changed db: first; changed web: regions, retention"
        ),
        ("what holds for all", { $0.apiBudget = 10 }, "changed for all: api-budget"),
        (
            "all at once",
            {
                $0.policies[0].name = PolicyName("site")
                $0.policies[1].notify = []
                $0.metricsFile = "/x.prom"
            }, "added site; removed web; changed db: notify; changed for all: metrics-file"
        ),
    ]

    @Test(arguments: rows.indices)
    func changes(row: Int) throws {
        let row = ConfigurationChangesTests.rows[row]
        var before = try Scene().configuration
        before.policies.append(ConfigurationChangesTests.named("db", before.policies[0]))
        var after = before
        row.change(&after)
        #expect(before.changes(to: after) == row.words, "\(row.name)")
    }

    private static func named(_ name: String, _ policy: Policy) -> Policy {
        var policy = policy
        policy.name = PolicyName(name)
        return policy
    }
}
