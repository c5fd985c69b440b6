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
        parts += underWay(in: inventory)
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
    private func underWay(in inventory: Inventory) -> [String] {
        let owners = owners
        let pending = inventory.points.filter { $0.state == .pending && owners[$0.policy] != nil }
        return [("taking", pending.filter { !$0.isCopy }), ("copying", pending.filter(\.isCopy))].compactMap {
            verb, points in
            guard !points.isEmpty else { return nil }
            let members = points.flatMap(\.members)
            // Lightsail says nothing of how far it is, nor of sizes in the beginning.
            let whole = members.map { max(1, $0.gibibytes) }.reduce(0, +)
            let done = members.map { member in
                max(1, member.gibibytes) * (member.state == .completed ? 100 : member.progress ?? 0)
            }.reduce(0, +)
            return "\(verb) \(points.count) (\(whole > 0 ? done / whole : 0) %)"
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
