package import BackupCore

/// The STS operations that we use.
///
/// Source: STS API reference, version 2011-06-15.
package protocol STSReading: Sendable {
    func getCallerIdentity(in region: Region) async throws(AWSError) -> CallerIdentity
}

/// The operations that give credentials.
package protocol STSAssuming: Sendable {
    func assumeRole(_ request: AssumeRoleRequest, in region: Region) async throws(AWSError) -> AssumedRoleReply

    /// Unsigned: the token is the proof.
    func assumeRoleWithWebIdentity(
        _ request: AssumeRoleWithWebIdentityRequest, in region: Region
    ) async throws(AWSError) -> AssumedRoleReply
}

/// The operations' names.
package enum STS {
    package static let version = "2011-06-15"
    package static let getCallerIdentity = Operation(.sts, "GetCallerIdentity", isRepeatable: true)
    package static let assumeRole = Operation(.sts, "AssumeRole", isRepeatable: true)
    package static let assumeRoleWithWebIdentity = Operation(.sts, "AssumeRoleWithWebIdentity", isRepeatable: true)
}

/// Whose credentials these are.
package struct CallerIdentity: Codable, Sendable, Equatable {
    package var account: String
    package var arn: String
    package var userId: String

    package init(account: String, arn: String, userId: String) {
        self.account = account
        self.arn = arn
        self.userId = userId
    }

    enum CodingKeys: String, CodingKey {
        case account = "Account"
        case arn = "Arn"
        case userId = "UserId"
    }
}
