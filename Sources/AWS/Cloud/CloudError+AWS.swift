package import BackupCore

extension CloudError {
    /// What a call that failed means for the one who asked for it.
    package init(_ error: AWSError) {
        self.init(
            kind: CloudError.kind(of: error), operation: "\(error.service.rawValue):\(error.operation)",
            region: error.region, code: error.code, message: error.message, requestID: error.requestID)
    }

    private static func kind(of error: AWSError) -> Kind {
        if error.fate == .outcomeUnknown { return .outcomeUnknown }
        if error.isQuota { return .quota }
        if error.isProtection { return .protected }
        if error.needsPerson { return .needsPerson }
        return error.isThrottling || error.status == nil ? .unavailable : .refused
    }
}

extension AWSError {
    /// What was asked for is not there: for a delete as good as done.
    var isNotFound: Bool { code.hasSuffix(".NotFound") || code == "NotFoundException" || code == "DoesNotExist" }

    /// Lightsail has no code of its own for a name that is taken already.
    var mayBeNameTaken: Bool { code == "InvalidInputException" }

    /// Lightsail's sentence is "Some names are already in use: …".
    var saysNameTaken: Bool { mayBeNameTaken && message.contains("already in use") }
}
