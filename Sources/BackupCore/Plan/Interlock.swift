/// One of the rules that stand between a point no rule keeps and its deletion; all must agree.
///
/// That a point is ours needs none: an inventory holds nothing else. That the newest usable points stay, retention has
/// seen to by keeping them (``KeepReason/floor(_:)``).
struct InterlockRule: Sendable {
    /// What `plan --output json` calls it.
    let name: String
    /// It protects sets that have lost members as well; those owe nothing, and no copy builds on them.
    let coversDebris: Bool
    /// Why the point may not go; nil if this rule lets it.
    let objection: @Sendable (InterlockQuestion) -> Reason?

    init(
        _ name: String, coversDebris: Bool = false, objection: @escaping @Sendable (InterlockQuestion) -> Reason?
    ) {
        (self.name, self.coversDebris, self.objection) = (name, coversDebris, objection)
    }
}

/// The question whether one point may go.
struct InterlockQuestion {
    var planner: Planner
    var subject: Planner.Subject
    var fleet: Planner.Fleet
    var point: RecoveryPoint

    fileprivate var policy: Policy { subject.policy }
    fileprivate var copyRule: CopyRule? { policy.copies.first { $0.site == point.site } }
}

extension InterlockRule {
    /// In the order in which they are asked; the first objection is the one that is told.
    static let all = [
        saneClock, usableLedger, ownConfig, notNow, completeInventory, protectedByAWS, copyInFlight, knownStates,
        owedCopy,
        newestCopy, freshAfterStop, grace,
    ]

    /// Those that are asked of whatever goes.
    static let ofAnything = all.filter(\.coversDebris)

    /// A clock that is not AWS's or behind the ledger, or a point of the future: ages mean nothing then.
    static let saneClock = InterlockRule("sane-clock", coversDebris: true) { $0.fleet.clockTrouble }

    /// The ledger says what was deleted, and since when a point was to be.
    static let usableLedger = InterlockRule("usable-ledger", coversDebris: true) { question in
        question.planner.memory.isLedgerUsable ? nil : .ledgerUnusable
    }

    /// The rules are those of the config last applied, and what stands in its place has problems.
    static let ownConfig = InterlockRule("own-config", coversDebris: true) { question in
        question.planner.configuration.isStandIn ? .configRejected : nil
    }

    /// A pause, or a blackout of prunes.
    static let notNow = InterlockRule("not-now", coversDebris: true) { question in
        guard question.planner.memory.areInstructionsKnown else { return .instructionsUnknown }
        return question.planner.waitingUntil(.prunes, question.policy).map { .notNow(until: $0 < .never ? $0 : nil) }
    }

    /// Every place that says something about the point was read in this pass: its own, its home, its destinations.
    static let completeInventory = InterlockRule("complete-inventory", coversDebris: true) { question in
        let (point, policy, inventory) = (question.point, question.policy, question.planner.inventory)
        let provider = point.place.provider
        let destinations = point.isCopy ? [] : policy.copies.map { Place(provider, $0.site) }
        // A copy's home region may not be in any policy's regions any more; it is not read then, and not waited for.
        let isRead = { (place: Place) in
            policy.homes.contains(place.site) || policy.copies.contains { $0.site == place.site }
        }
        return ([point.place, Place(provider, point.home)] + destinations)
            .first { !inventory.isComplete($0) && isRead($0) }
            .map(Reason.inventoryIncomplete)
    }

    /// A lock, an AMI that uses it, a refusal when it was last asked for; or none of that could be read.
    static let protectedByAWS = InterlockRule("protected-by-aws", coversDebris: true) { question in
        let (point, planner) = (question.point, question.planner)
        return point.protection(at: planner.now)
            ?? planner.inventory.listings[point.place]?.protectionGap.map { .protectionsNotRead(point.place, $0) }
    }

