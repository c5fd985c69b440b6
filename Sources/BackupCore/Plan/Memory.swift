/// A policy and a resource: what has a schedule, slots and a history of its own.
package struct Pair: Hashable, Comparable, Sendable {
    package let policy: PolicyName
    package let resource: ResourceID

    package init(policy: PolicyName, resource: ResourceID) {
        self.policy = policy
        self.resource = resource
    }

    package static func < (a: Pair, b: Pair) -> Bool { (a.policy, a.resource) < (b.policy, b.resource) }
}

/// What the ledger remembers, as one value.
///
/// Losing it costs history, never a backup and never a wrong delete.
package struct Memory: Sendable, Equatable {
    /// When this installation's daemon first started; nil in an empty ledger.
    package var installed: Moment?
    /// When the last whole pass ended.
    package var lastPass: Moment?
    /// When what is over was last folded away.
    package var folded: Moment?
    /// When each pair was first selected.
    package var firstSeen: [Pair: Moment] = [:]
    /// The texts of each policy's schedules, and since when each has been in force.
    package var schedules: [PolicyName: [String: Moment]] = [:]
    /// Since when this installation lets another one on the same fleet go first; nil if it met none.
    package var steppedBack: Moment?
    /// What was missed last, of pairs that ever missed a slot.
    package var missed: [Pair: MissedSlots] = [:]
    /// What people paused, now or before; kept beside the ledger, so that it can be said while a daemon runs.
    package var pauses: [PolicyName: Pause] = [:]
    /// Whether those and the approvals could be read; if not, nothing is deleted.
    package var areInstructionsKnown = true
    /// Whether what happens can be written down; if not, nothing is deleted.
    package var isLedgerUsable = true
    /// The points whose deletion a person approved, and until when that holds; kept as the pauses are.
    package var approvals: [PointID: Moment] = [:]
    /// Since when complete inventories have shown no such resource, of pairs that have points.
    package var absent: [Pair: Moment] = [:]
    /// When backups went on after a stop longer than the longest time between two slots of the policy.
    package var resumed: [PolicyName: Moment] = [:]
    /// How much each policy has deleted lately.
    package var tallies: [PolicyName: PruneTally] = [:]
    /// Since when each point has been a candidate for pruning without a break.
    package var candidates: [PointID: Moment] = [:]
    /// Copies that were once seen usable, and since when: their debt is discharged for ever.
    package var copiesSeen: [PointID: Moment] = [:]
    /// Intents without an outcome.
    package var open: [Intent.ID: Intent] = [:]
    /// Creates and copies that were done in the hour before the last pass, or since: AWS may not show them yet.
    package var recent: [Intent.ID: DoneIntent] = [:]
    /// What failed since it last succeeded.
    package var setbacks: [Intent.Key: Setback] = [:]
    package var drills = DrillHistory()
    /// What was noted of resources when points were begun, as far as it has no other place yet.
    package var sidecars: [Intent.Key: SidecarRecord] = [:]
    /// The retention rules last applied, and when they last changed.
    package var retention: RetentionInForce?

    package init() {}
}

/// The text of all retention rules, and since when it has stood in the config.
package struct RetentionInForce: Sendable, Equatable {
    package var text: String
    package var since: Moment

    package init(text: String, since: Moment) {
        self.text = text
        self.since = since
    }
}

extension Memory {
    /// The rules of a config, if they are not those last applied; in force since the last pass at the earliest, so that a
    /// clock that is behind shortens no grace.
    package func newRetention(_ configuration: Configuration, now: Moment) -> RetentionInForce? {
        let text = configuration.retentionText
        return retention?.text == text ? nil : RetentionInForce(text: text, since: max(now, lastPass ?? now))
    }
}

/// How often in a row something failed, and when last.
package struct Setback: Sendable, Equatable {
    package var count: Int
    package var last: Moment
    package var code: String
    /// When the first of them was.
    package var first: Moment

    package init(count: Int, last: Moment, code: String, first: Moment? = nil) {
        self.count = count
        self.last = last
        self.code = code
        self.first = first ?? last
    }
}

/// What is about to be asked of AWS, written down before the call.
package struct Intent: Sendable, Equatable {
    /// A fresh nonce; of a create, the set's own.
    package typealias ID = SetID

    /// The verbs that change AWS.
    package enum Verb: String, Sendable {
        case create
        case copy
        case prune
        case repair
        case removeFailed = "remove-failed"
        case removeSurplus = "remove-surplus"
        case setAutomatic = "set-automatic"
        case unshare

        /// Whether it makes something, which may still fail or turn out to be there after its call has ended.
        package var makes: Bool { self == .create || self == .copy }
        /// Whether it deletes snapshots.
        package var removes: Bool { self == .prune || self == .removeFailed || self == .removeSurplus }
    }

    /// What the same attempt, made again, would share with this one.
    package struct Key: Hashable, Comparable, Sendable {
        package var verb: Verb
        package var pair: Pair
        package var slot: Moment
        package var site: Site

        package init(verb: Verb, pair: Pair, slot: Moment, site: Site) {
            self.verb = verb
            self.pair = pair
            self.slot = slot
            self.site = site
        }

        package static func < (a: Key, b: Key) -> Bool {
            (a.pair, a.slot, a.site, a.verb.rawValue) < (b.pair, b.slot, b.site, b.verb.rawValue)
        }
    }

    package var id: ID
    package var key: Key
    /// The set it is about: for a create the one that will be, else one that is.
    package var set: SetID
    package var began: Moment

    package init(id: ID, key: Key, set: SetID, began: Moment) {
        self.id = id
        self.key = key
        self.set = set
        self.began = began
    }
}

