import BackupCore

/// Two clocks that a history sets as it likes: the true time, by which AWS goes, and the machine's, which may be off.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ModelClock: WallClock, @unchecked Sendable {
    var truth: Moment
    /// How far the machine's clock is ahead of the true time.
    var ahead: Duration = .zero

    init(_ truth: Moment) { self.truth = truth }

    var now: Moment { truth + ahead }

    /// Nobody sleeps in a pass; whoever did would be woken in time.
    func sleep(until moment: Moment) async throws(CancellationError) { truth = max(truth, moment - ahead) }
}
