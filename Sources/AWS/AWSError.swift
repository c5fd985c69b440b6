package import BackupCore

/// The services we speak to.
package enum Service: String, Sendable {
    case ec2
    case lightsail
    case sts
    case kms
    case s3
    case sns
}

/// A call that brought no usable reply: what was tried, and what came back.
package struct AWSError: Error, Sendable, Equatable {
    /// How far the call is known to have got.
    package enum Fate: Sendable, Equatable {
        /// Nothing was done: AWS answered with a refusal, or the request never left.
        case notPerformed
        /// It may have been done: the connection broke, timed out or failed with a 5xx after the request was sent.
        case outcomeUnknown
    }

    package var service: Service
    package var operation: String
    package var region: Region
    /// AWS's code (`RequestLimitExceeded`), or one of our own for what never reached AWS (`ConnectionRefused`).
    package var code: String
    package var message: String
    package var status: Int?
    package var requestID: String?
    package var fate: Fate

    package init(
        service: Service, operation: String, region: Region, code: String, message: String, status: Int? = nil,
        requestID: String? = nil, fate: Fate
    ) {
        self.service = service
        self.operation = operation
        self.region = region
        self.code = code
        self.message = message
        self.status = status
        self.requestID = requestID
        self.fate = fate
    }
}

/// One AWS operation: how it is named on the wire, and whether it may simply be sent again.
package struct Operation: Sendable, Equatable {
    package let service: Service
    package let name: String
    /// Reads, deletes and tag writes are repeatable.
    ///
    /// What makes something without an idempotency token is not: it goes out on a fresh connection, and is sent again
    /// only on an answer that proves nothing was done.
    package let isRepeatable: Bool

    package init(_ service: Service, _ name: String, isRepeatable: Bool) {
        self.service = service
        self.name = name
        self.isRepeatable = isRepeatable
    }
}
