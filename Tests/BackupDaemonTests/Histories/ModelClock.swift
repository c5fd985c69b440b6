import BackupCore

/// The clocks of a history: the true time, by which AWS goes, the machine's, which may be set wrong, and the daemon's, which
/// is the machine's until a reply of AWS's shows that it is wrong.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class ModelClock: WallClock, @unchecked Sendable {
    var truth: Moment
    /// How far the machine's clock is ahead of the true time.
    var ahead: Duration = .zero
    /// Whether AWS's replies say what time it is; a proxy may cut that off.
    var isShownByAWS = true
    private(set) var correction: Duration = .zero

    init(_ truth: Moment) { self.truth = truth }

    /// What the machine's own clock shows, by which people give their orders.
    var machine: Moment { truth + ahead }
    var now: Moment { machine + correction }

    /// AWS has answered.
    func noticeReply() { if isShownByAWS { correction = .zero - ahead } }

    /// A new process has not heard from AWS yet.
    func forgetReplies() { correction = .zero }

    /// Nobody sleeps in a pass; whoever did would be woken in time.
    func sleep(until moment: Moment) async throws(CancellationError) {
        truth = max(truth, moment - ahead - correction)
    }
}
