import Simulation

@testable import BackupCore

/// Policies by chance, of every kind that the config knows.
enum RandomPolicy {
    static let homes = [Region("us-east-1"), Region("us-west-2")]
    static let destinations = [Region("eu-west-1"), Region("eu-north-1")]

    /// Central European time through 2026 and 2027, without the machine's zone database.
    static let berlin = Zone(
        name: "Europe/Berlin",
        transitions: [
            Zone.Transition(at: 1_774_746_000, offset: 7200), Zone.Transition(at: 1_792_890_000, offset: 3600),
            Zone.Transition(at: 1_806_195_600, offset: 7200), Zone.Transition(at: 1_824_944_400, offset: 3600),
        ], firstOffset: 3600, rule: nil)

    static func policy(_ name: String, of resources: [Resource], _ dice: inout SplitMix64) throws -> Policy {
        var policy = Policy(
            name: PolicyName(name), regions: Array(Set(resources.map(\.site.region))).sorted(),
            selection: selection(resources), schedules: [try schedule(&dice)], retention: retention(&dice))
        for region in destinations.prefix(dice.pick([0, 1, 1, 1, 2])) {
            policy.copies.append(destination(region, &dice))
        }
        policy.whenResourceGone = gone(&dice)
        if dice.happens(100) { policy.first = .now }
        if dice.happens(150) { policy.blackouts = [blackout(&dice)] }
        return policy
    }

    /// Exactly these resources.
    static func selection(_ resources: [Resource]) -> Selection {
        var selection = Selection()
        for (kind, resources) in Dictionary(grouping: resources, by: \.kind) {
            selection[kind] = ResourceSelector(names: resources.compactMap(\.name).map { Glob($0) })
        }
        return selection
    }

    static func schedule(_ dice: inout SplitMix64) throws -> Schedule {
        let zone = dice.pick([.utc, .utc, berlin])
        let expression: Expression =
            switch dice.number(0...39) {
            case 0: try .every("6h", period: .seconds(21_600))
            case 1...12: try .cron("0 3 * * 1")
            case 13...25: try .every("48h", period: .seconds(172_800))
            case 26: try .at(["02:30", "14:00"], on: [1, 2, 3, 4, 5])
            default: try .cron(dice.pick(["0 2 * * *", "30 2 * * *", "0 22 * * *"]))
            }
        let missed: MissedRule =
            dice.pick([.runOnce(within: nil), .runOnce(within: nil), .runOnce(within: .seconds(43_200)), .skip])
        return Schedule(expression, zone: zone, spread: dice.pick([.zero, .zero, .seconds(600)]), missed: missed)
    }

    static func retention(_ dice: inout SplitMix64) -> Retention {
        var rules: [KeepRule] = []
        for _ in 0..<dice.pick([1, 1, 1, 2, 2, 2, 3, 4, 0]) {
            let rule = keepRule(&dice)
            if !rules.contains(where: { $0.key == rule.key }) { rules.append(rule) }
        }
        let deleteAfter = dice.happens(200) || rules.isEmpty ? span(3...40, &dice) : nil
        return Retention(rules, deleteAfter: deleteAfter, atLeast: dice.pick([1, 1, 1, 2, 3, 5]))
    }

    static func keepRule(_ dice: inout SplitMix64) -> KeepRule {
        let division = dice.pick(Division.allCases + [.point, .daily])
        if dice.happens(350) { return KeepRule(division, .within(span(division < .weekly ? 1...6 : 1...25, &dice))) }
        // All yearly ones are few; all hourly ones would leave nothing to delete.
        let isAll = dice.happens(division < .weekly ? 15 : 100)
        return KeepRule(division, .latest(isAll ? nil : dice.number(1...4)))
    }

    static func span(_ days: ClosedRange<Int>, _ dice: inout SplitMix64) -> CalendarSpan {
        switch dice.number(0...9) {
        case 0: CalendarSpan(months: 1)
        case 1: CalendarSpan(days: dice.number(days), seconds: Int64(dice.number(1...86_399)))
        default: CalendarSpan(days: dice.number(days))
        }
    }

    static func destination(_ region: Region, _ dice: inout SplitMix64) -> CopyRule {
        CopyRule(
            region: region, kmsKey: dice.pick([nil, "alias/dr"]),
            which: dice.pick([nil, nil, nil, nil, .hourly, .daily, .weekly, .monthly]),
            retention: dice.happens(700) ? retention(&dice) : nil)
    }

    static func gone(_ dice: inout SplitMix64) -> GoneRule {
        dice.happens(400) ? .keep : .fade(after: span(1...10, &dice), keepLast: dice.pick([0, 0, 1, 2]))
    }

    private static func blackout(_ dice: inout SplitMix64) -> Blackout {
        let start = dice.number(0...23) * 3600
        return Blackout(
            kinds: dice.pick([[.prunes], [.copies, .prunes], [.backups, .copies, .prunes]]), start: start,
            end: (start + dice.number(1...10) * 3600) % 86_400, zone: .utc)
    }

    static func resource(_ number: Int, _ dice: inout SplitMix64) -> Resource {
        let isLightsail = dice.happens(250)
        // Which kind makes no difference to the dice, so that a seed's history stays what it is.
        var aside = dice
        let isDisk = aside.happens(300)
        let kind: ResourceKind =
            isLightsail ? (isDisk ? .lightsailDisk : .lightsailInstance) : isDisk ? .ec2Volume : .ec2Instance
        var resource = Resource(
            id: ResourceID(kind == .ec2Volume ? "vol-r\(number)" : "r\(number)"), kind: kind,
            site: Site(dice.happens(850) ? homes[0] : homes[1]), name: "r\(number)")
        guard !isLightsail else { return resource }
        guard !isDisk else {
            resource.volumes = [AttachedVolume(id: VolumeID(resource.id.rawValue), device: "", isBoot: false)]
            return resource
        }
        resource.volumes = (1...dice.pick([1, 1, 2, 3])).map {
            AttachedVolume(id: VolumeID("v\(number).\($0)"), device: "/dev/sd\($0)", isBoot: $0 == 1)
        }
        return resource
    }
}
