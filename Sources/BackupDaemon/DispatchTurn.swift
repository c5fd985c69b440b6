package import BackupCore
import CLinux
@preconcurrency import Dispatch
import Glibc

/// The turn of the real world: a serial queue, and one wall-clock timer over all who sleep.
///
/// `@unchecked Sendable`: `sleepers`, `armed` and `wallAhead` are touched on `queue` alone.
package final class DispatchTurn: Turn, @unchecked Sendable {
    let queue = DispatchQueue(label: "snapwarden.turn")
    private let timer: any DispatchSourceTimer
    private var sleepers = Sleepers()
    private var armed: Moment?
    private var wallAhead: Int64 = 0

    package init() {
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { [unowned self] in
            armed = nil
            wakeSleepers()
        }
        timer.activate()
    }

    package var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Moment(seconds: Int64(time.tv_sec))
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            job.runSynchronously(isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
        }
    }

    package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

    /// Starts something that nobody waits for, such as what a signal asks for.
    @discardableResult package func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    /// Calls `handler` on the turn whenever the wall clock is set, with by how much, and wakes all who sleep: the moment
    /// they wait for may have passed, or be hours away all at once.
    ///
    /// Nil if the kernel does not tell.
    package func onClockStep(_ handler: @escaping @Sendable (Duration) -> Void) -> (any Sendable)? {
        let descriptor = linux_clock_watch()
        guard descriptor >= 0 else { return nil }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        wallAhead = DispatchTurn.wallAheadOfBoot
        source.setEventHandler { [self] in
            guard linux_clock_was_set(descriptor) != 0 else { return }
            let ahead = DispatchTurn.wallAheadOfBoot
            let step = Duration.seconds(ahead - wallAhead)
            wallAhead = ahead
            sleepers.wakeAll(through: .never)
            handler(step)
        }
        source.setCancelHandler { close(descriptor) }
        source.activate()
        return SourceRegistration(source: source)
    }

    /// The wall clock against the one that nobody sets.
    private static var wallAheadOfBoot: Int64 {
        var wall = timespec()
        var boot = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_BOOTTIME, &boot)
        return Int64(wall.tv_sec - boot.tv_sec)
    }

    /// Calls `handler` on the turn whenever the process gets that signal; the default action is switched off.
    ///
    /// Returns once the source is registered: a signal that came before would be lost, being ignored by default then.
    package func onSignal(_ number: Int32, _ handler: @escaping @Sendable () -> Void) async -> any Sendable {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler(handler: handler)
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.activate()
        }
        return SourceRegistration(source: source)
    }

    package func sleep(until moment: Moment) async throws(CancellationError) {
        let ticket = SleepTicket()
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    queue.async { self.add(ticket, until: moment, continuation) }
                }
            } onCancel: {
                queue.async { self.cancel(ticket) }
            }
        } catch {
            throw CancellationError()
        }
    }

    private func add(_ ticket: SleepTicket, until moment: Moment, _ wake: CheckedContinuation<Void, any Error>) {
        // A task cancelled before it slept has had its `onCancel` run already.
        if ticket.isCancelled { return wake.resume(throwing: CancellationError()) }
        let id = sleepers.newID()
        ticket.id = id
        sleepers.add(id, until: moment, wake)
        wakeSleepers()
    }

    private func cancel(_ ticket: SleepTicket) {
        ticket.isCancelled = true
        if let id = ticket.id { sleepers.cancel(id) }
    }

    private func wakeSleepers() {
        sleepers.wakeAll(through: now)
        guard let earliest = sleepers.earliest, earliest != armed else { return }
        armed = earliest
        timer.schedule(wallDeadline: DispatchWallTime(timespec: timespec(tv_sec: Int(earliest.seconds), tv_nsec: 0)))
    }
}

/// Ties a sleeper to its cancellation.
///
/// `@unchecked Sendable`: touched on the turn's queue alone.
private final class SleepTicket: @unchecked Sendable {
    var id: Sleepers.ID?
    var isCancelled = false
}

/// Keeps a source alive, and cancels it when it goes.
///
/// `@unchecked Sendable`: Dispatch objects may be used from any thread; ours is only ever released.
final class SourceRegistration: @unchecked Sendable {
    let source: any DispatchSourceProtocol
    init(source: any DispatchSourceProtocol) { self.source = source }
    deinit { source.cancel() }
}
