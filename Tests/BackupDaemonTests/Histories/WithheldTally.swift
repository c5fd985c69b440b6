import BackupCore

/// How often each reason withheld a delete, and how often the same point was deleted later all the same.
struct WithheldTally {
    private var waiting: [PointID: Set<String>] = [:]
    private(set) var withheld: [String: Int] = [:]
    private(set) var lifted: [String: Int] = [:]

    mutating func note(_ plan: Plan) {
        for action in plan.actions {
            guard case .withhold(let point) = action.work else { continue }
            let name = "\(action.rule ?? "none"): \(action.reason.name)"
            if waiting[point.id, default: []].insert(name).inserted { withheld[name, default: 0] += 1 }
        }
    }

    mutating func note(pruned point: PointID) {
        for name in waiting.removeValue(forKey: point) ?? [] { lifted[name, default: 0] += 1 }
    }

    mutating func add(_ other: WithheldTally) {
        withheld.merge(other.withheld, uniquingKeysWith: +)
        lifted.merge(other.lifted, uniquingKeysWith: +)
    }

    /// Every reason there is, under the rule that gives it.
    static let all = [
        "sane-clock: clockNotAWS", "sane-clock: clockBehindLedger", "sane-clock: datedInFuture", "not-now: notNow",
        "not-now: instructionsUnknown",
        "complete-inventory: inventoryIncomplete", "copy-in-flight: copyInFlight", "known-states: unknownState",
        "owed-copy: owesCopy", "newest-copy: newestCopyOfVolume", "fresh-after-stop: stoppedUntil", "grace: grace",
        "newer-usable: noNewerUsable", "cap: overCap",
    ]
}

extension Reason {
    /// The name of the case, of those that withhold.
    fileprivate var name: String {
        switch self {
        case .inventoryIncomplete: "inventoryIncomplete"
        case .owesCopy: "owesCopy"
        case .copyInFlight: "copyInFlight"
        case .newestCopyOfVolume: "newestCopyOfVolume"
        case .clockNotAWS: "clockNotAWS"
        case .clockBehindLedger: "clockBehindLedger"
        case .datedInFuture: "datedInFuture"
        case .grace: "grace"
        case .stoppedUntil: "stoppedUntil"
        case .overCap: "overCap"
        case .notNow: "notNow"
        case .instructionsUnknown: "instructionsUnknown"
        case .unknownState: "unknownState"
        case .noNewerUsable: "noNewerUsable"
        default: "\(self)"
        }
    }
}
