import BackupCore
import BackupDaemon
import Glibc
import Simulation
import Testing

/// Tries to make the daemon lose backups: thousands of lives by chance, each delete judged by a second opinion.
///
/// `SNAPWARDEN_HISTORY=<seed>` lives one of them again and tells what happened in it; `SNAPWARDEN_HISTORIES=<count>`
/// and `SNAPWARDEN_HISTORY_BASE=<seed>` live more, or others.
@Suite(.enabled(if: isOptimised, "takes minutes without optimisation")) struct HistoryTests {
    static let base = number("SNAPWARDEN_HISTORY_BASE") ?? 20_261_120
    static let lives = number("SNAPWARDEN_HISTORIES") ?? 1500
    /// So many lives are lived one after the other by one thread before it takes more.
    private static let bunch: UInt64 = 50

    private static func number(_ variable: String) -> UInt64? {
        getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }

    @Test func noLifeLosesABackupOrKeepsTooMuch() async throws {
        print("histories from seed \(HistoryTests.base) on")
        var all = LifeTally()
        try await withThrowingTaskGroup(of: LifeTally.self) { group in
            for first in stride(from: HistoryTests.base, to: HistoryTests.base + HistoryTests.lives, by: 50) {
                let end = min(first + HistoryTests.bunch, HistoryTests.base + HistoryTests.lives)
                group.addTask { try HistoryTests.live(first..<end) }
            }
            for try await tally in group { all.add(tally) }
        }
        print(all.description)
        for failure in all.failures.prefix(20) { Issue.record("\(failure)") }
        #expect(all.failures.count == 0)
        guard HistoryTests.lives >= 20_000 else { return }
        #expect(all.pruned > 500_000)
        for reason in WithheldTally.all {
            #expect(all.withheld.withheld[reason, default: 0] > 0, "\(reason) never withheld anything")
            #expect(all.withheld.lifted[reason, default: 0] > 0, "\(reason) never lifted")
        }
        #expect(Set(all.withheld.withheld.keys).isSubset(of: WithheldTally.all), "a reason that the list lacks")
    }

    /// One life after the other, on this thread.
    private static func live(_ seeds: Range<UInt64>) throws -> LifeTally {
        var tally = LifeTally()
        for seed in seeds { tally.add(try lived(seed)) }
        return tally
    }

    private static func lived(_ seed: UInt64, traced: Bool = false) throws -> RandomHistory {
        let history = try RandomHistory(seed: seed, traced: traced)
        let turn = VirtualTurn(now: RandomHistory.start)
        try #require(turn.run { await history.live() } != nil, "seed \(seed): it hangs")
        return history
    }

    @Test(.enabled(if: number("SNAPWARDEN_HISTORY") != nil)) func oneLifeAgain() throws {
        let history = try HistoryTests.lived(try #require(HistoryTests.number("SNAPWARDEN_HISTORY")), traced: true)
        print((history.trail ?? []).joined(separator: "\n"))
        for violation in history.violations { Issue.record("\(violation)") }
    }

    /// What happens must not depend on how a dictionary happens to be ordered.
    @Test func theSameSeedGivesTheSameLife() throws {
        for seed in HistoryTests.base..<HistoryTests.base + 20 {
            let trails = try [0, 1].map { _ in try HistoryTests.lived(seed, traced: true).trail ?? [] }
            let difference = zip(trails[0], trails[1]).first { $0 != $1 }
            #expect(difference == nil, "seed \(seed)")
            #expect(trails[0].count == trails[1].count, "seed \(seed)")
        }
    }
}
