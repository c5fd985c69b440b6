package import BackupCore

/// The daemon's loop: asks the state what is to be done now, does it, and sleeps until the next moment of interest.
package actor Scheduler {
    private var state: SchedulerState
    private let runner: PlanRunner
    private let clock: any WallClock
    private let events: any EventSink
    private let service: any ServiceManager
    private let reload: @Sendable () -> Configuration?
    private let renew: @Sendable (Configuration) -> Configuration?
    private let passEnded: @Sendable () async -> Void
    private let bell = Doorbell()
    private var mustReload = false
    /// Those who wait to hear whether the config was taken over.
    private var awaitingReload: [CheckedContinuation<Bool, Never>] = []
    private var awaitingRuns: [Int: CheckedContinuation<RunReport?, Never>] = [:]

    /// A scheduler of `configuration`, not yet running.
    ///
    /// `reload` reads the config again and says what is wrong with it; nil keeps the one in force. `renew` gives the
    /// same config under the zone database's new rules, once they changed. `passEnded` is called after each pass.
    package init(
        configuration: Configuration, runner: PlanRunner, clock: any WallClock, events: any EventSink,
        service: any ServiceManager, watchdog: Duration?, reload: @escaping @Sendable () -> Configuration?,
        renew: @escaping @Sendable (Configuration) -> Configuration? = { _ in nil },
        passEnded: @escaping @Sendable () async -> Void = {},
        rarestTick: Duration = .seconds(60)
    ) {
        state = SchedulerState(
            configuration: configuration, watchdog: watchdog, rarest: rarestTick, now: clock.now)
        self.runner = runner
        self.clock = clock
        self.events = events
        self.service = service
        self.reload = reload
        self.renew = renew
        self.passEnded = passEnded
    }

    /// The config in force.
    package var configuration: Configuration { state.configuration }

    /// Runs until it is told to stop and nothing is in flight any more.
    package func run() async {
        service.ready()
        await withDiscardingTaskGroup { group in
            var isRunning = true
            while isRunning {
                var next = Moment.never
                if mustReload { await reloadNow() }
                await lookAround()
                for effect in state.tick(now: clock.now) {
                    switch effect {
                    case .alive: service.alive()
                    case .startPass(let reading): group.addTask { await self.pass(reading) }
                    case .startPassOfRun(let run): group.addTask { await self.pass(of: run) }
                    case .arm(let moment): next = moment
                    case .exit: isRunning = false
                    }
                }
                if isRunning { await bell.wait(until: next, clock) }
            }
        }
        for continuation in awaitingReload { continuation.resume(returning: false) }
        awaitingReload = []
        answerRuns()
    }

    /// SIGTERM: starts nothing more, and lets the calls in flight end.
    ///
    /// - Returns: False if it had been told so before.
    @discardableResult package func stop() async -> Bool {
        guard !state.isStopping else { return false }
        service.stopping()
        events.emit(Event(.stopping, "stopping: nothing new is started, calls in flight are finished"))
        state.stop()
        await runner.stop()
        bell.ring()
        return true
    }

    /// SIGHUP: reads the config again before the next tick.
    package func requestReload() {
        mustReload = true
        bell.ring()
    }

    /// The same, and waits for it.
    ///
    /// - Returns: Whether the config in the files is in force now.
    package func reloaded() async -> Bool {
        guard !state.isStopping else { return false }
        return await withCheckedContinuation { continuation in
            awaitingReload.append(continuation)
            requestReload()
        }
    }

    /// `backup`: takes points by hand between the daemon's own passes, and follows them until nothing of that policy is
    /// pending.
    ///
    /// - Returns: What it came to; nil if it is told to stop before that, or if too many others wait.
    package func backUp(_ policy: PolicyName, _ resources: Set<ResourceID>?) async -> RunReport? {
        let setbacks = await runner.memory.setbacks
        guard !state.isStopping else { return nil }
        guard
            let number = state.begin(
                FiniteRun(.byHand(policy, resources), began: clock.now, failedBefore: setbacks))
        else { return nil }
        return await withCheckedContinuation { continuation in
            awaitingRuns[number] = continuation
            bell.ring()
        }
    }

    /// Something changed that a person told, such as a pause: it counts at once.
    package func lookAgain() { bell.ring() }

    /// The wall clock was set: the plan is made again from what it shows now.
    package func clockStepped(by step: Duration) {
        let size = "\(step < .zero ? .zero - step : step)"
        let what =
            step < .zero ? "back by \(size): no slot runs again" : "forward by \(size): what came due is looked at"
        events.emit(Event(.clockStepped, "the clock was set \(what)"))
        state.clockStepped(now: clock.now)
        bell.ring()
    }

    /// Notices what changed besides AWS and the config: pauses, and the zones' rules.
    private func lookAround() async {
        if await runner.refreshInstructions() { state.replan() }
        guard let configuration = renew(state.configuration) else { return }
        let names = Set(configuration.policies.flatMap(\.schedules).map(\.zone.name)).sorted()
        events.emit(
            Event(.zonesChanged, "the zone database has changed: \(names.joined(separator: ", ")) read again"))
        state.renewed(configuration)
    }

    private func reloadNow() async {
        mustReload = false
        // Who asks from here on waits for the next one.
        let asked = awaitingReload
        awaitingReload = []
        service.reloading()
        let fresh = reload()
        if let fresh {
            let changes = state.configuration.changes(to: fresh)
            events.emit(
                Event(
                    .configLoaded,
                    "config read again: \(fresh.policies.counted); \(changes.isEmpty ? "nothing has changed" : changes)"
                ))
            state.reloaded(fresh, now: clock.now)
        } else {
            state.keptOld()
            await tellStatus()
        }
        service.ready()
        for continuation in asked { continuation.resume(returning: fresh != nil) }
    }

    private func pass(_ reading: PlanRunner.Reading) async {
        let report = await runner.pass(state.configuration, reading: reading) { await self.ended($0) }
        if report.isLate { heard(late: report) } else { await ended(report) }
    }

    private func ended(_ report: PassReport) async {
        state.passEnded(report, now: clock.now)
        await lookAfterPass()
    }

    /// What had been under way when its pass was handed over has ended.
    private func heard(late report: PassReport) {
        state.heard(late: report)
        bell.ring()
    }

    private func lookAfterPass() async {
        answerRuns()
        await tellStatus()
        bell.ring()
        await passEnded()
    }

    private func pass(of number: Int) async {
        guard let run = state.runs[number] else {
            // It was answered meanwhile: there is to be an exit.
            state.passLapsed()
            return bell.ring()
        }
        let report = await runner.pass(
            state.configuration, run.eagerness, reading: run.reading, failedBefore: run.failedBefore
        ) { await self.ended($0, of: number) }
        if report.isLate { heard(late: report) } else { await ended(report, of: number) }
    }

    private func ended(_ report: PassReport, of number: Int) async {
        state.passEnded(report, of: number)
        await lookAfterPass()
    }

    private func answerRuns() {
        for (number, run) in state.takeEndedRuns() {
            awaitingRuns.removeValue(forKey: number)?.resume(returning: run.nextPass == nil ? run.report : nil)
        }
    }

    private func tellStatus() async {
        let (inventory, memory) = (await runner.inventory, await runner.memory)
        service.status(state.configuration.statusLine(inventory, memory, now: clock.now))
    }
}
