import BackupCore
import BackupDaemon
import Simulation

/// One moment of a random history: all that a plan is made from.
struct HistoryMoment {
    var seed: UInt64
    var planner: Planner

    /// Every so many passes of so many lives.
    static func sampled(seeds: Range<UInt64>, every: Int) throws -> [HistoryMoment] {
        var moments: [HistoryMoment] = []
        for seed in seeds {
            let history = try RandomHistory(seed: seed)
            history.sampling = every
            _ = VirtualTurn(now: history.begin).run { await history.live() }
            moments += history.samples.map { HistoryMoment(seed: seed, planner: $0) }
        }
        return moments
    }
}