/// A create or a copy whose call was answered well.
package struct DoneIntent: Sendable, Equatable {
    package var intent: Intent
    package var at: Moment

    package init(_ intent: Intent, at: Moment) { (self.intent, self.at) = (intent, at) }

    /// Longer than AWS ever takes to show what it has done, whatever the config says.
    package static let memorable = Duration.seconds(3600)
}

/// How an intent ended.
package enum Ending: Sendable, Equatable {
    case done(requestID: String?)
    case failed(code: String, message: String, requestID: String?)
    /// Looked for twice around the consistency delay and not found: nothing was done.
    case notPerformed
    /// It was never a failure: AWS asked to wait.
    case deferred(code: String)
}

/// Everything that can change in ``Memory``; the ledger stores exactly these.
package enum Change: Sendable, Equatable {
    case installed(Moment)
    case passed(Moment)
    case saw(Pair, at: Moment)
    case scheduled(PolicyName, [String: Moment])
    case missed(Pair, MissedSlots)
    /// Another installation on the same fleet goes first from now on; nil: it does not any more.
    case steppedBack(Moment?)
    case retained(RetentionInForce)
    case candidate(PointID, since: Moment)
    case pardoned(PointID)
    /// No complete inventory shows the resource any more; nil: it is there again.
    case absent(Pair, since: Moment?)
    case resumed(PolicyName, at: Moment)
    case tallied(PolicyName, PruneTally)
    case copySeen(PointID, at: Moment)
    /// Neither home point nor copy is left of what once was seen.
    case copyForgotten(PointID)
    /// A policy and a resource have nothing to do with each other any more: all about them is forgotten.
    case forgot(Pair)
    /// Calls that ended, and failures that were last met, before that moment are forgotten.
    case folded(before: Moment, at: Moment)
    case began(Intent)
    case ended(Intent.ID, Ending, at: Moment)
    /// What was begun well was reported as failed by AWS later.
    case failedLater(Intent.Key, code: String, at: Moment)
    /// What failed before is well, or nobody's business any more.
    case recovered(Intent.Key)
    /// A drill was begun, or ended.
    case drilled(DrillRecord)
    /// How far a policy's drill schedule has been dealt with; nil: it has none any more.
    case drillsDone(PolicyName, DrillHistory.Progress?)
    /// What a resource was like as a point of it was begun; nil: that has found another place, or nobody can need it.
    case noted(Intent.Key, SidecarRecord?)
}

extension Memory {
    /// What is remembered once `change` has been recorded.
    package mutating func apply(_ change: Change) {
        switch change {
        case .installed(let moment): installed = installed ?? moment
        case .passed(let moment):
            lastPass = moment
            forgetRecent(before: moment)
        case .saw(let pair, let moment): firstSeen[pair] = min(firstSeen[pair] ?? moment, moment)
        case .scheduled(let policy, let texts): schedules[policy] = texts
        case .missed(let pair, let slots): missed[pair] = slots
        case .steppedBack(let since): steppedBack = since
        case .retained(let rules): retention = rules
        case .candidate(let point, let since): candidates[point] = candidates[point] ?? since
        case .pardoned(let point): candidates[point] = nil
        case .absent(let pair, let since): absent[pair] = since
        case .resumed(let policy, let moment): resumed[policy] = moment
        case .tallied(let policy, let tally): tallies[policy] = tally
        case .copySeen(let point, let moment): copiesSeen[point] = copiesSeen[point] ?? moment
        case .copyForgotten(let point): copiesSeen[point] = nil
        case .forgot(let pair): forget(pair)
        case .folded(let before, let moment):
            folded = moment
            setbacks = setbacks.filter { $0.value.last >= before }
        case .began(let intent): open[intent.id] = intent
        case .ended(let id, let ending, let moment): close(id, ending, at: moment)
        case .failedLater(let key, let code, let moment): count(key, code, at: moment)
        case .recovered(let key): setbacks[key] = nil
        case .drilled(let record): drills.note(record)
        case .drillsDone(let policy, let progress): drills.progress[policy] = progress
        case .noted(let key, let record): sidecars[key] = record
        }
    }

    private mutating func close(_ id: Intent.ID, _ ending: Ending, at moment: Moment) {
        guard let intent = open.removeValue(forKey: id) else { return }
        switch ending {
        case .done:
            // What was started well may still fail later, so that only what is done when its call returns is forgiven.
            if intent.key.verb.makes {
                recent[id] = DoneIntent(intent, at: moment)
                if recent.count.isMultiple(of: 512) { forgetRecent(before: moment) }
            } else {
                setbacks[intent.key] = nil
            }
        case .failed(let code, _, _):
            count(intent.key, code, at: moment)
        case .notPerformed, .deferred:
            break
        }
    }

    private mutating func forgetRecent(before moment: Moment) {
        recent = recent.filter { moment - DoneIntent.memorable < $0.value.at }
    }

    private mutating func forget(_ pair: Pair) {
        firstSeen[pair] = nil
        absent[pair] = nil
        missed[pair] = nil
        drills.forget(pair)
        setbacks = setbacks.filter { $0.key.pair != pair }
    }

    private mutating func count(_ key: Intent.Key, _ code: String, at moment: Moment) {
        let before = setbacks[key]
        setbacks[key] = Setback(
            count: (before?.count ?? 0) + 1, last: moment, code: code, first: before?.first)
    }
}
