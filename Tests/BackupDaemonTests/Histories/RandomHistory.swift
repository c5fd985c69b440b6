import BackupCore
import Simulation

@testable import BackupDaemon

/// One life of the daemon by chance: the real runner on a cloud, a ledger and a clock that fail it in every way.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class RandomHistory: @unchecked Sendable {
    let seed: UInt64
    var dice: SplitMix64
    let clock: ModelClock
    let cloud: ModelCloud
    let watch: Watch
    let instructions = ModelInstructions()
    var history = FailingHistory()
    var configuration: Configuration { didSet { watch.configuration = configuration } }
    /// All that ever existed, whether or not it does now.
    let resources: [Resource]
    var runner: PlanRunner
    private let numbers = Numbers()
    let begin: Moment
    let end: Moment
    let isCalm: Bool
    /// How often something happens between two slots, in a thousand: a dozen times in a life.
    let mischief: Int

    /// When the daemon last met rules that were new to it, by the daemon's clock at its latest.
    var newRules = Moment.longAgo
    var areRulesNew = true
    /// Since when points are there though no rule keeps them, once nothing fails any more.
    var unkept: [PointID: Moment] = [:]
    /// When the daemon wants to start something that waits, such as for the end of a blackout.
    var nextStart: Moment?
    /// The longest time between two slots of any policy.
    var longest = Duration.seconds(86_400)

    var tally = WithheldTally()
    private(set) var passes = 0
    /// How often what happened.
    var disturbances: [String: Int] = [:]
    /// Keeps what a plan is made from, at each so many-th pass; never, if zero.
    var sampling = 0
    private(set) var samples: [Planner] = []
    /// What the history did, if somebody wants to read it.
    var trail: [String]?

    static let start = Moment(seconds: 1_772_323_200)

    init(seed: UInt64, traced: Bool = false) throws {
        self.seed = seed
        var dice = SplitMix64(seed: seed)
        trail = traced ? [] : nil
        clock = ModelClock(RandomHistory.start + dice.seconds(0...31_536_000))
        let resources = (1...dice.pick([1, 1, 1, 1, 1, 1, 1, 1, 2, 3])).map { RandomPolicy.resource($0, &dice) }
        self.resources = resources
        let policies = try ["p1", "p2"].prefix(dice.happens(80) ? 2 : 1).map {
            try RandomPolicy.policy($0, of: resources, &dice)
        }
        configuration = Configuration(fleet: FleetName("f"), policies: policies)
        if dice.happens(300) { configuration.cap = PruneCap(count: dice.pick([1, 5]), share: dice.pick([1, 10, 50])) }
        begin = clock.truth
        end = begin + .seconds(Int64(RandomHistory.days(&dice)) * 86_400)
        isCalm = dice.happens(50)
        clock.isShownByAWS = dice.happens(800)
        let interval = policies.compactMap(\.longestInterval).min() ?? .seconds(86_400)
        mischief = min(900, Int(12_000 * interval.inSeconds / (end - begin).inSeconds))
        cloud = ModelCloud(clock, SplitMix64(seed: dice.next()))
        cloud.resources = resources
        if !isCalm { cloud.faults = Faults.random(&dice) }
        watch = Watch(cloud, configuration)
        let numbers = numbers
        runner = PlanRunner(
            cloud: cloud, history: history, instructions: instructions, events: Silence(), clock: clock,
            nonces: { numbers.next() })
        self.dice = dice
    }

    /// Mostly short, at times more than a year.
    private static func days(_ dice: inout SplitMix64) -> Int {
        switch dice.number(0...399) {
        case 0: dice.number(200...400)
        case 1...8: dice.number(40...120)
        default: dice.number(30...33)
        }
    }

    var violations: [String] { watch.violations }

    /// Lives it to its end, and says what was wrong.
    func live() async {
        cloud.isMachineDead = { [unowned self] in history.hasDied }
        await runner.open()
        say("begins: \(configuration.summary)")
        say("\(resources.map { "\($0.id) \($0.place) \($0.volumes.count) volumes" })")
        while clock.truth < end, violations.isEmpty {
            if !isCalm { await disturb() }
            await episode()
        }
        await settle()
    }

    func move(by span: Duration) {
        clock.truth = clock.truth + span
        cloud.advance()
    }

    /// To that moment of the daemon's clock, or later.
    func move(to moment: Moment) { move(by: max(.zero, moment - clock.now)) }

    /// One pass, as the scheduler makes it; nil if the machine died.
    @discardableResult func pass(
        _ reading: PlanRunner.Reading, _ eagerness: Eagerness = .scheduled
    ) async -> PassReport? {
        passes += 1
        watch.read = []
        let before = watch.pruned.count
        watch.absent = await runner.memory.absent
        watch.before = cloud.sets
        if areRulesNew { newRules = max(newRules, clock.now) }
        await runner.refreshInstructions()
        let report = await runner.pass(configuration, eagerness, reading: reading)
        if history.hasDied {
            say("pass \(reading): the machine died")
            return nil
        }
        // The pass may have learnt from AWS that it is later.
        if areRulesNew { newRules = max(newRules, clock.now) }
        areRulesNew = false
        if sampling > 0, passes.isMultiple(of: sampling) { samples.append(await sample()) }
        tally.note(report.plan)
        for point in watch.pruned.dropFirst(before) { tally.note(pruned: point) }
        if trail != nil {
            let actions = report.plan.actions.map { "\($0.title): \($0.reason)" }
            say("pass \(reading): \(report.failures.map(\.description)) \(actions.joined(separator: "\n    "))")
        }
        return report
    }

    private func sample() async -> Planner {
        Planner(
            configuration: configuration, inventory: await runner.inventory, memory: await runner.memory,
            now: clock.now + .seconds(86_400))
    }

    func say(_ what: @autoclosure () -> String) {
        guard trail != nil else { return }
        trail?.append("\(clock.truth) \(clock.ahead == .zero ? "" : "(\(clock.ahead.inSeconds) s ahead) ")\(what())")
    }

    // MARK: What the machine goes through

    /// From one slot to the next, with what follows it.
    private func episode() async {
        let slot = configuration.policies.compactMap { $0.nextSlot(after: clock.now) }.min()
        let next = slot ?? clock.now + .seconds(86_400)
        switch dice.number(0...99) {
        case 0...4: move(to: next - dice.seconds(0...20_000))
        case 5...14: move(to: next + dice.seconds(600...36_000))
        default: move(to: next + dice.seconds(0...90))
        }
        var report = await pass(.everything)
        for _ in 0..<dice.pick([0, 1, 1, 1, 2, 3]) {
            guard let last = report else { break }
            if last.done > 0, dice.happens(200) {
                report = await pass(.nothing)
            } else if last.done + last.pending + last.waiting > 0 {
                move(by: dice.seconds(300...2400))
                report = await pass(dice.happens(800) ? .pending : .everything)
            } else if let start = last.nextStart, start - clock.now <= .seconds(600) {
                move(to: start)
                report = await pass(.nothing)
            } else {
                break
            }
        }
        if report == nil { await restart() }
    }

    /// The daemon dies and is started again; what it had in its memory is lost.
    func restart(losingLedger: Bool = false) async {
        if losingLedger { (history, areRulesNew) = (FailingHistory(), true) }
        history.revive()
        clock.forgetReplies()
        let numbers = numbers
        runner = PlanRunner(
            cloud: cloud, history: history, instructions: instructions, events: Silence(), clock: clock,
            nonces: { numbers.next() })
        await runner.open()
        say("started again\(losingLedger ? " with an empty ledger" : "")")
    }
}
