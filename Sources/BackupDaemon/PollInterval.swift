import BackupCore

/// How long to wait before asking AWS again about what is pending.
///
/// It starts at `poll-first`, doubles up to `poll-longest`, and starts again when something new was begun.
struct PollInterval {
    private var last: Duration?

    mutating func next(after done: Int, _ timing: Timing) -> Duration {
        let next = done > 0 ? timing.pollFirst : min(timing.pollLongest, (last ?? timing.pollFirst / 2) * 2)
        last = next
        return max(next, .seconds(1))
    }
}
