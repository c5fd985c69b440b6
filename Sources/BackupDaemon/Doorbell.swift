import BackupCore

/// Wakes one waiter before its time: a signal came, a pass ended.
///
/// `@unchecked Sendable`: rung and waited on from the turn's queue alone.
final class Doorbell: @unchecked Sendable {
    private var waiter: CheckedContinuation<Void, Never>?
    private var hasRung = false

    func ring() {
        hasRung = true
        release()
    }

    /// Returns when the bell is rung, at once if it was rung since the last time, or when the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter = continuation
                if hasRung || Task.isCancelled { release() }
            }
        } onCancel: {
            release()
        }
        hasRung = false
    }

    /// The same, but no longer than until that moment.
    func wait(until moment: Moment, _ clock: any WallClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: moment) }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func release() {
        let waiter = waiter
        self.waiter = nil
        waiter?.resume()
    }
}
