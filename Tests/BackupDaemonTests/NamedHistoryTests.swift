import BackupCore
import Testing

/// Lives in which one thing happens, and what must be there at their end.
@Suite struct NamedHistoryTests {
    private static let away = Nightly.away.region

    @Test func homeKeepsLongerThanTheOtherRegion() throws {
        let policy = try Nightly.policy(
            Retention(daily: 5), [CopyRule(region: NamedHistoryTests.away, retention: Retention(daily: 2))])
        let life = try CalmLife([policy], [Nightly.instance()])
        try #require(life.live { life in await life.slots(20) })
        #expect(life.days(Nightly.home) == ["03-17", "03-18", "03-19", "03-20", "03-21"])
        #expect(life.days(Nightly.away) == ["03-20", "03-21"])
        #expect(life.watch.violations == [])
        #expect(life.cloud.copied == 40, "each volume of each day once")
    }

    @Test func theOtherRegionKeepsLongerThanHome() throws {
        let policy = try Nightly.policy(
            Retention(daily: 1), [CopyRule(region: NamedHistoryTests.away, retention: Retention(daily: 3, weekly: 3))])
        let life = try CalmLife([policy], [Nightly.instance()])
        try #require(life.live { life in await life.slots(20) })
        #expect(life.days(Nightly.home) == ["03-21"])
        // The newest of each of three weeks, of which the last is not over, and three days.
        #expect(life.days(Nightly.away) == ["03-08", "03-15", "03-19", "03-20", "03-21"])
        #expect(life.watch.violations == [])
        #expect(life.cloud.copied == 40)
    }

    /// The newest copy of a volume stays while the next copy builds on it, and not longer.
    @Test func aDetachedVolumeKeepsNoCopyForEver() throws {
        let policy = try Nightly.policy(
            Retention(daily: 3), [CopyRule(region: NamedHistoryTests.away, retention: Retention(daily: 2))])
        let life = try CalmLife([policy], [Nightly.instance()])
        let isDone = life.live { life in
            await life.slots(10)
            // The volume is still attached, but the policy leaves it out for some nights: nothing builds on it then.
            life.configuration.policies[0].exclusion.volumeIDs = ["i-1/2"]
            await life.slots(1)
            life.configuration.policies[0].exclusion.volumeIDs = []
            life.cloud.resources[0].volumes.removeLast()
            await life.slots(5)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-15", "03-16", "03-17"])
        #expect(life.days(Nightly.away) == ["03-16", "03-17"])
        #expect(life.watch.violations == [])
    }

    /// While a volume is attached, its newest copy stays, whatever the rules say: the next one builds on it.
    @Test func anAttachedVolumeKeepsItsNewestCopy() throws {
        let policy = try Nightly.policy(
            Retention(daily: 3), [CopyRule(region: NamedHistoryTests.away, retention: Retention(daily: 2))])
        let life = try CalmLife([policy], [Nightly.instance()])
        let isDone = life.live { life in
            await life.slots(5)
            life.cloud.resources[0].volumes.removeLast()
            await life.slots(1)
            await life.beginSlot()
            life.move(by: .seconds(1500))
            await life.pass()
            // The night's copy without the volume is on its way when the volume is attached again.
            life.cloud.resources = [Nightly.instance()]
            life.move(by: .seconds(1500))
            await life.pass()
        }
        try #require(isDone)
        #expect(life.days(Nightly.away) == ["03-06", "03-07", "03-08"])
        #expect(life.withheld.contains("newest-copy"))
        try #require(life.live { life in await life.slots(1) })
        #expect(life.days(Nightly.away) == ["03-08", "03-09"], "the next copy has taken its place")
        #expect(life.watch.violations == [])
    }

    @Test func aGoneResourceKeepsEverythingUnlessTold() throws {
        let life = try gone(.keep, slots: 100)
        // What was there when it was found to be gone; the living one goes on.
        #expect(life.days(Nightly.home).prefix(3) == ["03-09", "03-10", "03-11"])
        #expect(life.days(Nightly.home).count == 6)
        #expect(life.days(Nightly.away).prefix(2) == ["03-10", "03-11"])
        #expect(life.days(Nightly.away).count == 4)
    }

    @Test func aGoneResourceFadesAwayIfTold() throws {
        let fading = try gone(.fade(after: CalendarSpan(days: 10), keepLast: 0), slots: 9)
        #expect(fading.days(Nightly.home).prefix(3) == ["03-09", "03-10", "03-11"])
        let last = try gone(.fade(after: CalendarSpan(days: 10), keepLast: 1), slots: 12)
        #expect(last.days(Nightly.home) == ["03-11", "03-21", "03-22", "03-23"])
        #expect(last.days(Nightly.away) == ["03-11", "03-22", "03-23"])
        let none = try gone(.fade(after: CalendarSpan(days: 10), keepLast: 0), slots: 12)
        #expect(none.days(Nightly.home) == ["03-21", "03-22", "03-23"])
        #expect(none.days(Nightly.away) == ["03-22", "03-23"])
    }

    /// Two instances for ten days, then one of them for so many more.
    private func gone(_ rule: GoneRule, slots: Int) throws -> CalmLife {
        var policy = try Nightly.policy(
            Retention(daily: 3), [CopyRule(region: NamedHistoryTests.away, retention: Retention(daily: 2))])
        policy.whenResourceGone = rule
        let life = try CalmLife([policy], [Nightly.instance("i-1"), Nightly.instance("i-2")])
        let isDone = life.live { life in
            await life.slots(10)
            life.cloud.resources.removeFirst()
            life.watch.vanished[ResourceID("i-1")] = life.clock.truth
            await life.slots(slots)
        }
        try #require(isDone)
        #expect(life.watch.violations == [])
        return life
    }

    /// The next copy under a new key is a full one anyway: nothing is kept for it, and nothing is copied again.
    @Test func aNewKeyKeepsNoOldCopyAndMakesNoneAgain() throws {
        var rule = CopyRule(region: NamedHistoryTests.away, kmsKey: "alias/old", retention: Retention(daily: 2))
        let life = try CalmLife([try Nightly.policy(Retention(daily: 4), [rule])], [Nightly.instance()])
        rule.kmsKey = "alias/new"
        let isDone = life.live { [rule] life in
            await life.slots(10)
            life.configuration.policies[0].copies = [rule]
            await life.slots(1)
        }
        try #require(isDone)
        #expect(life.days(Nightly.away) == ["03-11", "03-12"])
        #expect(life.cloud.all.filter { $0.truth.isCopy }.map(\.truth.key) == ["alias/old", "alias/new"])
        #expect(life.cloud.copied == 22)
        try #require(life.live { life in await life.slots(2) })
        #expect(life.days(Nightly.away) == ["03-13", "03-14"])
        #expect(life.watch.violations == [])
    }
}
