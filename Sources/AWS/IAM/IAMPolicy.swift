import FoundationEssentials

/// An identity-based policy as IAM takes it.
///
/// Source: IAM User Guide, "IAM JSON policy elements reference".
package struct IAMPolicy: Encodable, Sendable, Equatable {
    /// Which calls are allowed, on what, and on which conditions.
    package struct Statement: Encodable, Sendable, Equatable {
        /// Letters and digits alone.
        package var sid: String
        package var actions: [String]
        package var resources: [String]
        /// Operator, key, values: all have to hold, of the values any.
        package var conditions: [String: [String: [String]]] = [:]
    }

    package var statements: [Statement]

    /// What a managed policy may hold, white space not counted (IAM User Guide, "IAM and AWS STS quotas").
    package static let managedLimit = 6_144
    /// The same of all of a role's inline policies together.
    package static let inlineLimit = 10_240

    /// The whole document, indented, keys in a fixed order.
    package var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Its size as IAM counts it: characters that are no white space.
    package var size: Int {
        get throws { try text.unicodeScalars.count { !$0.properties.isWhitespace } }
    }

    /// What IAM would say against its size; nil if it fits into one managed policy.
    package var sizeWarning: String? {
        get throws {
            let size = try size
            guard size > IAMPolicy.managedLimit else { return nil }
            let start = "the policy has \(size) characters, and a managed policy holds \(IAMPolicy.managedLimit)"
            return size <= IAMPolicy.inlineLimit
                ? "\(start): write it into the role itself, which holds \(IAMPolicy.inlineLimit)"
                : "\(start), a role itself \(IAMPolicy.inlineLimit): make managed policies of its statements, "
                    + "and attach them all"
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: PolicyKey.self)
        try container.encode("2012-10-17", forKey: .version)
        try container.encode(statements, forKey: .statement)
    }

    private enum PolicyKey: String, CodingKey {
        case version = "Version"
        case statement = "Statement"
    }
}

extension IAMPolicy.Statement {
    private enum Key: String, CodingKey {
        case sid = "Sid"
        case effect = "Effect"
        case action = "Action"
        case resource = "Resource"
        case condition = "Condition"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(sid, forKey: .sid)
        try container.encode("Allow", forKey: .effect)
        try container.encode(OneOrMore(actions), forKey: .action)
        try container.encode(OneOrMore(resources), forKey: .resource)
        guard !conditions.isEmpty else { return }
        try container.encode(conditions.mapValues { $0.mapValues(OneOrMore.init) }, forKey: .condition)
    }
}

/// A list that stands for itself where it has one element, as people write policies.
private struct OneOrMore: Encodable {
    let values: [String]

    init(_ values: [String]) { self.values = values }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if values.count == 1 { try container.encode(values[0]) } else { try container.encode(values) }
    }
}
