/// What should be done now, and why; and why each point is kept.
package struct Plan: Sendable {
    package var actions: [Action] = []
    /// What would be done too, but waits for its turn: AWS limits what may be under way at once.
    package var queued: [Action] = []
    /// The reasons that keep each point.
    package var kept: [PointID: [KeepReason]] = [:]
    /// Points no rule keeps, whether or not the interlock lets them go: their candidacy counts from the first time.
    package var candidates: Set<PointID> = []
    /// The earliest moment at which a call that is put off now may be tried again.
    package var nextTry: Moment?
    /// The earliest moment at which a grace, a blackout or a pause ends.
    package var nextRelease: Moment?
    /// The earliest moment at which another slot's start comes.
    package var nextStart: Moment?
    /// Points of ours that belong to no policy of the config; they are reported, and never deleted.
    package var orphans: [RecoveryPoint] = []
    /// Whether the clock could be trusted, without which nothing is deleted.
    package var isClockSane = true
    /// What it is time for and is not begun yet, with what it waits for.
    package var waits: [Wait] = []
    /// What two runs of the program on one fleet both made.
    package var conflicts: [FleetConflict] = []
    /// The slots that passed without a point, of pairs that have some.
    package var missed: [Pair: MissedSlots] = [:]
    /// How the automatic snapshots of resources are to be set: the first policy by name that says so decides.
    var settings: [ResourceID: AutomaticSetting] = [:]

    package init() {}

    mutating func wait(until moment: Moment) { nextTry = min(nextTry ?? moment, moment) }
    mutating func release(at moment: Moment) { nextRelease = min(nextRelease ?? moment, moment) }
}

/// One thing to do, or to leave undone knowingly.
package struct Action: Sendable {
    /// What is to be done, with all that is needed to do it.
    ///
    /// Behind one reference, since orders are large and actions are copied often.
    package indirect enum Work: Sendable {
        case create(CreateOrder)
        case copy(CopyOrder)
        /// A copy that AWS cannot make as things are, and what a person has to change.
        case refuse(CopyOrder)
        /// The copies in those accounts are made, or are not being made: they need read the point no more.
        case unshare(RecoveryPoint, Set<AccountID>)
        case prune(RecoveryPoint)
        case withhold(RecoveryPoint)
        case repair(RepairOrder)
        case adopt(RepairOrder)
        case removeFailed(RecoveryPoint, [Member])
        case removeSurplus(RecoveryPoint, [Member])
        case setAutomatic(AutomaticSetting, Resource)
    }

    package var work: Work
    package var pair: Pair
    package var slot: Moment
    package var site: Site
    package var reason: Reason
    /// The interlock's rule that withholds it, if one does.
    package var rule: String?
    /// What it waits for, if AWS's limits leave no room for it now.
    package var limit: Limit?

    /// The word of `plan --output json`.
    package var word: String {
        if limit != nil { return "wait" }
        return switch work {
        case .create: "create"
        case .copy: "copy"
        case .refuse: "refuse"
        case .unshare: "unshare"
        case .prune: "prune"
        case .withhold: "withhold"
        case .repair: "repair"
        case .adopt: "adopt"
        case .removeFailed: "remove-failed"
        case .removeSurplus: "remove-surplus"
        case .setAutomatic: "set-automatic"
        }
    }

    /// Why it is done, or what it waits for.
    package var explanation: String { limit?.description ?? reason.description }

    /// The slot of the point that it is about; nil if it is about a resource.
    package var pointSlot: Moment? { if case .setAutomatic = work { nil } else { slot } }

    /// The same, left undone.
    package func withheld(_ point: RecoveryPoint, because reason: Reason) -> Action {
        Action(work: .withhold(point), pair: pair, slot: slot, site: site, reason: reason)
    }

    /// What the same attempt, made again, would share with this one; nil for what is only said.
    package var key: Intent.Key? {
        let verb: Intent.Verb? =
            switch work {
            case .create: .create
            case .copy: .copy
            case .prune: .prune
            case .unshare: .unshare
            case .refuse, .withhold: nil
            case .repair, .adopt: .repair
            case .removeFailed: .removeFailed
            case .removeSurplus: .removeSurplus
            case .setAutomatic: .setAutomatic
            }
        return verb.map { Intent.Key(verb: $0, pair: pair, slot: slot, site: site) }
    }
}

/// Why an action is in the plan.
package enum Reason: Sendable, Equatable {
    // Creating
    /// With how much later than the slot the pair starts.
    case due(delay: Duration)
    case catchUp(lateBy: Duration)
    case firstPoint
    case newestUnsatisfied
    case askedFor
    // Copying
    case owed(Site)
    case membersMissing(Int, of: Int)
    case unshareable(SnapshotID, with: AccountID)
    case noCopyUnderWay(in: Set<AccountID>)
    // Going
    case noRuleKeeps
    case manualOutlived(CalendarSpan)
    case outlived(CalendarSpan)
    case resourceGone
    case debris(Int, of: Int)
    case debrisOfGone(Int, of: Int)
    case failed(String)
    /// Another run of the program made a set for the same slot, which stays.
    case rival(SetID)
    /// Two runs copied the same snapshot.
    case copiedTwice(SnapshotID)
    // Withheld
    case inventoryIncomplete(Place)
    case owesCopy(Site)
    case copyInFlight(Site)
    case newestCopyOfVolume(VolumeID)
    /// By how much the machine's clock was corrected.
    case clockNotAWS(Duration)
    case clockBehindLedger(Moment)
    case datedInFuture(PointID)
    case grace(until: Moment)
    case stoppedUntil(Moment)
    case overCap(PolicyName)
    case notNow(until: Moment?)
    case instructionsUnknown
    case ledgerUnusable
    case configRejected
    case unknownState(String)
    case noNewerUsable
    case rivalUnfinished(SetID)
    case rivalNew(SetID, until: Moment)
    case locked(SnapshotID, SnapshotLock)
    case usedByImage(SnapshotID, ImageID)
    case protectionsNotRead(Place, CloudError)
    case deleteRefused(String)
    // Mending
    case tagsMissing
    case copyReached(Set<Site>)
    case lookalike
    // Setting
    case setting(AutomaticSetting, was: AutomaticSetting?)
}