    /// A copy is being made, or lacks the tags that say whose it is: in Lightsail its home point's name alone tells.
    static let copyInFlight = InterlockRule("copy-in-flight", coversDebris: true) { question in
        let point = question.point
        let inFlight = question.subject.points.filter {
            $0.isCopy && !point.isCopy && $0.set == point.set
                && ($0.isBeingMade || ($0.lacksTags && $0.place.provider.isLightsail))
        }
        return inFlight.map(\.site).min().map(Reason.copyInFlight)
    }

    /// `recoverable`, `recovering`, archived, or a word that is new to us.
    static let knownStates = InterlockRule("known-states", coversDebris: true) { question in
        let words = question.point.members.compactMap { if case .other(let word) = $0.state { word } else { nil } }
        return words.min().map(Reason.unknownState)
    }

    static let owedCopy = InterlockRule("owed-copy") { question in
        let (point, subject) = (question.point, question.subject)
        guard !point.isCopy else { return nil }
        return question.policy.copies.first { rule in
            subject.owed[rule.site]?.contains { $0.set == point.set } ?? false
        }.map { .owesCopy($0.site) }
    }

    /// In EC2 a copy is incremental only while the most recent copy of its volume under the same key is there.
    ///
    /// It lapses where the next copy will be a full one anyway, or where none will be made: another key is configured
    /// now, the volume is detached or left out, the resource is not selected any more.
    static let newestCopy = InterlockRule("newest-copy") { question in
        let (point, subject) = (question.point, question.subject)
        guard point.isCopy, point.place.provider == .ec2, let resource = subject.resource, let rule = question.copyRule,
            point.isUnder(rule.keyName)
        else { return nil }
        let attached = Set(resource.volumes.filter { !question.policy.exclusion.excludes($0) }.map(\.id))
        let newer = subject.copies(in: point.site).filter {
            $0.state == .usable && RecoveryPoint.newestFirst($0, point) && $0.isUnder(rule.keyName)
        }
        let superseded = Set(newer.flatMap(\.members).compactMap(\.volume))
        return point.members.compactMap(\.volume).first { attached.contains($0) && !superseded.contains($0) }
            .map(Reason.newestCopyOfVolume)
    }

    /// After a stop longer than the longest time between two slots, one new usable point must show that backups work.
    ///
    /// Of the resource itself; of the whole fleet if this one is not protected any more.
    static let freshAfterStop = InterlockRule("fresh-after-stop") { question in
        guard let resumed = question.planner.memory.resumed[question.policy.name] else { return nil }
        let newest =
            question.subject.resource == nil
            ? question.fleet.index.newestUsable
            : question.subject.home.filter { $0.state == .usable }.map(\.taken).max()
        // AWS's clock may be behind ours, and what it dates a little before we went on is from then all the same.
        return newest.map { $0.latestCredible >= resumed } ?? false ? nil : .stoppedUntil(resumed)
    }

    /// A config that changed, or is new to this installation, deletes nothing older than itself for a while.
    static let grace = InterlockRule("grace") { question in
        let (planner, point) = (question.planner, question.point)
        let since = planner.memory.retention?.since ?? planner.now
        guard point.taken < since else { return nil }
        // What was a candidate before the change may have been held back by what was changed.
        let candidate = max(planner.memory.candidates[point.id] ?? planner.now, since)
        let until = candidate + planner.configuration.timing.pruneGrace
        return planner.now < until ? .grace(until: until) : nil
    }

    /// Of sets that have lost members alone: what is left of them goes only once something newer is usable.
    static let newerUsable = InterlockRule("newer-usable", coversDebris: true) { _ in .noNewerUsable }
}

extension RecoveryPoint {
    /// Whether a copy was made under that key, or may have been: under another name for it, or before keys were noted.
    fileprivate func isUnder(_ key: String) -> Bool {
        guard let own = self.key, own != key else { return true }
        guard let own = try? KeyName(own), let key = try? KeyName(key) else { return false }
        return own.canBe(key)
    }
}
