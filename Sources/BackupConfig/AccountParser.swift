import BackupCore

/// Which account each name in the config means, and by which role it is entered.
struct Accounts {
    private(set) var roles: [AccountID: AccountRole] = [:]
    private var ids: [String: AccountID] = [AccountID.standard.rawValue: .standard]

    /// The account of whatever names none.
    var standard: AccountID { ids[AccountID.standard.rawValue] ?? .standard }

    mutating func add(_ role: AccountRole) {
        roles[role.arn.account] = role
        ids[role.name] = role.arn.account
    }

    /// The account of that name; nil, with a problem said, if there is none.
    func id(_ name: (text: String, mark: Mark), _ problems: Problems) -> AccountID? {
        if let id = ids[name.text] { return id }
        let known = ids.keys.sorted()
        problems.add(
            name.mark,
            "account: \"\(name.text)\" is not under accounts\(Suggestion.text(for: name.text, among: known)): known are "
                + known.joined(separator: ", "))
        return nil
    }
}

/// Reads `accounts`.
///
/// Source of the limits: STS API reference, AssumeRole.
struct AccountParser {
    let problems: Problems

    private static let keys = ["role-arn", "external-id", "session-name", "duration"]

    func accounts(_ node: Node) -> Accounts {
        var accounts = Accounts()
        guard case .mapping(let entries, _) = node else {
            problems.add(
                node.mark,
                "accounts: expected a mapping of names to roles, as in prod: { role-arn: arn:aws:iam::111122223333:role/snapwarden }"
            )
            return accounts
        }
        for entry in entries {
            guard let role = account(entry) else { continue }
            if let other = accounts.roles[role.arn.account] {
                problems.add(
                    entry.mark,
                    "accounts: \"\(entry.key)\" and \"\(other.name)\" are both account \(role.arn.account): keep one, and name it everywhere"
                )
            } else {
                accounts.add(role)
            }
        }
        return accounts
    }

    private func account(_ entry: Node.Entry) -> AccountRole? {
        let title = "account \"\(entry.key)\""
        guard let reader = MappingReader(entry.value, title, known: AccountParser.keys, problems),
            reader.require("role-arn", "say which role, as in role-arn: arn:aws:iam::111122223333:role/snapwarden")
                != nil,
            let (written, mark) = reader.text("role-arn")
        else { return nil }
        guard let arn = RoleARN(written) else {
            problems.add(
                mark, "role-arn: expected a role's ARN, arn:aws:iam::111122223333:role/snapwarden, got \"\(written)\"")
            return nil
        }
        var role = AccountRole(name: entry.key, arn: arn)
        role.externalID = text("external-id", of: 2...1224, also: "+=,.@:/-", reader)
        role.sessionName = text("session-name", of: 2...64, also: "+=,.@-", reader) ?? role.sessionName
        if let duration = reader.duration("duration") {
            if !(.seconds(900) ... .seconds(43_200)).contains(duration) {
                problems.add(reader.mark(of: "duration"), "duration: 15min to 12h, as far as the role allows")
            }
            role.duration = duration
        }
        return role
    }

    /// Letters, digits, `_` and some more, so many of them.
    private func text(
        _ key: String, of lengths: ClosedRange<Int>, also more: String, _ reader: MappingReader
    ) -> String? {
        guard let (text, mark) = reader.text(key) else { return nil }
        let isGood = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || more.contains($0)) }
        guard lengths.contains(text.count), isGood else {
            problems.add(
                mark,
                "\(key): \(lengths.lowerBound) to \(lengths.upperBound) letters, digits and _\(more), got \(text.count) "
                    + "characters\(isGood ? "" : " with others among them")")
            return nil
        }
        return text
    }
}
