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

    private func release() {
        let waiter = waiter
        self.waiter = nil
        waiter?.resume()
    }
}
