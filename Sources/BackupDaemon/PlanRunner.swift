package import BackupCore

/// Does what the planner says: reads AWS, asks for a plan, and carries it out, each call between an intent and its
/// outcome in the ledger.
package actor PlanRunner {
    let cloud: any Cloud
    let history: any History
    let instructions: any Instructions
    let events: any EventSink
    let clock: any WallClock
    let nonces: @Sendable () -> String
    /// What tells this run's snapshots from another's on the same fleet; nil where there is no other.
    let run: RunID?

    package internal(set) var memory = Memory()
    package internal(set) var inventory = Inventory()
    /// What AWS asked to wait for.
    package internal(set) var postponed: [Intent.Key: Moment] = [:]
    /// What this process made or deleted a moment ago, which AWS may not show yet.
    var made: [PointID: (point: RecoveryPoint, at: Moment)] = [:]
    var deleted: [PointID: Moment] = [:]
    /// Where the last plan found no room for something.
    private(set) var crowded: Set<Place> = []
    /// The same of how automatic snapshots were set.
    var settings: [ResourceID: (AutomaticSetting, at: Moment)] = [:]
    /// What this run began, until it is known whether another run did the same.
    var watched: [PointID: Watched] = [:]
    /// Conflicts from which it was concluded already who goes first.
    var answered: Set<PointID> = []
    /// Calls of this process that have not ended yet: nobody looks what became of them.
    var underWay: Set<Intent.ID> = []
    /// Intents that had ended well before this process began, and are looked for all the same.
    var reopened: Set<Intent.ID> = []
    /// What could not be written into the ledger yet.
    var backlog = Backlog()
    /// The ledger could not even be read, so that what it remembers is not known.
    var mustRecall = false
    var narrator: Narrator
    var poll = PollInterval()
    /// The longest time between two slots of each policy, which takes a while to reckon, and of which schedules.
    var longestIntervals: [PolicyName: (of: [Schedule], interval: Duration?)] = [:]
    /// When intents that a clock ahead had dated into the future were first met.
    private var misdated: [Intent.ID: Moment] = [:]
    /// The same of pauses that a person ended by a clock that was ahead.
    private var misdatedPauses: [PolicyName: (pause: Pause, at: Moment)] = [:]
    var isStopping = false
    /// Rung when it is told to stop: no reading is waited for then.
    let stopBell = Doorbell()

    /// So many calls are under way at once.
    static let width = 16

    package init(
        cloud: any Cloud, history: any History, instructions: any Instructions, events: any EventSink,
        clock: any WallClock, nonces: @escaping @Sendable () -> String, run: RunID? = nil
    ) {
        self.cloud = cloud
        self.history = history
        self.instructions = instructions
        self.events = events
        self.clock = clock
        self.nonces = nonces
        self.run = run
        narrator = Narrator(events: events)
    }

    /// What a pass reads before it plans.
    package enum Reading: Sendable {
        case everything
        /// Only what is pending, in one batched call for each place.
        case pending
        /// Nothing: what the last pass changed is known.
        case nothing
    }

    /// Recalls what the ledger remembers; must come before the first pass.
    ///
    /// Where that cannot be read, what AWS shows is all there is to go by, as with an empty ledger.
    package func open() async {
        do throws(HistoryError) {
            memory = try await history.recall()
        } catch {
            mustRecall = true
            noteTrouble(error)
        }
        if memory.installed == nil { await record([.installed(clock.now)]) }
        reopenRecent()
        refreshInstructions()
    }

    /// Takes over what people paused, resumed or approved since, and what runs out by itself; true if that changed
    /// anything.
    ///
    /// What cannot be read is said, and what was known goes on, without deletes.
    @discardableResult func refreshInstructions() -> Bool {
        let before = memory
        do throws(HistoryError) {
            memory.pauses = Dictionary(
                uniqueKeysWithValues: try instructions.pauses().map { ($0.key, asMet($0.value, of: $0.key)) })
            memory.approvals = try instructions.approvals()
            memory.areInstructionsKnown = true
            narrator.instructionTrouble = nil
        } catch {
            memory.areInstructionsKnown = false
            narrator.narrate(instructionTrouble: error)
        }
        let isPausedNow = narrator.narrate(memory.pauses, now: clock.now)
        return isPausedNow || before.approvals != memory.approvals || before.pauses != memory.pauses
            || before.areInstructionsKnown != memory.areInstructionsKnown
    }

    /// One pass: read, plan, act.
    ///
    /// Whatever is asked for, nothing is deleted on a reading of an earlier pass: in an hour a person may have held the
    /// point, or a region may have gone.
    ///
    /// With `handOver` a call that gets no reply holds up no other pass: what was done is told to it, and what ends later is
    /// returned as late.
    package func pass(
        _ configuration: Configuration, _ eagerness: Eagerness = .scheduled, reading: Reading = .everything,
        failedBefore: [Intent.Key: Setback]? = nil, slotsThrough: Moment = .never,
        handOver: (@Sendable (PassReport) async -> Void)? = nil
    ) async -> PassReport {
        await mendLedger()
        let hasReadAll = await read(configuration, reading)
        await lookForRivals(configuration.timing, hasReadAll: hasReadAll)
        let rules = memory.retention?.text
        await note(configuration)
        let rulesAreNew = memory.retention?.text != rules
        var plan = planned(configuration, eagerness, failedBefore, slotsThrough)
        if !hasReadAll, !plan.deletes, await lookAgain(beforeBeginning: plan) {
            plan = planned(configuration, eagerness, failedBefore, slotsThrough)
        }
        if await stepBack(over: plan.conflicts) { plan = planned(configuration, eagerness, failedBefore, slotsThrough) }
        if !hasReadAll, plan.deletes {
            // A hold, a lock or an image may have come since: what is deleted was looked at in this very pass.
            await read(configuration, .everything)
            await note(configuration)
            plan = planned(configuration, eagerness, failedBefore, slotsThrough)
        }
        await noteCandidates(of: plan)
        await noteMissed(in: plan, configuration)
        if rulesAreNew { narrator.narrate(gracedIn: plan) }
        crowded = Set(plan.queued.compactMap(\.queue))
        narrator.narrate(queued: plan.queued, byHand: eagerness.onlyPolicy != nil)
        let last = plan
        let handOver = handOver.map { handOver in
            { (report: PassReport) in await handOver(await self.concluded(report, last, eagerness, configuration)) }
        }
        let report = await perform(last.actions, configuration, handOver: handOver)
        guard report.isLate else { return await concluded(report, last, eagerness, configuration) }
        await beginning(of: report, eagerness)
        await tally(late: report, configuration)
        return report
    }

    /// What a pass came to, once all that follows from it is written down.
    private func concluded(
        _ report: PassReport, _ plan: Plan, _ eagerness: Eagerness, _ configuration: Configuration
    ) async -> PassReport {
        var report = report
        report.plan = plan
        await beginning(of: report, eagerness)
        await finish(&report, plan, configuration, concerning: eagerness.onlyPolicy)
        return report
    }

    private func beginning(of report: PassReport, _ eagerness: Eagerness) async {
        if eagerness == .scheduled, let slot = report.firstBegun { await goFirstAgain(havingBegun: slot) }
    }

    private func planned(
        _ configuration: Configuration, _ eagerness: Eagerness, _ failedBefore: [Intent.Key: Setback]?,
        _ slotsThrough: Moment
    ) -> Plan {
        var planner = Planner(
            configuration: configuration, inventory: inventory, memory: memory, now: clock.now,
            eagerness: eagerness, postponed: postponed, failedBefore: failedBefore,
            unsettled: watched.mapValues { $0.at + configuration.timing.rivalsShow })
        planner.slotsThrough = slotsThrough
        return planner.plan()
    }

    /// When an intent began; one from the future, which a clock wrote that was ahead, counts from when that was noticed.
    func beginning(of intent: Intent) -> Moment {
        guard intent.began > clock.now else { return intent.began }
        let noticed = min(misdated[intent.id] ?? clock.now, clock.now)
        misdated[intent.id] = noticed
        return noticed
    }

    /// A pause whose end lies in the future ended when that was noticed: else it would go on covering slots.
    private func asMet(_ pause: Pause, of policy: PolicyName) -> Pause {
        let now = clock.now
        guard [pause.resumed, pause.earlier].contains(where: { $0.map { $0 > now } ?? false }) else { return pause }
        let known = misdatedPauses[policy].flatMap { $0.pause == pause ? $0.at : nil }
        let met = min(known ?? now, now)
        misdatedPauses[policy] = (pause, met)
        var dated = pause
        dated.resumed = pause.resumed.map { min($0, met) }
        dated.earlier = pause.earlier.map { min($0, met) }
        return dated
    }

    /// Lets calls in flight end and starts no other; what is pending is followed again after the next start.
    package func stop() {
        isStopping = true
        stopBell.ring()
    }
}
