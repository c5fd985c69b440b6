import BackupCore
import Testing

/// Lives under a machine's clock that is wrong, in which AWS's replies tell the time.
@Suite struct WrongClockTests {
    private static let name = PolicyName("nightly")

    @Test(arguments: [604_800, -604_800, 3600, -3600] as [Int64])
    func everyNightIsTakenWhateverTheMachineThinks(ahead: Int64) throws {
        let life = try CalmLife([try Nightly.policy(Retention(last: 20))], [Nightly.instance()])
        let isDone = life.live { life in
            await life.slots(3)
            life.clock.ahead = .seconds(ahead)
            await life.pass()
            await life.slots(3)
            life.clock.ahead = .zero
            await life.pass()
            await life.slots(3)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == (2...10).map { "03-\($0 < 10 ? "0" : "")\($0)" })
        #expect(life.watch.violations == [])
    }

    /// Resumed by a clock that is a week ahead, it must not go on covering the slots of a week.
    @Test func aPauseThatWasEndedInTheFutureHasEnded() throws {
        let life = try CalmLife([try Nightly.policy(Retention(last: 20))], [Nightly.instance()])
        let isDone = life.live { life in
            await life.slots(1)
            life.instructions.paused[WrongClockTests.name] = Pause(since: life.clock.machine)
            await life.slots(2)
            life.clock.ahead = .seconds(604_800)
            await life.pass()
            life.instructions.paused[WrongClockTests.name]?.resumed = life.clock.machine
            await life.pass()
            await life.slots(2)
            // And paused once more, which notes when the pause before ended.
            let earlier = life.instructions.paused[WrongClockTests.name]?.end
            life.instructions.paused[WrongClockTests.name] = Pause(
                since: life.clock.machine, resumed: life.clock.machine, earlier: earlier)
            await life.pass()
            await life.slots(2)
        }
        try #require(isDone)
        #expect(life.days(Nightly.home) == ["03-02", "03-05", "03-06", "03-07", "03-08"])
    }

    /// What piled up meanwhile is no excess that a person must approve.
    @Test func afterTwoWeeksWithoutDeletesTheyGoOnByThemselves() throws {
        let resources = (0..<10).map { Nightly.instance("i-\($0)", volumes: 1) }
        let life = try CalmLife([try Nightly.policy(Retention(daily: 7))], resources)
        let isDone = life.live { life in
            await life.slots(10)
            life.clock.ahead = .seconds(3600)
            await life.pass()
            await life.slots(14)
            #expect(life.cloud.all.count == 10 * 21)
            life.clock.ahead = .zero
            await life.pass()
            await life.slots(3)
        }
        try #require(isDone)
        #expect(life.cloud.all.count == 10 * 7)
        #expect(life.withheld.contains("sane-clock") && !life.withheld.contains("cap"), "\(life.withheld)")
        #expect(life.watch.violations == [])
    }
}
