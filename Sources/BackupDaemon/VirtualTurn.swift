package import BackupCore

/// The turn of a simulation: runs what is ready until nothing is, then jumps to the earliest who sleeps.
///
/// The same work gives the same order of events each time.
///
/// `@unchecked Sendable`: all of it happens on the one thread that calls ``run(_:)``.
package final class VirtualTurn: Turn, @unchecked Sendable {
    package private(set) var now: Moment
    private var ready: [UnownedJob] = []
    private var sleepers = Sleepers()

    package init(now: Moment) { self.now = now }

    package func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

    /// Runs `body`, and everything it starts, to its end, and returns what it returns.
    ///
    /// If nothing is ready and nobody sleeps before the end, the body waits for something that cannot come: nil.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value? {
        let result = Box<Value>()
        let task = Task(executorPreference: self) { result.value = await body() }
        while result.value == nil {
            if !ready.isEmpty {
                runReady()
            } else if let next = sleepers.earliest {
                now = max(now, next)
                sleepers.wakeAll(through: now)
            } else {
                task.cancel()
                break
            }
        }
        return result.value
    }

    private func runReady() {
        let jobs = ready
        ready = []
        for job in jobs {
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    package func sleep(until moment: Moment) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        let id = sleepers.newID()
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { sleepers.add(id, until: moment, $0) }
            } onCancel: {
                self.sleepers.cancel(id)
            }
        } catch {
            throw CancellationError()
        }
    }
}

/// `@unchecked Sendable`: written and read on the thread of the turn alone.
private final class Box<Value>: @unchecked Sendable {
    var value: Value?
}
