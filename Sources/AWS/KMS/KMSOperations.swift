package import BackupCore

/// The one KMS operation that we use ourselves; all else EC2 does in our name.
///
/// Source: KMS API reference, DescribeKey.
package protocol KMSReading: Sendable {
    func describeKey(_ request: DescribeKeyRequest, in region: Region) async throws(AWSError) -> DescribeKeyReply
}

/// The operation's name.
package enum KMS {
    package static let describeKey = Operation(.kms, "DescribeKey", isRepeatable: true)
    /// Before the operation's name in `X-Amz-Target`.
    package static let targetPrefix = "TrentService."
}

/// DescribeKey: by key id, key ARN, alias name or alias ARN.
package struct DescribeKeyRequest: Codable, Sendable, Equatable {
    package var keyID: String

    package init(keyID: String) { self.keyID = keyID }

    enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
    }
}

/// DescribeKey's answer.
package struct DescribeKeyReply: Codable, Sendable, Equatable {
    package var metadata: KeyMetadata

    package init(metadata: KeyMetadata) { self.metadata = metadata }

    enum CodingKeys: String, CodingKey {
        case metadata = "KeyMetadata"
    }
}

/// What a key is, and whether it can be used.
package struct KeyMetadata: Codable, Sendable, Equatable {
    package var keyID: String
    package var arn: String?
    /// `Enabled`, `Disabled`, `PendingDeletion` and others; only the first can be used.
    package var state: String?
    /// `ENCRYPT_DECRYPT` for all that EBS can use.
    package var usage: String?
    /// `SYMMETRIC_DEFAULT` for all that EBS can use.
    package var spec: String?
    /// `CUSTOMER`, or `AWS` for the keys that AWS makes by itself, such as aws/ebs.
    package var manager: String?

    package init(
        keyID: String, arn: String? = nil, state: String? = nil, usage: String? = nil, spec: String? = nil,
        manager: String? = nil
    ) {
        self.keyID = keyID
        self.arn = arn
        self.state = state
        self.usage = usage
        self.spec = spec
        self.manager = manager
    }

    enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
        case arn = "Arn"
        case state = "KeyState"
        case usage = "KeyUsage"
        case spec = "KeySpec"
        case manager = "KeyManager"
    }
}
