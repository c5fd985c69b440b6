/// How an account is entered: STS AssumeRole's parameters.
package struct AccountRole: Sendable, Equatable {
    /// What the config calls it.
    package var name: String
    package var arn: RoleARN
    package var externalID: String?
    package var sessionName: String
    package var duration: Duration

    package init(
        name: String, arn: RoleARN, externalID: String? = nil, sessionName: String = "snapwarden",
        duration: Duration = .seconds(3600)
    ) {
        self.name = name
        self.arn = arn
        self.externalID = externalID
        self.sessionName = sessionName
        self.duration = duration
    }
}

/// A role's name for all the world: `arn:aws:iam::111122223333:role/path/name`.
///
/// Source: IAM User Guide, "IAM identifiers".
package struct RoleARN: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// Which of AWS's worlds it is in.
    package let partition: Partition
    package let account: AccountID
    /// Without its path.
    package let name: String

    /// Nil if the text is none such.
    package init?(_ text: String) {
        let fields = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0] == "arn",
            let partition = Partition.all.first(where: { $0.name == fields[1] }), fields[2] == "iam", fields[3].isEmpty,
            fields[4].count == 12, fields[4].allSatisfy({ ("0"..."9").contains($0) }), fields[5].hasPrefix("role/"),
            fields[5].last != "/", let name = fields[5].split(separator: "/").last
        else { return nil }
        description = text
        self.partition = partition
        account = AccountID(fields[4])
        self.name = String(name)
    }
}
