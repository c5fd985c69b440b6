import BackupCore
import Testing

@testable import BackupDaemon

@Suite struct SchedulerStateTests {
    private let start = Moment(seconds: 1_795_140_000)

    private func state(every: Int64 = 3600) throws -> SchedulerState {
        let schedule = Schedule(try .every("x", period: .seconds(every)), zone: .utc)
        let policy = Policy(
            name: PolicyName("p"), regions: [Region("us-east-1")],
            selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])), schedules: [schedule],
            retention: Retention())
        return SchedulerState(
            configuration: Configuration(fleet: FleetName("f"), policies: [policy]), watchdog: .seconds(180), now: start
        )
    }

    @Test func readsEverythingAtStartThenTicksOnceAMinute() throws {
        var state = try state()
        #expect(state.tick(now: start) == [.alive, .startPass(.everything), .arm(start + .seconds(60))])
        #expect(state.tick(now: start + .seconds(60)) == [.alive, .arm(start + .seconds(120))])
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start + .seconds(120)) == [.alive, .arm(start + .seconds(180))])
    }

    @Test func passThatDidSomethingIsFollowedByAnother() throws {
        var state = try state()
        _ = state.tick(now: start)
        var report = PassReport()
        report.done = 1
        state.passEnded(report, now: start)
        #expect(state.tick(now: start).contains(.startPass(.nothing)))
    }

    /// The plan did not know that something would fail: without another one, the retry would wait for the next reading.
    @Test func passInWhichSomethingFailedIsFollowedByAnother() throws {
        var state = try state()
        _ = state.tick(now: start)
        var report = PassReport()
        report.unforeseen = 1
        state.passEnded(report, now: start)
        #expect(state.tick(now: start).contains(.startPass(.nothing)))
        var later = PassReport()
        later.nextLook = start + .seconds(60)
        state.passEnded(later, now: start)
        #expect(state.tick(now: start) == [.alive, .arm(start + .seconds(60))])
    }

    @Test func pendingSnapshotsAreAskedAboutWhenItIsTime() throws {
        var state = try state()
        _ = state.tick(now: start)
        var report = PassReport()
        report.nextLook = start + .seconds(5)
        state.passEnded(report, now: start)
        #expect(state.tick(now: start) == [.alive, .arm(start + .seconds(5))])
        #expect(state.tick(now: start + .seconds(5)).contains(.startPass(.pending)))
    }

    @Test func dueSlotStartsAPassAndIsArmedForExactly() throws {
        var state = try state(every: 120)
        _ = state.tick(now: start + .seconds(90))
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start + .seconds(91)) == [.alive, .arm(start + .seconds(120))])
        #expect(state.tick(now: start + .seconds(120)).contains(.startPass(.everything)))
    }

    @Test func slotThatCameDueDuringAPassIsNotLost() throws {
        var state = try state(every: 120)
        _ = state.tick(now: start + .seconds(90))
        #expect(!state.tick(now: start + .seconds(150)).contains(.startPass(.everything)))
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start + .seconds(151)).contains(.startPass(.everything)))
    }

    @Test func stoppingWaitsForThePassInFlight() throws {
        var state = try state()
        _ = state.tick(now: start)
        state.stop()
        #expect(!state.tick(now: start).contains(.exit))
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start) == [.alive, .exit])
    }

    @Test func reloadReadsEverythingAgain() throws {
        var state = try state()
        _ = state.tick(now: start)
        state.passEnded(PassReport(), now: start)
        state.reloaded(state.configuration, now: start + .seconds(7))
        #expect(state.tick(now: start + .seconds(7)).contains(.startPass(.everything)))
    }

    @Test func clockSetBackLosesNoSlot() throws {
        var state = try state(every: 120)
        _ = state.tick(now: start + .seconds(600))
        state.passEnded(PassReport(), now: start)
        // Moments of interest may lie far ahead now: everything is looked at again.
        #expect(state.tick(now: start + .seconds(60)).contains(.startPass(.everything)))
        state.passEnded(PassReport(), now: start + .seconds(61))
        #expect(state.tick(now: start + .seconds(120)).contains(.startPass(.everything)))
    }

    @Test func aPlaceThatCannotBeReadIsTriedAgainAfterGrowingWaits() throws {
        var state = try state(every: 86_400)
        var report = PassReport()
        report.hasGaps = true
        var now = start
        for wait in [1, 2, 4, 8, 15, 15] {
            #expect(state.tick(now: now).contains(.startPass(.everything)))
            state.passEnded(report, now: now)
            now = now + .seconds(Int64(wait * 60))
            #expect(!state.tick(now: now - .seconds(1)).contains(.startPass(.everything)), "\(wait) min")
        }
        #expect(state.tick(now: now).contains(.startPass(.everything)))
        state.passEnded(PassReport(), now: now)
        #expect(!state.tick(now: now + .seconds(900)).contains(.startPass(.everything)))
    }

    @Test func aStartByTheSpreadUsesTheReadingOfItsSlot() throws {
        var state = try state(every: 3600)
        _ = state.tick(now: start)
        var report = PassReport()
        report.nextStart = start + .seconds(200)
        state.passEnded(report, now: start)
        #expect(state.tick(now: start + .seconds(180)) == [.alive, .arm(start + .seconds(200))])
        #expect(state.tick(now: start + .seconds(200)).contains(.startPass(.nothing)))
        report.nextStart = start + .seconds(1200)
        state.passEnded(report, now: start + .seconds(200))
        #expect(state.tick(now: start + .seconds(1200)).contains(.startPass(.everything)))
    }

    @Test func aPauseIsPlannedForWithoutAskingAWS() throws {
        var state = try state()
        _ = state.tick(now: start)
        state.replan()
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start).contains(.startPass(.nothing)))
    }

    @Test func pollingGrowsAndStartsAgain() {
        var poll = PollInterval()
        var waits = [poll.next(after: 1, Timing())]
        for _ in 0..<5 { waits.append(poll.next(after: 0, Timing())) }
        waits.append(poll.next(after: 2, Timing()))
        #expect(waits.map(\.inSeconds) == [5, 10, 20, 40, 60, 60, 5])
    }

    // MARK: Runs by hand

    private func run() -> FiniteRun {
        FiniteRun(.byHand(PolicyName("p"), nil), began: start, failedBefore: [:])
    }

    @Test func aRunByHandTakesTurnsWithTheDaemonsOwnPasses() throws {
        var state = try state()
        #expect(state.tick(now: start).contains(.startPass(.everything)))
        let begun = state.begin(run())
        let number = try #require(begun)
        #expect(state.tick(now: start) == [.alive, .arm(start + .seconds(60))], "one pass at a time")
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start).contains(.startPassOfRun(number)))
        var taking = PassReport()
        taking.done = 1
        taking.nextLook = start + .seconds(5)
        state.passEnded(taking, of: number)
        #expect(state.takeEndedRuns().isEmpty)
        #expect(state.tick(now: start).contains(.startPass(.nothing)), "what it began is planned with all else")
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start).contains(.startPassOfRun(number)), "at once: it did something")
        var looking = PassReport()
        looking.nextLook = start + .seconds(5)
        state.passEnded(looking, of: number)
        #expect(state.tick(now: start).contains(.startPass(.nothing)), "what it began is planned with all else")
        state.passEnded(PassReport(), now: start)
        #expect(state.tick(now: start) == [.alive, .arm(start + .seconds(5))])
        #expect(state.tick(now: start + .seconds(5)).contains(.startPassOfRun(number)))
        state.passEnded(PassReport(), of: number)
        let ended = state.takeEndedRuns()
        #expect(ended.map(\.number) == [number] && ended.first?.run.report.done == 1)
        #expect(state.takeEndedRuns().isEmpty)
    }

    @Test func aRunHearsOfWhatThePassesBetweenDid() throws {
        var state = try state()
        _ = state.tick(now: start)
        let begun = state.begin(run())
        let number = try #require(begun)
        var report = PassReport()
        report.done = 3
        report.doneOf = [PolicyName("p"): 1, PolicyName("other"): 2]
        report.failures = [
            Failure(what: "copy", error: "no", policy: PolicyName("p")),
            Failure(what: "copy", error: "no", policy: PolicyName("other")), Failure(what: "reading", error: "no"),
        ]
        state.passEnded(report, now: start)
        state.passEnded(report, now: start)
        let run = try #require(state.runs[number])
        #expect(run.report.done == 2 && run.report.failures.map(\.what) == ["copy"], "each failure once")
    }

    @Test func whoIsToldToStopLetsNobodyWait() throws {
        var state = try state()
        let begun = state.begin(run())
        let number = try #require(begun)
        state.stop()
        #expect(state.takeEndedRuns().map(\.number) == [number])
    }
}
