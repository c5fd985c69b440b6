/// AssumeRole: temporary credentials of a role that trusts the caller.
///
/// Source: STS API reference, "AssumeRole".
package struct AssumeRoleRequest: Codable, Sendable, Equatable {
    package var roleArn: String
    /// Stands in CloudTrail beside whatever the role does.
    package var roleSessionName: String
    package var externalId: String?
    /// 900 to the role's longest; 3600 if not given.
    package var durationSeconds: Int?

    /// What sessions are called if nothing else is asked for.
    package static let ownName = "snapwarden"

    package init(
        roleArn: String, roleSessionName: String = ownName, externalId: String? = nil, durationSeconds: Int? = nil
    ) {
        self.roleArn = roleArn
        self.roleSessionName = roleSessionName
        self.externalId = externalId
        self.durationSeconds = durationSeconds
    }

    enum CodingKeys: String, CodingKey {
        case roleArn = "RoleArn"
        case roleSessionName = "RoleSessionName"
        case externalId = "ExternalId"
        case durationSeconds = "DurationSeconds"
    }
}

/// AssumeRoleWithWebIdentity: the same for the bearer of a token that the role's identity provider wrote.
///
/// Source: STS API reference, "AssumeRoleWithWebIdentity".
package struct AssumeRoleWithWebIdentityRequest: Codable, Sendable, Equatable {
    package var roleArn: String
    package var roleSessionName: String
    package var webIdentityToken: String
    package var durationSeconds: Int?

    package init(
        roleArn: String, roleSessionName: String = AssumeRoleRequest.ownName, webIdentityToken: String,
        durationSeconds: Int? = nil
    ) {
        self.roleArn = roleArn
        self.roleSessionName = roleSessionName
        self.webIdentityToken = webIdentityToken
        self.durationSeconds = durationSeconds
    }

    enum CodingKeys: String, CodingKey {
        case roleArn = "RoleArn"
        case roleSessionName = "RoleSessionName"
        case webIdentityToken = "WebIdentityToken"
        case durationSeconds = "DurationSeconds"
    }
}

/// What both answer.
package struct AssumedRoleReply: Codable, Sendable, Equatable {
    package var credentials: SessionCredentials
    package var assumedRoleUser: AssumedRoleUser?

    package init(credentials: SessionCredentials, assumedRoleUser: AssumedRoleUser?) {
        self.credentials = credentials
        self.assumedRoleUser = assumedRoleUser
    }

    enum CodingKeys: String, CodingKey {
        case credentials = "Credentials"
        case assumedRoleUser = "AssumedRoleUser"
    }
}

/// Credentials on the wire.
package struct SessionCredentials: Codable, Sendable, Equatable {
    package var value: Credentials

    /// - Parameter value: has a session token and an end.
    package init(_ value: Credentials) { self.value = value }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        value = Credentials(
            accessKeyID: try fields.decode(String.self, forKey: .accessKeyId),
            secret: try fields.decode(String.self, forKey: .secretAccessKey),
            sessionToken: try fields.decode(String.self, forKey: .sessionToken),
            expiration: try fields.decode(ISOTime.self, forKey: .expiration).moment)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(value.accessKeyID, forKey: .accessKeyId)
        try fields.encode(value.secret, forKey: .secretAccessKey)
        try fields.encodeIfPresent(value.sessionToken, forKey: .sessionToken)
        try fields.encodeIfPresent(value.expiration.map { ISOTime($0) }, forKey: .expiration)
    }

    enum CodingKeys: String, CodingKey {
        case accessKeyId = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
    }
}

/// Who the caller has become.
package struct AssumedRoleUser: Codable, Sendable, Equatable {
    package var arn: String
    package var assumedRoleId: String

    package init(arn: String, assumedRoleId: String) {
        self.arn = arn
        self.assumedRoleId = assumedRoleId
    }

    enum CodingKeys: String, CodingKey {
        case arn = "Arn"
        case assumedRoleId = "AssumedRoleId"
    }
}
