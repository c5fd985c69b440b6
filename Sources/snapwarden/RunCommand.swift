import AWS
import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon
import CLinux
import Glibc
import Systemd

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Protect: take, copy and prune points as the config says, until stopped.",
        discussion: """
            With --once: one pass. Everything due is started (the newest slot without a point, whenever it was), and \
            followed until nothing is pending. Without it: the daemon. SIGHUP reads the config again; SIGTERM lets the \
            calls in flight end, for 8 s at the most, and exits 0; a second one exits at once.

            \(ExitStatus.table)
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "One pass, followed to its end.") var once = false
    @Option(help: "Lines on standard error: text or json. In the journal there are fields instead.")
    var logFormat = LogFormat.text

    func run() throws {
        linux_line_buffer_stdout()
        let (options, once, format) = (options, once, logFormat)
        Turns.run { turn in
            let events = EventTap(Events.sink(format, clock: turn))
            let applied = AppliedConfig(path: options.path, stateDirectory: options.statePath, events: events)
            let (configuration, sources) = try once ? (Session.load(options.path), []) : applied.atStart()
            let session = try Session(options, configuration, clock: turn, events: events)
            return try await StateDirectory.withLedger(of: session.stateDirectory, events) { ledger in
                let runner = session.runner(ledger, events)
                await runner.open()
                if once {
                    let report = try await runner.runToEnd(session.configuration, .newestSlot)
                    await session.sidecarKeeper(runner, events).keep(session.configuration)
                    return report.conclude()
                }
                applied.keep(sources)
                await daemon(session, applied, runner, events, options, turn)
                return .done
            }
        }
    }
}

/// Runs until SIGTERM or SIGINT.
private func daemon(
    _ session: Session, _ applied: AppliedConfig, _ runner: PlanRunner, _ events: EventTap, _ options: GlobalOptions,
    _ turn: DispatchTurn
) async {
    let service = Notifier(environment: Environment.all)
    let zones = ZoneWatch(session.configuration)
    let drills = session.drills(runner, events)
    let keeper = session.sidecarKeeper(runner, events)
    let commons = session.commons
    let metrics = MetricsWriter(
        runner: runner, sink: MetricsFile(), version: Version.text, calls: { commons.calls }, clock: session.time,
        events: events)
    let notices = NoticeBoard(
        runner: runner, courier: session.courier, store: NoticeFile(directory: session.stateDirectory),
        clock: session.time, events: events)
    let scheduler = Scheduler(
        configuration: session.configuration, runner: runner, clock: session.time, events: events, service: service,
        watchdog: service.watchdog,
        reload: {
            let configuration = applied.reloaded()
            if let configuration {
                session.budget.set(percent: configuration.apiBudget)
                session.accounts.use(configuration)
            }
            return configuration
        }, renew: { zones.renewed($0) },
        passEnded: {
            await drills.ring()
            await keeper.ring()
            await metrics.ring()
            await notices.ring()
            linux_release_file_pages()
        })
    // Registered before READY=1, so that no signal is lost. Handlers run on the turn; what they start must too.
    let sources = [
        turn.onClockStep { step in turn.start { await scheduler.clockStepped(by: step) } } as any Sendable,
        await turn.onSignal(SIGTERM) { turn.start { await stop(scheduler, events, turn) } },
        await turn.onSignal(SIGINT) { turn.start { await stop(scheduler, events, turn) } },
        await turn.onSignal(SIGHUP) { turn.start { await scheduler.requestReload() } },
    ]
    events.emit(
        Event(.started, "snapwarden \(Version.text) started: \(session.configuration.policies.counted)"))
    let desk = ControlDesk(
        session: session, daemon: Daemon(scheduler: scheduler, runner: runner, events: events))
    let server = desk.open(options, turn)
    let tellsOfEnds: @Sendable (Event) -> Void = { event in
        guard endings.contains(event.kind) else { return }
        turn.start { await notices.lookAgain() }
    }
    await events.listening(tellsOfEnds) {
        await withDiscardingTaskGroup { group in
            group.addTask { await drills.run { await scheduler.configuration } }
            group.addTask { await keeper.run { await scheduler.configuration } }
            group.addTask { await metrics.run { await scheduler.configuration } }
            group.addTask { await notices.run { await scheduler.configuration } }
            await scheduler.run()
            // A drill that is cut off leaves its mark on what it made: the next start removes that and begins it again.
            group.cancelAll()
        }
    }
    server?.close()
    withExtendedLifetime(sources) {}
}

/// After which nobody waits for the next pass to be told what is wrong now, or well.
private let endings: Set<EventKind> = [.configRejected, .drillFailed, .drillPassed, .ledgerTrouble, .ledgerRecovered]

/// Lets calls in flight end, for eight seconds at the most (`TimeoutStopSec` is ten); a second signal waits for nothing.
///
/// A call that is cut off has its intent in the ledger, and what became of it is looked for at the next start.
private func stop(_ scheduler: Scheduler, _ events: any EventSink, _ turn: DispatchTurn) async {
    guard await scheduler.stop() else {
        events.emit(Event(.stopping, "told to stop a second time: stopping at once"))
        _exit(ExitStatus.failed.rawValue)
    }
    try? await turn.sleep(until: turn.now + .seconds(8))
    events.emit(
        Event(.stopping, "calls are still in flight after 8 s: what becomes of them is looked for at the next start"))
    _exit(ExitStatus.done.rawValue)
}

extension RunReport {
    /// Says how the run ended, and gives the exit code for it.
    func conclude() -> ExitStatus {
        for failure in failures { Terminal.complain("failed: \(failure)") }
        Terminal.say("\(done) done, \(failures.count) failed")
        if failures.isEmpty { return .done }
        return done > 0 ? .partlyDone : .failed
    }
}