extension Reason {
    /// When it no longer holds, where that is known.
    var liftsBy: Moment? {
        switch self {
        case .grace(let until): until
        case .notNow(let until): until
        case .locked(_, let lock): lock.until
        case .rivalNew(_, let until): until
        default: nil
        }
    }
}

extension Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .due(.zero): "its slot is due"
        case .due(let delay): "its slot is due, \(delay.inSeconds) s later by its share of the spread"
        case .catchUp(let late): "its slot was missed, \(late.short) ago: one catch-up"
        case .firstPoint: "first: now, and it has no point yet"
        case .newestUnsatisfied: "the newest slot has no point yet"
        case .askedFor: "asked for by hand"
        case .owed(let site): "the rules of \(site) keep it, and no copy of it was seen usable there"
        case .membersMissing(let missing, let all): "\(missing) of \(all) members have no copy yet"
        case .unshareable(let snapshot, let account):
            "\(snapshot) is encrypted under aws/ebs, AWS's own key of its account, and cannot be shared with \(account): "
                + "encrypt the volume under a customer managed key, by way of a copy of a snapshot under that key"
        case .noCopyUnderWay(let accounts):
            "it is shared with \(accounts.sorted().map(\.rawValue).joined(separator: ", ")), where no copy of it is being "
                + "made"
        case .noRuleKeeps: "no rule keeps it"
        case .manualOutlived(let span): "made by hand, and older than manual-keep \(span)"
        case .outlived(let span): "older than delete-after \(span)"
        case .resourceGone: "its resource is gone, and the time that its points are kept then is over"
        case .debris(let there, let all): "only \(there) of \(all) members are left, and a newer usable point exists"
        case .debrisOfGone(let there, let all): "only \(there) of \(all) members are left, and its resource is gone"
        case .failed(let message): "AWS reports: \(message)"
        case .rival(let set): "two runs of snapwarden took this slot, and the set \(set) stays"
        case .copiedTwice(let snapshot):
            "two runs of snapwarden copied \(snapshot), and the copy that "
                + "began first stays"
        default: withheldDescription
        }
    }

    private var withheldDescription: String {
        switch self {
        case .inventoryIncomplete(let place): "\(place) was not read completely in this pass"
        case .owesCopy(let site): "it still owes a copy to \(site)"
        case .copyInFlight(let site): "it is being copied to \(site)"
        case .newestCopyOfVolume(let volume): "it holds the newest copy of \(volume): without it the next is a full one"
        case .clockNotAWS(let correction):
            "this machine's clock is \(correction.againstAWS): no point is deleted before they agree (timedatectl status)"
        case .clockBehindLedger(let moment): "this machine's clock is behind the last pass (\(moment))"
        case .datedInFuture(let point): "\(point) is dated in the future: one of the clocks is wrong"
        case .grace(let until): "the retention rules are new to it: kept until \(until) (prune-grace)"
        case .stoppedUntil(let moment):
            "backups had stopped until \(moment): nothing is deleted before one more point is usable"
        case .overCap(let policy):
            "so many at once were never deleted of this policy: look at them with snapwarden prune \(policy), "
                + "and let them go with --approve"
        case .notNow(let until):
            "the policy deletes nothing \(until.map { "until \($0) (blackout or pause)" } ?? "while it is paused")"
        case .ledgerUnusable: "the ledger cannot be used: what is deleted could not be written down"
        case .configRejected: "the config has problems, and the one last applied stands in for it"
        case .instructionsUnknown: "what people paused or approved cannot be read"
        case .unknownState(let word): "a member is in state \"\(word)\", which is never deleted"
        case .rivalUnfinished(let set):
            "two runs of snapwarden took this slot, and the set \(set), which is to stay, is not usable yet"
        case .rivalNew(let set, let until):
            "two runs of snapwarden took this slot: until \(until) both see that the set \(set) stays"
        case .noNewerUsable: "members are missing, but no newer usable point exists"
        case .locked(let snapshot, let lock):
            "\(snapshot) is locked (\(lock.state))\(lock.until.map { " until \($0)" } ?? "")"
        case .usedByImage(let snapshot, let image): "\(snapshot) is used by the AMI \(image)"
        case .protectionsNotRead(let place, let error):
            "the locks and AMIs of \(place) could not be read (\(error.operation): \(error.code))"
        case .deleteRefused(let answer): "AWS refuses to delete it: \(answer)"
        case .tagsMissing: "tags of ours are missing on it"
        case .copyReached(let sites):
            "its copy is usable in \(sites.sorted().map(\.description).joined(separator: ", "))"
        case .setting(let wanted, let was):
            "automatic-snapshots is \(wanted), and Lightsail's are \(was.map { "\($0)" } ?? "unknown")"
        case .lookalike: "its name is that of a point of ours, but it has no tags yet"
        default: ""
        }
    }
}
