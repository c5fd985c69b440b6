import BackupCore
import Simulation

/// What people change in a config.
enum RandomChange {
    /// Changes one thing of one policy.
    static func change(
        _ configuration: inout Configuration, _ resources: [Resource], _ dice: inout SplitMix64
    ) throws {
        guard !configuration.policies.isEmpty else { return }
        let index = dice.number(0...configuration.policies.count - 1)
        var policy = configuration.policies[index]
        switch dice.number(0...15) {
        case 0...1: policy.retention = tightened(policy.retention, &dice)
        case 2: policy.retention = loosened(policy.retention, &dice)
        case 3: policy.retention = RandomPolicy.retention(&dice)
        case 4: rename(&policy, &dice)
        case 5...6: changeDestinations(&policy, &dice)
        case 7: changeKey(&policy, &dice)
        case 8: policy.whenResourceGone = RandomPolicy.gone(&dice)
        case 9: policy.exclusion.bootVolume.toggle()
        case 10: policy.selection = RandomPolicy.selection(resources.filter { _ in dice.happens(600) })
        case 11: policy.selection = RandomPolicy.selection(resources)
        case 12: policy.schedules = [try RandomPolicy.schedule(&dice)]
        case 13: changeRegions(&policy, resources, &dice)
        case 14: try addOrRemove(&configuration, resources, &dice)
        default: changeCap(&configuration, &dice)
        }
        if configuration.policies.indices.contains(index),
            configuration.policies[index].name == policy.name
                || !configuration.policies.contains(where: { $0.name == policy.name })
        {
            configuration.policies[index] = policy
        }
    }

    static func tightened(_ retention: Retention, _ dice: inout SplitMix64) -> Retention {
        let rules = retention.rules.map { rule in
            switch rule.limit {
            case .latest(let count): KeepRule(rule.division, .latest(max(1, (count ?? 9) / 2)))
            case .within(let span):
                KeepRule(rule.division, .within(CalendarSpan(days: max(1, span.days / 2), seconds: span.seconds)))
            }
        }
        let deleteAfter = dice.happens(300) ? RandomPolicy.span(2...10, &dice) : retention.deleteAfter
        return Retention(rules, deleteAfter: deleteAfter, atLeast: max(1, retention.atLeast - 1))
    }

    static func loosened(_ retention: Retention, _ dice: inout SplitMix64) -> Retention {
        let more = RandomPolicy.keepRule(&dice)
        let rules = retention.rules.filter { $0.key != more.key }.map { rule in
            if case .latest(let count?) = rule.limit { KeepRule(rule.division, .latest(count + 2)) } else { rule }
        }
        return Retention(
            retention.rules.isEmpty ? [] : rules + [more], deleteAfter: dice.happens(500) ? nil : retention.deleteAfter,
            atLeast: retention.atLeast + 1)
    }

    /// Under another name, with or without the points of the old one.
    private static func rename(_ policy: inout Policy, _ dice: inout SplitMix64) {
        let old = policy.name
        policy.name = PolicyName("p\(dice.number(3...9))")
        if policy.name != old, dice.happens(850) { policy.adopts.append(old) }
        policy.adopts.removeAll { $0 == policy.name }
    }

    private static func changeDestinations(_ policy: inout Policy, _ dice: inout SplitMix64) {
        let region = dice.pick(RandomPolicy.destinations)
        if let index = policy.copies.firstIndex(where: { $0.region == region }) {
            if dice.happens(500) {
                policy.copies.remove(at: index)
            } else {
                policy.copies[index] = RandomPolicy.destination(region, &dice)
            }
        } else {
            policy.copies.append(RandomPolicy.destination(region, &dice))
        }
    }

    private static func changeKey(_ policy: inout Policy, _ dice: inout SplitMix64) {
        for index in policy.copies.indices { policy.copies[index].kmsKey = dice.pick([nil, "alias/dr", "alias/new"]) }
    }

    private static func changeRegions(_ policy: inout Policy, _ resources: [Resource], _ dice: inout SplitMix64) {
        let all = Array(Set(resources.map(\.site.region))).sorted()
        policy.regions = policy.regions.count < all.count ? all : [dice.pick(all)]
    }

    private static func addOrRemove(
        _ configuration: inout Configuration, _ resources: [Resource], _ dice: inout SplitMix64
    ) throws {
        if configuration.policies.count > 1 {
            configuration.policies.removeLast()
        } else if let name = ["p1", "p2"].first(where: { name in
            !configuration.policies.contains { $0.name.rawValue == name || $0.adopts.contains(PolicyName(name)) }
        }) {
            configuration.policies.append(try RandomPolicy.policy(name, of: resources, &dice))
        }
    }

    private static func changeCap(_ configuration: inout Configuration, _ dice: inout SplitMix64) {
        configuration.cap = PruneCap(count: dice.pick([1, 5, 50]), share: dice.pick([1, 10, 50, 100]))
    }
}
