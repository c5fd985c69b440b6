/// A KMS key by one of its four names: id, alias, or the ARN of either.
///
/// Source: EC2 API reference, CopySnapshot, "KmsKeyId"; KMS Developer Guide, "Key identifiers (KeyId)"; KMS API reference,
/// CreateAlias, "AliasName".
package struct KeyName: Hashable, Sendable {
    /// `arn:aws:kms:eu-west-1:111122223333` in its parts; nil without an ARN, in which case it is of the caller's account
    /// and of the region that is asked.
    package struct Owner: Hashable, Sendable {
        package let partition: String
        package let region: Region
        package let account: String
    }

    package let owner: Owner?
    /// `alias/dr`, or the id.
    package let name: String

    package var isAlias: Bool { name.hasPrefix(KeyName.aliasPrefix) }

    private static let aliasPrefix = "alias/"

    /// - Throws: ``BadKeyName``, which says what to write instead.
    package init(_ text: String) throws(BadKeyName) {
        guard text.hasPrefix("arn:") else {
            owner = nil
            name = text
            guard KeyName.isAlias(text) || KeyName.isID(text) else { throw KeyName.refusal(of: text) }
            return
        }
        let fields = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 6, fields[2] == "kms", KeyName.isAccount(fields[4]) else {
            throw BadKeyName("\"\(text)\" is no key's ARN: it is like \(KeyName.example)")
        }
        owner = Owner(partition: fields[1], region: Region(fields[3]), account: fields[4])
        let isKey = fields[5].hasPrefix("key/")
        name = isKey ? String(fields[5].dropFirst(4)) : fields[5]
        guard isKey ? KeyName.isID(name) : KeyName.isAlias(name) else {
            throw BadKeyName("\"\(text)\" is no key's ARN: it is like \(KeyName.example)")
        }
    }

    private static let example =
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, or ends in :alias/NAME"

    private static func refusal(of text: String) -> BadKeyName {
        if text.hasPrefix("key/"), isID(String(text.dropFirst(4))) {
            return BadKeyName("\"\(text)\" is only the end of an ARN: write \(text.dropFirst(4))")
        }
        let isBareAlias = !text.hasPrefix(aliasPrefix) && isAlias(aliasPrefix + text)
        let hint = isBareAlias ? "write \(aliasPrefix)\(text) if that is its alias, else" : "write its alias,"
        return BadKeyName(
            "\"\(text)\" is no key's name: \(hint) its id, such as 1234abcd-12ab-34cd-56ef-1234567890ab, or its ARN")
    }

    private static func isAlias(_ text: String) -> Bool {
        guard text.hasPrefix(aliasPrefix), text.count <= 256 else { return false }
        let rest = text.dropFirst(aliasPrefix.count)
        return !rest.isEmpty
            && rest.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0 || "/_-".unicodeScalars.contains($0))
            }
    }

    /// A UUID, or of a key in several regions `mrk-` and one without hyphens.
    private static func isID(_ text: String) -> Bool {
        let lengths = text.hasPrefix("mrk-") ? [3, 32] : [8, 4, 4, 4, 12]
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let digits = text.hasPrefix("mrk-") ? parts.dropFirst() : parts[...]
        return parts.map(\.count) == lengths && digits.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
    }

    private static func isAccount(_ text: String) -> Bool { text.count == 12 && text.allSatisfy { "0"..."9" ~= $0 } }

    /// Whether both can be names of one key of a region.
    ///
    /// An alias does not tell which key it stands for, nor a name without an ARN which account is meant.
    package func canBe(_ other: KeyName) -> Bool {
        if let owner, let theirs = other.owner, owner.account != theirs.account { return false }
        return isAlias != other.isAlias || name.lowercased() == other.name.lowercased()
    }
}

/// Why a text is no key's name, and what to write instead.
package struct BadKeyName: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
