import BackupCore
import Simulation

/// How often what goes wrong in a history, in a thousand.
struct Faults {
    /// What becomes of one call.
    enum Fate {
        case works
        case refused
        case throttled
        case quota
        case needsPerson
        /// The reply is lost, and nothing was done.
        case lostBefore
        /// The reply is lost, and it was done.
        case lostAfter
    }

    var calls = 0
    var failedMembers = 0
    var failedCopies = 0
    var slowSnapshots = 0
    var slowCopies = 0
    /// Up to so many seconds AWS goes on showing what was; less than the consistency delay that the config allows for.
    var longestLag: Int64 = 0
    /// A reading that breaks off in the middle.
    var brokenListings = 0
    /// Tags that are not written.
    var missingTags = 0

    static let none = Faults()

    static func random(_ dice: inout SplitMix64) -> Faults {
        Faults(
            calls: dice.pick([0, 10, 50, 200]), failedMembers: dice.pick([0, 10, 50, 150]),
            failedCopies: dice.pick([0, 10, 50, 200]), slowSnapshots: dice.pick([0, 20, 200]),
            slowCopies: dice.pick([0, 50, 300]), longestLag: dice.pick([0, 20, 55]),
            brokenListings: dice.pick([0, 5, 40]), missingTags: dice.pick([0, 20, 200]))
    }

    func fate(_ dice: inout SplitMix64) -> Fate {
        guard calls > 0, dice.happens(calls) else { return .works }
        return dice.pick([.refused, .throttled, .quota, .needsPerson, .lostBefore, .lostAfter, .lostAfter])
    }

    func lag(_ dice: inout SplitMix64) -> Duration { longestLag == 0 ? .zero : dice.seconds(0...longestLag) }
}

extension Faults.Fate {
    /// What the caller hears; nil if all went well.
    func error(_ operation: String, _ region: Region) -> CloudError? {
        let (kind, code): (CloudError.Kind, String)
        switch self {
        case .works: return nil
        case .refused: (kind, code) = (.refused, "InvalidSnapshot.InUse")
        case .throttled: (kind, code) = (.unavailable, "RequestLimitExceeded")
        case .quota: (kind, code) = (.quota, "ResourceLimitExceeded")
        case .needsPerson: (kind, code) = (.needsPerson, "UnauthorizedOperation")
        case .lostBefore, .lostAfter: (kind, code) = (.outcomeUnknown, "ConnectionReset")
        }
        return CloudError(kind: kind, operation: operation, region: region, code: code, message: "by chance")
    }
}
