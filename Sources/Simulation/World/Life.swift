import BackupCore

/// How far something that AWS makes in the background has got: a function of the time at which one looks.
struct Life: Sendable, Equatable {
    enum Stage: Sendable, Equatable {
        case pending
        case done
        /// Ended badly, with what AWS says about it.
        case failed(String)
    }

    var startedAt: Moment
    var readyAt: Moment
    /// Set: it ends in this failure, not in success.
    var failure: String?

    init(startedAt: Moment, readyAt: Moment, failure: String? = nil) {
        self.startedAt = startedAt
        self.readyAt = readyAt
        self.failure = failure
    }

    /// Of something that was there before anybody looked.
    static func over(at moment: Moment) -> Life { Life(startedAt: moment, readyAt: moment) }

    func stage(at now: Moment) -> Stage {
        guard now >= readyAt else { return .pending }
        return failure.map { .failed($0) } ?? .done
    }

    /// `37%`; AWS shows 100 % only for what is complete.
    func progress(at now: Moment) -> String {
        switch stage(at: now) {
        case .done: "100%"
        case .failed: "0%"
        case .pending: "\(percent(at: now))%"
        }
    }

    private func percent(at now: Moment) -> Int64 {
        let whole = (readyAt - startedAt).inSeconds
        let passed = max(0, (now - startedAt).inSeconds)
        return whole > 0 ? min(99, passed * 100 / whole) : 0
    }
}
