package import BackupCore

/// The daemon's loop: asks the state what is to be done now, does it, and sleeps until the next moment of interest.
package actor Scheduler {
    private var state: SchedulerState
    private let runner: PlanRunner
    private let clock: any WallClock
    private let events: any EventSink
    private let service: any ServiceManager
    private let reload: @Sendable () -> Configuration?
    private let bell = Doorbell()
    private var mustReload = false

    /// `reload` reads the config again and says what is wrong with it; nil keeps the one in force.
    package init(
        configuration: Configuration, runner: PlanRunner, clock: any WallClock, events: any EventSink,
        service: any ServiceManager, watchdog: Duration?, reload: @escaping @Sendable () -> Configuration?
    ) {
        state = SchedulerState(configuration: configuration, watchdog: watchdog, now: clock.now)
        self.runner = runner
        self.clock = clock
        self.events = events
        self.service = service
        self.reload = reload
    }

    /// Runs until it is told to stop and nothing is in flight any more.
    package func run() async {
        service.ready()
        await withDiscardingTaskGroup { group in
            var isRunning = true
            while isRunning {
                var next = Moment.never
                if mustReload { reloadNow() }
                for effect in state.tick(now: clock.now) {
                    switch effect {
                    case .alive: service.alive()
                    case .startPass(let reading): group.addTask { await self.pass(reading) }
                    case .arm(let moment): next = moment
                    case .exit: isRunning = false
                    }
                }
                if isRunning { await sleep(until: next) }
            }
        }
    }

    /// SIGTERM: starts nothing more, and lets the calls in flight end.
    package func stop() async {
        service.stopping()
        events.emit(Event(.stopping, "stopping: nothing new is started, calls in flight are finished"))
        state.stop()
        await runner.stop()
        bell.ring()
    }

    /// SIGHUP: reads the config again before the next tick.
    package func requestReload() {
        mustReload = true
        bell.ring()
    }

    private func reloadNow() {
        mustReload = false
        service.reloading()
        if let configuration = reload() { state.reloaded(configuration, now: clock.now) }
        service.ready()
    }

    private func pass(_ reading: PlanRunner.Reading) async {
        do throws(HistoryError) {
            state.passEnded(try await runner.pass(state.configuration, reading: reading))
        } catch {
            events.emit(Event(.ledgerTrouble, "the ledger cannot be used: \(error); trying again in a minute"))
            state.passFailed(now: clock.now)
        }
        service.status(state.configuration.statusLine(await runner.inventory, now: clock.now))
        bell.ring()
    }

    private func sleep(until moment: Moment) async {
        let clock = clock
        let bell = bell
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: moment) }
            group.addTask { await bell.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
