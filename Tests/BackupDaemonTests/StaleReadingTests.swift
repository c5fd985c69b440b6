import BackupCore
import BackupDaemon
import Testing

/// Nothing is deleted for what was seen, or done, some time ago.
///
/// Each of these was found by `HistoryTests`.
@Suite struct StaleReadingTests {
    /// Two nights' points, of which one goes once the third is usable.
    private func life() throws -> CalmLife {
        try CalmLife([try Nightly.policy(Retention(last: 2))], [Nightly.instance()])
    }

    @Test func aPointHeldSinceTheLastReadingIsNotDeleted() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(2)
            await life.beginSlot()
            // While the third is being made somebody holds the first; only what is pending is asked about next.
            let first = life.cloud.all[0].id
            life.cloud.change(first) { $0.isHeld = true }
            life.move(by: .seconds(1500))
            await life.pass(.pending)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-02", "03-03", "03-04"])
        #expect(life.watch.violations == [])
    }

    @Test func nothingIsDeletedWhileARegionIsOutSinceTheLastReading() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(2)
            await life.beginSlot()
            life.move(by: .seconds(1500))
            life.cloud.unlisted = [Nightly.home]
            await life.pass(.pending)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-02", "03-03", "03-04"])
        #expect(life.watch.violations == [])
    }

    /// What this process made counts for a minute although AWS does not show it; not until a wrong clock comes true.
    @Test func aPointTakenByAClockThatWasAheadIsSeenAsAWSShowsIt() throws {
        let life = try life()
        let isDone = life.live { life in
            await life.slots(2)
            life.clock.ahead = .seconds(5 * 86_400)
            await life.beginSlot()
            life.clock.ahead = .zero
            // The point from then is lost: it must not count any more.
            life.cloud.sets[Nightly.home]?.removeLast()
            // The first pass meets what is dated ahead, the next one comes after the delay.
            for _ in 0..<2 {
                life.move(by: .seconds(600))
                await life.pass()
            }
            let seen = await life.runner.inventory.points.map(\.slot.description).sorted()
            #expect(seen == ["2026-03-02T02:00:00Z", "2026-03-03T02:00:00Z", "2026-03-04T02:00:00Z"])
            await life.slots(7)
        }
        try #require(isDone)
        #expect(life.watch.violations == [])
        #expect(life.days(Nightly.home).count == 2)
    }

    /// Lightsail's copies have no tags at first: only their home point tells whose they are.
    @Test func aHomePointStaysUntilItsCopyBearsItsTags() throws {
        var policy = try Nightly.policy(
            Retention(last: 1), [CopyRule(region: Nightly.away.region, retention: Retention(last: 9))])
        policy.selection[.ec2Instance] = nil
        let blog = Resource(
            id: ResourceID("blog"), kind: .lightsailInstance, site: Site(Nightly.home.region), name: "blog", arn: "arn")
        let life = try CalmLife([policy], [blog])
        life.cloud.untaggable = [Place(.lightsail, Nightly.away.region)]
        try #require(life.live { life in await life.slots(3) })
        #expect(life.days(Place(.lightsail, Nightly.home.region)) == ["03-02", "03-03", "03-04"])
        #expect(life.watch.violations == [])
        life.cloud.untaggable = []
        try #require(life.live { life in await life.slots(2) })
        #expect(life.days(Place(.lightsail, Nightly.home.region)) == ["03-06"])
        #expect(life.days(Place(.lightsail, Nightly.away.region)).count == 5)
        #expect(life.watch.violations == [])
    }
}
