/// What AWS's error codes mean, one row for each.
///
/// Sources, by the letters in the rows:
///
///     S   botocore 1.43, retries/standard.py: the codes that the standard mode of AWS's SDKs repeats
///     P   botocore 1.43, retries/special.py
///     E   EC2 API reference, "Error codes"
///     C   the services' API references, "Common errors"
///     L   the Lightsail API model's error shapes
///     Q   EBS user guide, "Quotas for Amazon EBS", and repost.aws on stuck snapshots
///     K   AWS KMS API reference and EC2's `KMS.` codes
///     T   AWS SDKs and Tools reference guide: the codes behind which a wrong clock may stand
///     -   ours, for what never reached AWS or never came back
///
/// EC2 models no errors, so that no list of its codes is complete: a code in no row is a plain refusal, reported and
/// not repeated, unless its status is 5xx.
package struct ErrorRow: Sendable, Equatable {
    /// What follows from an error.
    package enum Kind: String, Sendable, CaseIterable {
        /// Too many calls: nothing was done, and the same call will do in a moment.
        case throttling
        /// A trouble of the moment; whether the call was done, its ``AWSError/Fate`` says.
        case transient
        /// Too much under way, or too much kept: nothing was done, and it is no failure to wait.
        case quota
        /// The same call will never do.
        case permanent
        /// Only somebody who changes credentials, permissions, keys or the clock can mend it.
        case person
    }

    package let code: String
    package let kind: Kind
    package let source: String
    /// A wrong clock of ours may be all that is wrong: botocore and the other SDKs look at the reply's Date.
    package let mayBeSkew: Bool

    private init(_ code: String, _ kind: Kind, _ source: String, mayBeSkew: Bool = false) {
        self.code = code
        self.kind = kind
        self.source = source
        self.mayBeSkew = mayBeSkew
    }

    /// The row of a code, if it has one; `KMS.` codes that have none of their own are the `KMS.` row's.
    package static func row(of code: String) -> ErrorRow? {
        byCode[code] ?? (code.hasPrefix("KMS.") ? byCode["KMS."] : nil)
    }

    private static let byCode = Dictionary(all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    package static let all: [ErrorRow] = [
        ErrorRow("BandwidthLimitExceeded", .throttling, "S"),
        ErrorRow("EC2ThrottledException", .throttling, "S"),
        ErrorRow("LimitExceededException", .throttling, "S"),
        ErrorRow("PriorRequestNotComplete", .throttling, "S"),
        ErrorRow("ProvisionedThroughputExceededException", .throttling, "S"),
        ErrorRow("RequestLimitExceeded", .throttling, "S"),
        ErrorRow("RequestThrottled", .throttling, "S"),
        ErrorRow("RequestThrottledException", .throttling, "S"),
        ErrorRow("SlowDown", .throttling, "S"),
        ErrorRow("ThrottledException", .throttling, "S"),
        ErrorRow("Throttling", .throttling, "S"),
        ErrorRow("ThrottlingException", .throttling, "S"),
        ErrorRow("TooManyRequestsException", .throttling, "S"),
        ErrorRow("TransactionInProgressException", .throttling, "S"),

        ErrorRow("RequestTimeout", .transient, "S"),
        ErrorRow("RequestTimeoutException", .transient, "S"),
        ErrorRow("IDPCommunicationError", .transient, "P"),
        ErrorRow("InternalError", .transient, "E"),
        ErrorRow("InternalFailure", .transient, "C"),
        ErrorRow("ServiceUnavailable", .transient, "C"),
        ErrorRow("Unavailable", .transient, "E"),
        ErrorRow("ServiceException", .transient, "L"),
        ErrorRow("ConnectionLost", .transient, "-"),
        ErrorRow("ConnectionRefused", .transient, "-"),
        ErrorRow("NameNotResolved", .transient, "-"),
        ErrorRow("TimedOut", .transient, "-"),
        ErrorRow("TLSFailure", .transient, "-"),
        ErrorRow("UnreadableReply", .transient, "-"),

        ErrorRow("ConcurrentCreateImageNoRebootLimitExceeded", .quota, "E"),
        ErrorRow("ConcurrentSnapshotLimitExceeded", .quota, "Q"),
        ErrorRow("PendingSnapshotLimitExceeded", .quota, "Q"),
        ErrorRow("ResourceLimitExceeded", .quota, "Q"),
        ErrorRow("SnapshotCreationPerVolumeRateExceeded", .quota, "E"),
        ErrorRow("SnapshotLimitExceeded", .quota, "Q"),

        ErrorRow("DryRunOperation", .permanent, "E"),
        ErrorRow("IncorrectState", .permanent, "E"),
        ErrorRow("InvalidInputException", .permanent, "L"),
        ErrorRow("InvalidInstanceID.NotFound", .permanent, "E"),
        ErrorRow("InvalidParameterValue", .permanent, "E"),
        ErrorRow("InvalidSnapshot.InUse", .permanent, "E"),
        ErrorRow("InvalidSnapshot.NotFound", .permanent, "E"),
        ErrorRow("NotFoundException", .permanent, "L"),
        ErrorRow("OperationFailureException", .permanent, "L"),
        ErrorRow("Cancelled", .permanent, "-"),

        ErrorRow("AccessDenied", .person, "C"),
        ErrorRow("AccessDeniedException", .person, "L"),
        ErrorRow("AccountSetupInProgressException", .person, "L"),
        ErrorRow("AuthFailure", .person, "E, T", mayBeSkew: true),
        ErrorRow("Blocked", .person, "E"),
        ErrorRow("CertificateRefused", .person, "-"),
        ErrorRow("ExpiredToken", .person, "C"),
        ErrorRow("ExpiredTokenException", .person, "C"),
        ErrorRow("InvalidClientTokenId", .person, "C"),
        ErrorRow("InvalidSignatureException", .person, "C, T", mayBeSkew: true),
        ErrorRow("KMS.", .person, "K"),
        ErrorRow("NoCredentials", .person, "-"),
        ErrorRow("OptInRequired", .person, "C"),
        ErrorRow("PendingVerification", .person, "E"),
        ErrorRow("RegionSetupInProgressException", .person, "L"),
        ErrorRow("RequestExpired", .person, "C, T", mayBeSkew: true),
        ErrorRow("RequestInTheFuture", .person, "T", mayBeSkew: true),
        ErrorRow("RequestTimeTooSkewed", .person, "T", mayBeSkew: true),
        ErrorRow("SignatureDoesNotMatch", .person, "C, T", mayBeSkew: true),
        ErrorRow("UnauthenticatedException", .person, "L"),
        ErrorRow("UnauthorizedOperation", .person, "E"),
        ErrorRow("UnrecognizedClientException", .person, "C"),
    ]
}
