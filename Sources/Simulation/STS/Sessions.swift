package import AWS
import BackupCore

/// A role that can be taken on.
struct SimulatedRole: Sendable {
    let arn: String
    /// What its trust policy asks for.
    let externalID: String?
    /// Seconds of its longest session.
    let longest: Int
    /// The one token that its identity provider has written; without one it trusts no web identity.
    let webIdentityToken: String?

    /// Of `arn:aws:iam::111122223333:role/path/name`: partition, account and name; nil if it is none such.
    static func parts(of arn: String) -> (partition: String, account: String, name: String)? {
        let fields = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0] == "arn", fields[2] == "iam", fields[4].count == 12,
            fields[5].hasPrefix("role/"), let name = fields[5].split(separator: "/").last
        else { return nil }
        return (String(fields[1]), String(fields[4]), String(name))
    }
}

/// A role that was taken on.
package struct SimulatedSession: Sendable {
    package let credentials: Credentials
    let account: String
    let user: AssumedRoleUser
}

extension World {
    /// The keys of a session, by their id; for checking what they sign.
    package func session(_ accessKeyID: String) -> SimulatedSession? { sessions[accessKeyID] }
}
