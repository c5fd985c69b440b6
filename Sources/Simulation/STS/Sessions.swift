package import AWS
import BackupCore

/// A role that can be taken on.
struct SimulatedRole: Sendable {
    let arn: RoleARN
    /// What its trust policy asks for.
    let externalID: String?
    /// Seconds of its longest session.
    let longest: Int
    /// The one token that its identity provider has written; without one it trusts no web identity.
    let webIdentityToken: String?
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
