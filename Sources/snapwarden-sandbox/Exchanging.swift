import AWS
import BackupCore
import Simulation

/// One call on its way through the world and back onto the wire.
struct Exchanging: Sendable {
    let world: Guarded<World>
    let call: Call
    let request: ReceivedRequest
    let credentials: Credentials
    let now: Moment
    private let requestID = RequestID.fresh()

    init(world: Guarded<World>, call: Call, request: ReceivedRequest, credentials: Credentials, now: Moment) {
        self.world = world
        self.call = call
        self.request = request
        self.credentials = credentials
        self.now = now
    }

    func answer(_ signature: VerifiedSignature) -> Answer {
        let caller = Caller(
            accessKey: signature.accessKeyID, digest: String(Hash.hex(Hash.sha256(request.body)).prefix(16)))
        let region = Region(signature.region)
        return switch call.service {
        case .ec2: ec2(region, caller)
        // No request is taken for one of S3.
        case .sts, .s3, .sns: sts(region, caller)
        case .lightsail: lightsail(region, caller)
        case .kms: kms(region, caller)
        }
    }

    /// For the one call that bears no signature.
    func answerUnsigned() -> Answer {
        sts(world.withLock { $0.home }, Caller(digest: String(Hash.hex(Hash.sha256(request.body)).prefix(16))))
    }

    /// Makes the call, faults and all, and writes what came of it.
    ///
    /// `read` gives the request's value out of the wire's form, `write` the reply's document.
    func perform<Request, Reply: Sendable>(
        _ operation: Operation, in region: Region, by caller: Caller,
        read: () throws -> Request, write: (Reply) throws -> [UInt8],
        _ body: (inout World, Request) throws(AWSError) -> Reply
    ) -> Answer {
        let attempt = world.withLock { world in
            world.attempt(operation, in: region, now: now, by: caller) { world throws(AWSError) in
                let request: Request
                do {
                    request = try read()
                } catch {
                    throw Refusals.unreadable(WireError(AWSClient.text(of: error)), operation, region)
                }
                return try body(&world, request)
            }
        }
        switch attempt {
        case .dropped: return .drop
        case .refused(let error): return refuse(error.code, error.message, status: error.status ?? 400)
        case .answered(let reply):
            do {
                return .reply(HTTPReply(status: 200, headers: headers, body: try write(reply)))
            } catch {
                return refuse("InternalFailure", "The reply could not be written: \(error)", status: 500)
            }
        }
    }

    private var headers: [Header] {
        switch call.service {
        case .lightsail, .kms:
            [Header("Content-Type", "application/x-amz-json-1.1"), Header("x-amzn-RequestId", requestID)]
        case .ec2, .sts, .s3, .sns:
            [Header("Content-Type", "text/xml;charset=UTF-8"), Header("x-amzn-RequestId", requestID)]
        }
    }

    var id: String { requestID }

    /// An error as the service's protocol writes it.
    func refuse(_ code: String, _ message: String, status: Int) -> Answer {
        let reply =
            switch call.service {
            case .ec2:
                HTTPReply(
                    status: status, headers: headers,
                    body: Array(QueryReply.ec2.error(code: code, message: message, requestID: requestID).utf8))
            case .sts, .s3, .sns:
                HTTPReply(
                    status: status, headers: headers,
                    body: Array(
                        QueryReply.sts.error(
                            code: code, message: message, requestID: requestID, isSender: status < 500
                        ).utf8))
            case .lightsail, .kms:
                HTTPReply(
                    status: status, headers: headers + [Header("x-amzn-ErrorType", code)],
                    body: (try? JSONText.write(["__type": code, "message": message])) ?? [])
            }
        return .reply(reply)
    }

    /// The answer to a request whose signature is not accepted; it leaves a line in the log.
    func refuse(_ failure: SignatureFailure) -> Answer {
        let (code, status) = Refusals.signature(failure, call.service)
        world.withLock { $0.note(call.service, call.operation, refusedWith: code, now: now) }
        return refuse(code, failure.description, status: status)
    }

    func refuseUnknownAction() -> Answer {
        switch call.service {
        case .lightsail, .kms:
            refuse("UnknownOperationException", "\(call.service.rawValue) has no \(call.operation) here.", status: 400)
        case .ec2, .sts, .s3, .sns:
            refuse("InvalidAction", "The action \(call.operation) is not valid for this web service.", status: 400)
        }
    }
}

/// A request's id, as AWS gives each request one.
enum RequestID {
    static func fresh() -> String {
        var source = SplitMix64(seed: SystemRandomNumberGenerator().seed)
        return source.uuid()
    }
}

extension SystemRandomNumberGenerator {
    fileprivate var seed: UInt64 {
        var copy = self
        return copy.next()
    }
}
