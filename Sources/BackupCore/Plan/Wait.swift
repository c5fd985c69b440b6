/// Something that it is time for and that is not begun yet.
package struct Wait: Sendable, Equatable {
    /// What it waits for.
    package enum Cause: Sendable, Equatable {
        /// The reply to the same call was lost: it is looked for again before anything is repeated.
        case lostReply
        /// It has failed so many times in a row.
        case failures(Int, code: String)
        /// AWS asked to wait.
        case askedToWait
        /// The ledger has just been begun, and what another began before it may not be shown yet.
        case newLedger
        /// The policy starts nothing at this hour.
        case blackout
        /// Another snapwarden on this fleet goes first.
        case steppedBack
        /// Another run may have taken the same slot, and which of both stays is not known yet.
        case unsettled
        /// AWS's limits leave no room for it; it has its turn when there is some.
        case limit(Limit)
    }

    /// `create`, `copy` and so on: the word of the action.
    package var action: Intent.Verb?
    package var pair: Pair
    package var slot: Moment?
    package var site: Site
    package var cause: Cause
    /// When it is looked at again at the latest; nil for room, which is looked for with every poll.
    package var until: Moment?
}

extension Wait.Cause {
    /// The word of `status --output json`.
    package var word: String {
        switch self {
        case .lostReply: "lost-reply"
        case .failures: "backoff"
        case .askedToWait: "asked-to-wait"
        case .newLedger: "new-ledger"
        case .blackout: "blackout"
        case .steppedBack: "stepped-back"
        case .unsettled: "unsettled"
        case .limit: "limit"
        }
    }
}

extension Wait.Cause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lostReply: "the reply was lost: it is looked for before it is repeated"
        case .failures(let count, let code): "failed \(count) times: \(code)"
        case .askedToWait: "AWS asked to wait"
        case .newLedger: "this ledger is new: what another began may not be shown yet"
        case .blackout: "a blackout of the policy"
        case .steppedBack: "another snapwarden on this fleet goes first"
        case .unsettled: "just taken: first AWS must show whether another snapwarden took it, too"
        case .limit(let limit): limit.description
        }
    }
}

extension Plan {
    mutating func wait(_ action: Action, for cause: Wait.Cause, until: Moment?) {
        waits.append(
            Wait(
                action: action.key?.verb, pair: action.pair, slot: action.pointSlot, site: action.site, cause: cause,
                until: until))
    }
}
