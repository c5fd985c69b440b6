import AWS

/// What can go wrong with one call on its way.
enum WireFault: String, CaseIterable, Sendable {
    case throttle
    case internalError = "500"
    case unavailable = "503"
    case dropBefore = "drop before"
    case dropAfter = "drop after"
    case truncated
    case garbage
    case drip = "slow drip"
    case stall
    case expired
    case denied
    case quota

    /// Whether AWS does what was asked all the same.
    var isPerformed: Bool {
        switch self {
        case .dropAfter, .truncated, .garbage, .drip, .stall: true
        case .throttle, .internalError, .unavailable, .dropBefore, .expired, .denied, .quota: false
        }
    }

    /// Code, text and status of AWS's refusal, if there is one.
    func refusal(_ service: Service) -> (code: String, message: String, status: Int)? {
        let isEC2 = service == .ec2
        return switch self {
        case .throttle:
            isEC2
                ? ("RequestLimitExceeded", "Request limit exceeded.", 503)
                : ("ThrottlingException", "Rate exceeded", 400)
        case .internalError:
            isEC2 ? ("InternalError", "An internal error has occurred", 500) : ("ServiceException", "It failed.", 500)
        case .unavailable:
            isEC2 ? ("Unavailable", "Try again later.", 503) : ("ServiceUnavailable", "Try again later.", 503)
        case .expired:
            isEC2
                ? ("RequestExpired", "Request has expired.", 400)
                : ("ExpiredTokenException", "The security token included in the request is expired", 400)
        case .denied:
            isEC2
                ? ("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
                : ("AccessDeniedException", "User is not authorized", 400)
        // Lightsail has no code for it.
        case .quota:
            isEC2
                ? ("ResourceLimitExceeded", "Too many at once.", 400)
                : ("InvalidInputException", "You have reached the maximum number of snapshots.", 400)
        case .dropBefore, .dropAfter, .truncated, .garbage, .drip, .stall: nil
        }
    }
}

/// Which calls meet a fault, and when.
struct Strike: Sendable {
    var operation: Operation
    var fault: WireFault
    /// Seconds since the run's start.
    var from: Int64
    var until: Int64
    /// How many at the most.
    var most: Int
}
