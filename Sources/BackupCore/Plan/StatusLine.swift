extension Configuration {
    /// One line for `systemctl status`: what is protected, what is late, what runs, what is next.
    ///
    /// `12 policies, 431 resources protected, 2 late; copying 14 (63 %); next web-nightly 02:00 Europe/Berlin`
    package func statusLine(_ inventory: Inventory, _ memory: Memory, now: Moment) -> String {
        let trouble =
            isStandIn
            ? "the config has problems: the one last applied is in force, nothing is deleted"
            : isOutdated ? "the config has problems: the one before stays in force" : nil
        guard !policies.isEmpty else { return trouble ?? "no policies configured: nothing is protected" }
        let standings = inventory.standings(under: self, memory, now: now)
        let resources = Set(standings.map(\.pair.resource)).count
        let late = standings.filter { $0.isMet == false }.count
        var parts = [
            "\(policies.counted), \(Count(resources, "resource", "resources")) protected, \(late) late"
        ]
        if let trouble { parts.append(trouble) }
        let failing = standings.filter { ($0.failing?.count ?? 0) >= Failing.calling }.count
        if failing > 0 { parts.append("\(failing) failing on and on") }
        parts += underWay(in: inventory, now: now)
        if !memory.isLedgerUsable { parts.append("the ledger cannot be used, nothing is deleted") }
        if memory.steppedBack != nil { parts.append("another snapwarden on this fleet goes first") }
        let paused = policies.filter { memory.pauses[$0.name]?.holds(at: now) == true }
        if !paused.isEmpty { parts.append("paused: \(paused.map(\.name.rawValue).sorted().joined(separator: ", "))") }
        let next = policies.compactMap { policy in
            policy.nextSlot(memory.pauses[policy.name], now: now).map { (slot: $0, policy: policy) }
        }.min { $0.slot < $1.slot }
        if let next {
            let local = next.policy.zone.local(next.slot)
            // What comes within a day needs no date.
            let day = next.slot - now < .seconds(86_400) ? "" : "\(local.date) "
            parts.append("next \(next.policy.name) \(day)\(local.clock.dropLast(3)) \(next.policy.zone.name)")
        }
        return parts.joined(separator: "; ")
    }

    /// `taking 2 (40 %)`, `copying 14 (63 %)`: points that AWS is making, and how much of their data is there.
    private func underWay(in inventory: Inventory, now: Moment) -> [String] {
        let all = inventory.progress(under: self, now: now)
        return [("taking", all.filter { !$0.isCopy }), ("copying", all.filter(\.isCopy))].compactMap { verb, points in
            guard !points.isEmpty else { return nil }
            let whole = points.map(\.weight).reduce(0, +)
            let done = points.map { $0.weight * ($0.percent ?? 0) }.reduce(0, +)
            return "\(verb) \(points.count) (\(done / whole) %)"
        }
    }
}

/// `1 policy`, `12 policies`.
package struct Count: CustomStringConvertible {
    private let number: Int
    private let one: String
    private let several: String

    package init(_ number: Int, _ one: String, _ several: String) {
        (self.number, self.one, self.several) = (number, one, several)
    }

    package var description: String { "\(number) \(number == 1 ? one : several)" }
}

extension Array where Element == Policy {
    /// `12 policies`.
    package var counted: Count { Count(count, "policy", "policies") }
}
