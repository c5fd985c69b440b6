import AWS
import BackupCore

/// AWS's words for requests that are turned away at the door.
enum Refusals {
    /// The code and status that each service gives for a signature; they differ from service to service.
    ///
    /// Source: EC2 API reference, "Error codes"; STS and Lightsail API references, "Common errors".
    static func signature(_ failure: SignatureFailure, _ service: Service) -> (code: String, status: Int) {
        switch service {
        case .ec2: ec2(failure)
        case .sts, .s3, .sns: sts(failure)
        case .lightsail, .kms: lightsail(failure)
        }
    }

    private static func ec2(_ failure: SignatureFailure) -> (code: String, status: Int) {
        switch failure {
        case .skewed: ("RequestExpired", 400)
        case .incomplete: ("IncompleteSignature", 400)
        case .missing: ("MissingAuthenticationToken", 403)
        case .expiredToken: ("RequestExpired", 400)
        case .unknownKey, .wrongToken, .mismatch, .wrongScope, .unsigned: ("AuthFailure", 401)
        }
    }

    private static func sts(_ failure: SignatureFailure) -> (code: String, status: Int) {
        switch failure {
        case .incomplete: ("IncompleteSignature", 400)
        case .missing: ("MissingAuthenticationToken", 403)
        case .unknownKey, .wrongToken: ("InvalidClientTokenId", 403)
        case .expiredToken: ("ExpiredToken", 403)
        case .mismatch, .wrongScope, .unsigned, .skewed: ("SignatureDoesNotMatch", 403)
        }
    }

    private static func lightsail(_ failure: SignatureFailure) -> (code: String, status: Int) {
        switch failure {
        case .incomplete: ("IncompleteSignatureException", 400)
        case .missing: ("MissingAuthenticationTokenException", 400)
        case .unknownKey, .wrongToken: ("UnrecognizedClientException", 400)
        case .expiredToken: ("ExpiredTokenException", 400)
        case .mismatch, .wrongScope, .unsigned, .skewed: ("InvalidSignatureException", 400)
        }
    }

    /// A request whose parameters cannot be read: one is missing, unknown or of the wrong kind.
    static func unreadable(_ error: WireError, _ operation: Operation, _ region: Region) -> AWSError {
        let text = error.description
        let code =
            switch operation.service {
            case .lightsail, .kms: "SerializationException"
            case .ec2, .sts, .s3, .sns:
                if text.hasSuffix(" is missing") {
                    "MissingParameter"
                } else if text.contains(" is not recognized") {
                    "UnknownParameter"
                } else {
                    "InvalidParameterValue"
                }
            }
        return AWSError(
            service: operation.service, operation: operation.name, region: region, code: code, message: text,
            status: 400, fate: .notPerformed)
    }
}
