import BackupCore
import BackupDaemon
import Simulation
import Testing

/// A ledger that cannot be used keeps nothing from being protected, and everything from being deleted.
@Suite struct BadDiskTests {
    private func life() throws -> CalmLife {
        let policy = try Nightly.policy(
            Retention(daily: 3), [CopyRule(region: Nightly.away.region, retention: Retention(daily: 2))])
        return try CalmLife([policy], [Nightly.instance()])
    }

    @Test func protectionGoesOnAndNothingIsDeleted() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(5)
            life.history.isInTrouble = true
            await life.slots(3)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-04", "03-05", "03-06", "03-07", "03-08", "03-09"])
        #expect(life.days(Nightly.away) == ["03-05", "03-06", "03-07", "03-08", "03-09"])
        #expect(life.withheld.contains("usable-ledger"))
    }

    /// What was planned while all was well is not deleted once it is not.
    @Test func theTroubleBeginsAsSomethingIsToBeDeleted() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(3)
            let before = life.watch.pruned.count
            life.history.troubleBeginsWith = .prune
            await life.slots(2)
            #expect(life.history.isInTrouble && life.watch.pruned.count == before)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-02", "03-03", "03-04", "03-05", "03-06"])
    }

    /// A stop that only the unreadable ledger knows of counts once it can be read.
    @Test func aLongStopIsNotForgotten() throws {
        var rules = Retention(atLeast: 1)
        rules.deleteAfter = CalendarSpan(days: 10)
        let life = try CalmLife([try Nightly.policy(rules)], [Nightly.instance()])
        let isDone = life.live { life in
            await life.slots(5)
            life.move(by: .seconds(20 * 86_400))
            // Nothing can be taken, so that nothing shows that backups work again.
            life.cloud.resources = []
            life.history.isInTrouble = true
            await life.restart()
            await life.pass()
            life.history.isInTrouble = false
            for _ in 0..<3 {
                life.move(by: .seconds(60))
                await life.pass()
            }
        }
        try #require(isDone)
        #expect(life.days(Nightly.home).count == 5)
        #expect(life.withheld.contains("fresh-after-stop"))
    }

    @Test func itCatchesUpByItself() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(5)
            life.history.isInTrouble = true
            await life.slots(3)
            life.history.isInTrouble = false
            await life.slots(1)
            // Nothing of what happened meanwhile is lost on whoever reads the ledger now.
            let (remembered, written) = (await life.runner.memory, try? await life.history.recall())
            #expect(remembered.copiesSeen == written?.copiesSeen && remembered.candidates == written?.candidates)
            #expect(remembered.open.isEmpty && written?.open.isEmpty == true)
            #expect(remembered.isLedgerUsable)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-08", "03-09", "03-10"])
        #expect(life.watch.violations == [])
    }

    /// Not even what it remembers is known at the start: what AWS shows is all there is, as with an empty ledger.
    @Test func aStartWithoutItGoesByWhatAWSShows() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(5)
            life.history.isInTrouble = true
            await life.restart()
            await life.slots(2)
            #expect(life.days(Nightly.home) == ["03-04", "03-05", "03-06", "03-07", "03-08"])
            life.history.isInTrouble = false
            await life.slots(1)
            #expect(await life.runner.memory.installed == (try? await life.history.recall())?.installed)
            #expect((await life.runner.memory.installed ?? .never) < life.clock.now - .seconds(5 * 86_400))
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-07", "03-08", "03-09"])
        #expect(life.watch.violations == [])
    }
}
