package import AWS
package import BackupCore

/// What became of one attempt at a call, as the wire would show it.
package enum Attempt<Reply: Sendable>: Sendable {
    case answered(Reply)
    case refused(AWSError)
    /// The connection closed without an answer; whether the call was done stays unknown.
    case dropped
}

/// One call that reached the world.
package struct LoggedCall: Codable, Sendable, Equatable {
    package var time: String
    package var service: String
    package var operation: String
    package var region: String
    /// Whether the operation is of those that change something; not whether it did.
    package var mutating: Bool
    /// `ok`, `dropped before`, `dropped after`, or the code of the refusal.
    package var outcome: String
    /// Who called; empty in process.
    package var accessKey: String
    /// Tells two calls with different parameters apart.
    package var digest: String

    enum CodingKeys: String, CodingKey {
        case time, service, operation, region, mutating, outcome
        case accessKey = "access-key"
        case digest
    }
}

/// Who makes a call, and a digest of what they ask.
package struct Caller: Sendable, Equatable {
    package var accessKey: String
    package var digest: String
    /// In process, where nothing is signed: whose call it is, if not the account's that the world was made with.
    package var account: String?

    package init(accessKey: String = "", digest: String = "", account: String? = nil) {
        self.accessKey = accessKey
        self.digest = digest
        self.account = account
    }
}

extension World {
    /// Makes one attempt at a call, of which `body` is the operation itself; faults are applied, and it is logged.
    package mutating func attempt<Reply: Sendable>(
        _ operation: Operation, in region: Region, now: Moment, by caller: Caller = Caller(),
        _ body: (inout World) throws(AWSError) -> Reply
    ) -> Attempt<Reply> {
        let home = account
        enter(caller.account ?? sessions[caller.accessKey]?.account ?? home)
        defer { enter(home) }
        let fault = nextFault(for: operation, in: region)
        var outcome = "ok"
        let result: Attempt<Reply>
        switch fault {
        case .throttle, .unavailable, .internal:
            let refusal = Refusal(operation: operation, region: region).failure(fault)
            (result, outcome) = (.refused(refusal), refusal.code)
        case .dropBefore:
            (result, outcome) = (.dropped, "dropped before")
        case .dropAfter:
            _ = perform(doomed: false, body)
            (result, outcome) = (.dropped, "dropped after")
        case .failLater, nil:
            result = perform(doomed: fault == .failLater, body)
            if case .refused(let error) = result { outcome = error.code }
        }
        callCounts["\(operation.service.rawValue):\(operation.name)", default: 0] += 1
        guard keepsCalls else { return result }
        calls.append(
            LoggedCall(
                time: now.description, service: operation.service.rawValue, operation: operation.name,
                region: region.rawValue, mutating: operation.isMutating, outcome: outcome,
                accessKey: caller.accessKey, digest: caller.digest))
        return result
    }

    private mutating func perform<Reply>(doomed: Bool, _ body: (inout World) throws(AWSError) -> Reply)
        -> Attempt<Reply>
    {
        isDoomed = doomed
        defer { isDoomed = false }
        do throws(AWSError) {
            return .answered(try body(&self))
        } catch {
            return .refused(error)
        }
    }
}

extension World {
    /// Logs a call that was turned away before it reached the world.
    package mutating func note(_ service: Service, _ name: String, refusedWith code: String, now: Moment) {
        let operation = Operation(service, name, isRepeatable: false)
        calls.append(
            LoggedCall(
                time: now.description, service: service.rawValue, operation: name, region: "",
                mutating: operation.isMutating, outcome: code, accessKey: "", digest: ""))
    }
}

extension Operation {
    /// Whether the operation is of those that change something: AWS names the others Describe…, Get… or AssumeRole….
    package var isMutating: Bool { !["Describe", "Get", "AssumeRole"].contains { name.hasPrefix($0) } }
}

extension Refusal {
    /// The answer of an AWS that is too busy or broken.
    fileprivate func failure(_ kind: Fault.Kind?) -> AWSError {
        var error =
            switch (kind, operation.service) {
            case (.throttle, .ec2): self("RequestLimitExceeded", "Request limit exceeded.", status: 503)
            case (.throttle, .lightsail), (.throttle, .kms): self("ThrottlingException", "Rate exceeded")
            case (.throttle, .sts), (.throttle, .s3), (.throttle, .sns): self("Throttling", "Rate exceeded")
            case (.unavailable, .lightsail), (.unavailable, .kms):
                self("ServiceUnavailableException", "The service is unavailable. Try again later.", status: 503)
            case (.unavailable, .ec2): self("Unavailable", "The service is unavailable. Try again later.", status: 503)
            case (.unavailable, .sts), (.unavailable, .s3), (.unavailable, .sns):
                self("ServiceUnavailable", "The service is unavailable. Try again later.", status: 503)
            case (_, .lightsail): self("ServiceException", "The service failed.", status: 500)
            case (_, .kms): self("KMSInternalException", "The service failed.", status: 500)
            case (_, .ec2): self("InternalError", "An internal error has occurred", status: 500)
            case (_, .sts), (_, .s3), (_, .sns):
                self("InternalFailure", "The request processing has failed.", status: 500)
            }
        if kind != .throttle { error.fate = .outcomeUnknown }
        return error
    }
}
