import AWS
package import BackupCore
import FoundationEssentials

/// The AWS operations answered by a ``World``, as the wire clients would answer them.
///
/// A call that proves to have done nothing, or that may be repeated, is repeated at once where a client would wait
/// and try again; what is left is thrown with the fate that the client would give it. A dropped connection leaves
/// the outcome unknown whether or not the world performed the call, since no client could tell.
package actor SimulatedAWS {
    /// One world for all accounts.
    private let shared: Guarded<World>
    /// Whose calls these are; nil for the account that the world was made with.
    private let account: String?
    private let clock: any WallClock
    var readings: SnapshotReadings

    /// How often a call is tried before the client gives up.
    private static let attempts = 8

    /// A world to be called; `spareReadings` bounds what it remembers of snapshots that are gone, so as to answer quickly.
    package init(_ world: World, clock: any WallClock, spareReadings: Int = 1000) {
        self.init(Guarded(world), account: nil, clock: clock, spareReadings)
    }

    private init(_ shared: Guarded<World>, account: String?, clock: any WallClock, _ spareReadings: Int = 1000) {
        readings = SnapshotReadings(spare: spareReadings)
        self.shared = shared
        self.account = account
        self.clock = clock
    }

    /// The same AWS, called from another account.
    package nonisolated func calledFrom(_ account: String) -> SimulatedAWS {
        SimulatedAWS(shared, account: account, clock: clock)
    }

    /// The world as it is now.
    package var world: World { shared.withLock { $0 } }

    /// Every call so far, oldest first.
    package var log: [LoggedCall] { world.calls }

    /// Changes the world behind the callers' backs: faults, terminations, other people's snapshots.
    package func change<Result: Sendable>(_ body: @Sendable (inout World) -> Result) -> Result {
        shared.withLock { body(&$0) }
    }

    /// The time by which the world answers now.
    var now: Moment { clock.now }

    func call<Reply: Sendable>(
        _ operation: Operation, _ request: some Encodable, in region: Region,
        _ body: @Sendable (inout World, Moment) throws(AWSError) -> Reply
    ) throws(AWSError) -> Reply {
        let digest = shared.withLock { $0.keepsCalls } ? Digest.text(of: request) : ""
        let caller = Caller(digest: digest, account: account)
        var last: AWSError?
        for _ in 0..<SimulatedAWS.attempts {
            let now = clock.now
            let attempt = shared.withLock { world in
                world.attempt(operation, in: region, now: now, by: caller) { world throws(AWSError) in
                    try body(&world, now)
                }
            }
            switch attempt {
            case .answered(let reply): return reply
            case .refused(let error):
                guard error.isWorthRepeating(of: operation) else { throw error }
                last = error
            case .dropped:
                let error = AWSError.dropped(operation, in: region)
                guard operation.isRepeatable else { throw error }
                last = error
            }
        }
        throw last ?? .dropped(operation, in: region)
    }
}

extension AWSError {
    /// A connection that closed without an answer.
    fileprivate static func dropped(_ operation: Operation, in region: Region) -> AWSError {
        AWSError(
            service: operation.service, operation: operation.name, region: region, code: "ConnectionClosed",
            message: "The connection closed before an answer came.", fate: .outcomeUnknown)
    }

    fileprivate func isWorthRepeating(of operation: Operation) -> Bool {
        isThrottling || (operation.isRepeatable && (status ?? 0) >= 500)
    }
}

/// Short texts that tell requests apart.
enum Digest {
    /// The stable hash of the request's JSON, 16 hexadecimal digits.
    static func text(of request: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(request)).map { Array($0) } ?? []
        let digits = String(stableHash(bytes), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
