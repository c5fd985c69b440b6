import BackupCore

/// KMS, where copies name a key: EC2 uses it in our name, and we look at it ourselves (`doctor`).
///
/// A policy cannot name a key by its alias; the condition `kms:ResourceAliases` can (KMS Developer Guide, "Use aliases to
/// control access to KMS keys"). What EC2 needs: EBS User Guide, "Copy an EBS snapshot", "Permissions".
extension LeastPrivilege {
    /// Keys of copies that one statement can name.
    private struct Keys: Hashable {
        var region: Region
        var resource: String
        var alias: String?

        init(_ text: String, in region: Region) {
            self.region = region
            let whole = text.hasPrefix("arn:")
            let start =
                whole
                ? text.split(separator: ":").prefix(5).joined(separator: ":")
                : "arn:\(region.partition):kms:\(region):*"
            let name = whole ? String(text.split(separator: ":").last ?? "") : text
            if name.hasPrefix("alias/") {
                (resource, alias) = (start + ":key/*", name)
            } else {
                resource = name.hasPrefix("key/") ? "\(start):\(name)" : "\(start):key/\(name)"
            }
        }
    }

    var keyStatements: [IAMPolicy.Statement] {
        let rules = arrivals.filter { $0.policy.selects(from: .ec2) }.map(\.rule)
        let keys = Set(rules.compactMap { rule in rule.kmsKey.map { Keys($0, in: rule.region) } })
        // What another account shares is under a key of a customer, or under none.
        let isShared = arrivals.contains { $0.policy.account != account && $0.policy.selects(from: .ec2) }
        guard !keys.isEmpty || isShared else { return [] }
        let groups = Dictionary(grouping: keys, by: \.alias).sorted { ($0.key ?? "") < ($1.key ?? "") }
        return groups.enumerated().flatMap { index, group in
            statements(using: group.value.sorted { $0.resource < $1.resource }, alias: group.key, number: index + 1)
        } + readingOfSources
    }

    private func statements(using keys: [Keys], alias: String?, number: Int) -> [IAMPolicy.Statement] {
        let resources = keys.map(\.resource)
        let named = alias.map { ["ForAnyValue:StringEquals": ["kms:ResourceAliases": [$0]]] } ?? [:]
        func statement(
            _ sid: String, _ actions: [String], _ more: [String: [String: [String]]] = [:]
        ) -> IAMPolicy.Statement {
            IAMPolicy.Statement(
                sid: sid + String(number), actions: actions.map { "kms:\($0)" }, resources: resources,
                conditions: named.merging(more, uniquingKeysWith: { $1 }))
        }
        return [
            statement("SeeKeyOfCopies", ["DescribeKey"]),
            statement(
                "UseKeyOfCopies", ["Decrypt", "GenerateDataKey*", "ReEncrypt*"],
                ["StringEquals": ["kms:ViaService": viaEC2(keys.map(\.region))]]),
            statement("GrantKeyOfCopies", ["CreateGrant"], ["Bool": ["kms:GrantIsForAWSResource": ["true"]]]),
        ]
    }

    /// What the sources are encrypted with is their volumes' business, and may be any key at home.
    private var readingOfSources: [IAMPolicy.Statement] {
        let homes = sources(of: .ec2)
        let keys = homes.map { "arn:\($0.partition):kms:\($0):*:key/*" }
        let viaEC2 = ["StringEquals": ["kms:ViaService": viaEC2(homes)]]
        return [
            IAMPolicy.Statement(
                sid: "ReadEncryptedSources", actions: ["kms:Decrypt", "kms:DescribeKey", "kms:ReEncrypt*"],
                resources: keys, conditions: viaEC2),
            IAMPolicy.Statement(
                sid: "GrantEncryptedSources", actions: ["kms:CreateGrant"], resources: keys,
                conditions: viaEC2.merging(["Bool": ["kms:GrantIsForAWSResource": ["true"]]], uniquingKeysWith: { $1 })),
        ]
    }

    private func viaEC2(_ regions: [Region]) -> [String] {
        Set(regions).sorted().map { "ec2.\($0).\($0.partition.domain)" }
    }
}
