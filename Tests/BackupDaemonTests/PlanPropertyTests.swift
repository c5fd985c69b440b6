import Simulation
import Testing

@testable import BackupCore

/// What must be true of every plan, asked at moments of random histories.
@Suite struct PlanPropertyTests {
    private static let seeds: Range<UInt64> = isOptimised ? 7_000_000..<7_000_400 : 7_000_000..<7_000_012
    private static let moments: [HistoryMoment] = {
        do {
            return try HistoryMoment.sampled(seeds: seeds, every: 7)
        } catch {
            Issue.record("\(error)")
            return []
        }
    }()

    /// What a plan says, each thing in a line.
    private func lines(_ plan: Plan) -> [String] {
        let actions = plan.actions.map { "\($0.word) \($0.pair) \($0.slot) \($0.site) \($0.rule ?? "") \($0.reason)" }
        let kept = plan.kept.map { "\($0.key) kept: \($0.value)" }
        let missed = plan.missed.map { "\($0.key) missed \($0.value)" }
        return (actions + kept + missed).sorted() + plan.candidates.sorted().map(\.description)
            + plan.orphans.map(\.id.description)
            + ["\(String(describing: plan.nextTry)) \(String(describing: plan.nextRelease))"]
    }

    private func pruned(_ plan: Plan) -> Set<PointID> {
        Set(
            plan.actions.compactMap { action in
                if case .prune(let point) = action.work { point.id } else { nil }
            })
    }

    @Test func theOrderOfAListingDoesNotMatter() {
        var dice = SplitMix64(seed: 1)
        for moment in PlanPropertyTests.moments {
            let expected = lines(moment.planner.plan())
            var shuffled = moment.planner
            for place in shuffled.inventory.listings.keys.sorted() {
                shuffled.inventory.listings[place]?.points.shuffle(using: &dice)
                shuffled.inventory.listings[place]?.resources.shuffle(using: &dice)
                for index in shuffled.inventory.listings[place]?.points.indices ?? 0..<0 {
                    shuffled.inventory.listings[place]?.points[index].members.shuffle(using: &dice)
                }
            }
            shuffled.configuration.policies.shuffle(using: &dice)
            let difference = zip(expected, lines(shuffled.plan())).first { $0 != $1 }
            #expect(difference == nil, "seed \(moment.seed) at \(moment.planner.now)")
        }
    }

    /// A rule more, a longer one, or a higher floor never deletes a point that would stay without it.
    @Test func moreKeepRulesNeverDeleteMore() {
        var dice = SplitMix64(seed: 2)
        var deleted = 0
        for var moment in PlanPropertyTests.moments {
            // Fewer deletes may pass under the cap where more did not: that is what it is for.
            moment.planner.configuration.cap = PruneCap(count: .max, share: 100)
            moment.planner.memory.tallies = [:]
            let before = moment.planner.plan()
            deleted += pruned(before).count
            for index in moment.planner.configuration.policies.indices {
                var more = moment.planner
                PlanPropertyTests.keepMore(&more.configuration.policies[index], &dice)
                let after = more.plan()
                let name = "seed \(moment.seed) at \(moment.planner.now)"
                #expect(after.candidates.subtracting(before.candidates).sorted() == [], "\(name)")
                #expect(pruned(after).subtracting(pruned(before)).sorted() == [], "\(name)")
            }
        }
        print("\(PlanPropertyTests.moments.count) moments of histories, \(deleted) deletes planned")
        #expect(deleted > (isOptimised ? 1000 : 20))
    }

    private static func keepMore(_ policy: inout Policy, _ dice: inout SplitMix64) {
        switch dice.number(0...2) {
        case 0: policy.retention = more(policy.retention, &dice)
        case 1: policy.retention.atLeast += dice.number(1...5)
        default:
            guard let index = policy.copies.indices.randomElement(using: &dice) else { return }
            policy.copies[index].retention = more(policy.copies[index].retention ?? policy.retention, &dice)
        }
    }

    /// With a rule more, or a count more of one that is there; none at all keeps everything already.
    private static func more(_ retention: Retention, _ dice: inout SplitMix64) -> Retention {
        guard !retention.rules.isEmpty else { return retention }
        let rule = RandomPolicy.keepRule(&dice)
        guard let known = retention.rules.first(where: { $0.key == rule.key }) else {
            return Retention(
                retention.rules + [rule], deleteAfter: retention.deleteAfter, atLeast: retention.atLeast)
        }
        let longer: KeepRule.Limit =
            switch known.limit {
            case .latest(let count): .latest(count.map { $0 + 1 })
            case .within(let span):
                .within(CalendarSpan(months: span.months, days: span.days + 1, seconds: span.seconds))
            }
        return Retention(
            retention.rules.filter { $0 != known } + [KeepRule(known.division, longer)],
            deleteAfter: retention.deleteAfter, atLeast: retention.atLeast)
    }
}
