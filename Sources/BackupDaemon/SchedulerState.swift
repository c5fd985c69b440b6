package import BackupCore

/// When the daemon does what, as a value: events in, effects out, no clock, no queue, no network.
package struct SchedulerState: Sendable {
    /// What the shell must do.
    package enum Effect: Sendable, Equatable {
        /// Tell the service manager that this tick finished.
        case alive
        case startPass(PlanRunner.Reading)
        /// Make the next pass of a run that a person asked for.
        case startPassOfRun(Int)
        /// Tick again at that moment at the latest.
        case arm(Moment)
        case exit
    }

    package private(set) var configuration: Configuration
    private let tickInterval: Duration
    /// Slots up to here have been offered to a pass.
    private var considered: Moment
    private var nextInventory: Moment
    private var nextLook: Moment?
    private var nextRelease: Moment?
    /// When a slot's start comes for some resource, by its share of the spread or at a blackout's end.
    private var nextStart: Moment?
    private var lastReading = Moment.longAgo
    private var lastTick = Moment.longAgo
    private var gapsInARow = 0
    private var mustReplan = false
    private var isPassing = false
    /// What people asked the daemon to do by hand, by number; those that are over are taken out by the shell.
    private(set) var runs: [Int: FiniteRun] = [:]
    private var lastRun = 0
    /// The last pass was a run's: the daemon's own go first then.
    private var isRunsTurnOver = false
    package private(set) var isStopping = false

    /// A watchdog that is fed by ticks allows at most half its time between them; without one a tick a minute is enough.
    ///
    /// A simulation needs none in between, since nothing happens there unseen: it says how rare they may be.
    package init(
        configuration: Configuration, watchdog: Duration?, rarest: Duration = .seconds(60), now: Moment
    ) {
        self.configuration = configuration
        tickInterval = max(.seconds(1), watchdog.map { min(rarest, $0 / 2) } ?? rarest)
        considered = now
        nextInventory = now
    }

    /// An inventory so old is still good enough to start what it shows.
    private static let freshness = Duration.seconds(600)

    /// The timer fired, or something happened that may change what is due.
    package mutating func tick(now: Moment) -> [Effect] {
        var effects: [Effect] = [.alive]
        if isStopping {
            effects.append(isPassing ? .arm(now + tickInterval) : .exit)
            return effects
        }
        if now < lastTick { steppedBack(to: now) }
        lastTick = now
        let reading = isPassing ? nil : dueReading(now)
        if !isPassing, let run = dueRun(now), reading == nil || !isRunsTurnOver {
            isPassing = true
            isRunsTurnOver = true
            effects.append(.startPassOfRun(run))
        } else if let reading {
            isRunsTurnOver = false
            isPassing = true
            mustReplan = false
            if reading == .everything {
                considered = now
                lastReading = now
                nextInventory = now + configuration.timing.inventoryInterval
                nextRelease = nil
            }
            effects.append(.startPass(reading))
        }
        effects.append(.arm(min(now + tickInterval, nextInterest(now) ?? .never)))
        return effects
    }

    /// After a step back of the clock every moment of interest may lie far ahead, and the slots in between come again:
    /// what is satisfied stays so.
    private mutating func steppedBack(to now: Moment) {
        considered = min(considered, now)
        nextInventory = now
        nextLook = nil
        lastReading = .longAgo
    }

    /// Somebody set the clock: AWS tells what it is off by now, before anything is planned.
    package mutating func clockStepped(now: Moment) { nextInventory = min(nextInventory, now) }

    package mutating func passEnded(_ report: PassReport, now: Moment) {
        isPassing = false
        for run in runs.keys { runs[run]?.heard(of: report) }
        mustReplan = mustReplan || report.done > 0 || report.unforeseen > 0
        nextStart = report.nextStart
        gapsInARow = report.hasGaps ? gapsInARow + 1 : 0
        if report.hasGaps {
            // A place that cannot be read is tried again after 1, 2, 4 … 15 minutes, not an hour later.
            let wait = Duration.seconds(min(900, 60 << Int64(min(gapsInARow - 1, 4))))
            nextInventory = min(nextInventory, now + wait)
        }
        nextLook = [report.nextLook, report.nextWatch].compactMap { $0 }.min()
        nextRelease = report.nextRelease
        if !report.isLedgerUsable { nextLook = min(nextLook ?? .never, now + SchedulerState.ledgerPause) }
    }

    /// A pass that was to begin has nothing to do.
    mutating func passLapsed() { isPassing = false }

    /// What ended after its pass had been handed over is in the next plan.
    mutating func heard(late report: PassReport) {
        mustReplan = true
        for run in runs.keys { runs[run]?.heard(of: report) }
    }

    /// Begins a run by hand; gives its number, or nil where too many wait.
    mutating func begin(_ run: FiniteRun) -> Int? {
        guard runs.count < SchedulerState.mostRuns else { return nil }
        lastRun += 1
        runs[lastRun] = run
        return lastRun
    }

    private static let mostRuns = 16

    /// What a run by hand began is followed by the daemon's own passes from here on, too.
    mutating func passEnded(_ report: PassReport, of run: Int) {
        isPassing = false
        mustReplan = true
        runs[run]?.passEnded(report)
    }

    /// Runs that need no pass any more, or get none; each is given once.
    mutating func takeEndedRuns() -> [(number: Int, run: FiniteRun)] {
        let ended = runs.filter { $0.value.nextPass == nil || isStopping }
        for number in ended.keys { runs[number] = nil }
        return ended.map { ($0.key, $0.value) }
    }

    /// Those who wait for longest come first.
    private func dueRun(_ now: Moment) -> Int? {
        runs.filter { $0.value.nextPass.map { $0 <= now } ?? false }.keys.min()
    }

    /// A ledger that could not be used is tried again after that.
    private static let ledgerPause = Duration.seconds(60)

    /// What stands in the files was rejected.
    package mutating func keptOld() { configuration.isOutdated = true }

    package mutating func reloaded(_ configuration: Configuration, now: Moment) {
        self.configuration = configuration
        nextInventory = now
    }

    /// Something that no reading of AWS shows has changed, such as a pause.
    package mutating func replan() { mustReplan = true }

    /// The zones' rules changed under the same config.
    package mutating func renewed(_ configuration: Configuration) {
        self.configuration = configuration
        replan()
    }

    package mutating func stop() { isStopping = true }

    private func dueReading(_ now: Moment) -> PlanRunner.Reading? {
        let slotIsDue = nextSlot.map { $0 <= now } ?? false
        let releaseIsDue = nextRelease.map { $0 <= now } ?? false
        if slotIsDue || releaseIsDue || nextInventory <= now { return .everything }
        if nextStart.map({ $0 <= now }) ?? false {
            return lastReading + SchedulerState.freshness < now ? .everything : .nothing
        }
        if mustReplan { return .nothing }
        return (nextLook.map { $0 <= now } ?? false) ? .pending : nil
    }

    private var nextSlot: Moment? { configuration.policies.compactMap { $0.nextSlot(after: considered) }.min() }

    /// The earliest moment of interest; while a pass runs its end is what is waited for.
    private func nextInterest(_ now: Moment) -> Moment? {
        guard !isPassing else { return nil }
        let moments = [nextSlot, nextInventory, nextLook, nextRelease, nextStart] + runs.values.map(\.nextPass)
        return moments.compactMap { $0 }.filter { $0 > now }.min()
    }
}
