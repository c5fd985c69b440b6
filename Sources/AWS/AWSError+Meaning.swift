/// What AWS's codes mean for us.
///
/// EC2 models no errors; the codes come from the EC2 API reference ("Error codes"), the EBS quota page, the Lightsail
/// model and botocore's `retries/standard.py`. A code that is in no row is a plain refusal.
extension AWSError {
    private static let throttling: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
        "RequestLimitExceeded", "EC2ThrottledException", "BandwidthLimitExceeded", "LimitExceededException",
        "PriorRequestNotComplete", "SlowDown", "TooManyRequestsException", "TransactionInProgressException",
    ]

    private static let quota: Set<String> = [
        "ResourceLimitExceeded", "ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded",
        "SnapshotCreationPerVolumeRateExceeded", "SnapshotLimitExceeded", "ConcurrentCreateImageNoRebootLimitExceeded",
    ]

    private static let person: Set<String> = [
        "UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthFailure", "InvalidClientTokenId",
        "SignatureDoesNotMatch", "UnrecognizedClientException", "UnauthenticatedException", "OptInRequired",
        "AccountSetupInProgressException", "RegionSetupInProgressException", "Blocked", "PendingVerification",
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "NoCredentials",
    ]

    /// Too many calls: nothing was done, and the same call will do in a moment.
    package var isThrottling: Bool { AWSError.throttling.contains(code) }

    /// Too much under way: nothing was done, and it is no failure to wait.
    package var isQuota: Bool { AWSError.quota.contains(code) }

    /// A snapshot that was to be deleted is used by an image, or locked: nothing was done, and it is no failure.
    ///
    /// AWS documents no code for a locked snapshot, so that any refusal of DeleteSnapshot that speaks of a lock counts.
    package var isProtection: Bool {
        guard operation == "DeleteSnapshot", fate == .notPerformed, status != nil, !needsPerson else { return false }
        return code == "InvalidSnapshot.InUse" || code.contains("Lock") || message.speaksOfALock
    }

    /// Waiting does not help; somebody must change credentials, permissions or keys.
    package var needsPerson: Bool { AWSError.person.contains(code) || code.hasPrefix("KMS.") }
}

extension String {
    /// Whether one of its words is "lock" or "locked"; "blocked" is none.
    fileprivate var speaksOfALock: Bool {
        split { !$0.isLetter }.contains { ["lock", "locked"].contains($0.lowercased()) }
    }
}
