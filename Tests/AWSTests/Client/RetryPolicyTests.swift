import BackupCore
import Testing

@testable import AWS

@Suite struct RetryPolicyTests {
    private func error(_ code: String, _ status: Int?, _ fate: AWSError.Fate) -> AWSError {
        AWSError(
            service: .ec2, operation: "O", region: Region("r"), code: code, message: "", status: status, fate: fate)
    }

    /// Seconds before attempts 2 … 6, at three points of the jitter; "-" is giving up.
    @Test func waits() {
        let policy = RetryPolicy()
        let lines = [("Throttling", 400), ("InternalError", 500)].flatMap { code, status in
            [0, 0.5, 1].map { (random: Double) in
                let waits = (1...5).map { attempt in
                    policy.wait(
                        after: error(code, status, .notPerformed), attempt: attempt, isRepeatable: true,
                        retryAfter: nil, random: random
                    ).map { "\($0)" } ?? "-"
                }
                return "\(code) \(random): \(waits.joined(separator: " "))"
            }
        }
        #expect(
            lines.joined(separator: "\n") == """
                Throttling 0.0: 0.0 0.0 0.0 0.0 -
                Throttling 0.5: 0.5 1.0 2.0 4.0 -
                Throttling 1.0: 1.0 2.0 4.0 8.0 -
                InternalError 0.0: 0.0 0.0 0.0 0.0 -
                InternalError 0.5: 0.25 0.5 1.0 2.0 -
                InternalError 1.0: 0.5 1.0 2.0 4.0 -
                """)
    }

    @Test func neverWaitsLongerThanTheBound() {
        var policy = RetryPolicy()
        policy.attempts = 100
        let wait = policy.wait(
            after: error("Throttling", 400, .notPerformed), attempt: 50, isRepeatable: true, retryAfter: nil, random: 1)
        #expect(wait == 20)
    }

    @Test(arguments: [
        ("Throttling", true, false, false), ("ThrottlingException", true, false, false),
        ("RequestLimitExceeded", true, false, false), ("EC2ThrottledException", true, false, false),
        ("TooManyRequestsException", true, false, false), ("SlowDown", true, false, false),
        ("ResourceLimitExceeded", false, true, false), ("ConcurrentSnapshotLimitExceeded", false, true, false),
        ("PendingSnapshotLimitExceeded", false, true, false), ("SnapshotLimitExceeded", false, true, false),
        ("SnapshotCreationPerVolumeRateExceeded", false, true, false), ("UnauthorizedOperation", false, false, true),
        ("AccessDenied", false, false, true), ("AccessDeniedException", false, false, true),
        ("AuthFailure", false, false, true), ("InvalidClientTokenId", false, false, true),
        ("KMS.DisabledException", false, false, true), ("KMS.AccessDeniedException", false, false, true),
        ("OptInRequired", false, false, true), ("NoCredentials", false, false, true),
        ("InvalidSnapshot.NotFound", false, false, false), ("InternalError", false, false, false),
        ("", false, false, false),
    ])
    func meanings(_ code: String, _ isThrottling: Bool, _ isQuota: Bool, _ needsPerson: Bool) {
        let error = error(code, 400, .notPerformed)
        #expect([error.isThrottling, error.isQuota, error.needsPerson] == [isThrottling, isQuota, needsPerson])
    }
}
