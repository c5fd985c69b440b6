/// What is told of a fleet after each pass: moments, not ages, which would be old by the time they are read.
package struct FleetMetrics {
    private let configuration: Configuration
    private let inventory: Inventory
    private let memory: Memory
    private let now: Moment

    package init(_ configuration: Configuration, _ inventory: Inventory, _ memory: Memory, now: Moment) {
        (self.configuration, self.inventory, self.memory, self.now) = (configuration, inventory, memory, now)
    }

    package func text(version: String, calls: [CallCount]) -> String {
        var metrics = MetricsText()
        metrics.add(
            "info", .gauge, "The program and the fleet that it protects.",
            [([("version", version), ("fleet", configuration.fleet.rawValue)], 1)])
        addState(to: &metrics)
        addStandings(to: &metrics)
        addDrills(to: &metrics)
        let labelled = calls.sorted { ($0.service, $0.operation) < ($1.service, $1.operation) }.map { count in
            (count, [("service", count.service), ("operation", count.operation)])
        }
        metrics.add(
            "api_calls_total", .counter, "Calls to AWS, each attempt counted.",
            labelled.map { ($0.1, $0.0.calls) })
        metrics.add(
            "api_throttles_total", .counter, "Calls that AWS refused because they were too many.",
            labelled.map { ($0.1, $0.0.throttled) })
        return metrics.text
    }

    private func addState(to metrics: inout MetricsText) {
        metrics.add("written_timestamp_seconds", .gauge, "When this was written.", now.seconds)
        metrics.add(
            "last_pass_timestamp_seconds", .gauge, "When AWS was last read completely and all that was due done.",
            memory.lastPass?.seconds)
        metrics.add("inventory_complete", .gauge, "Whether all places could be read.", inventory.isWhole ? 1 : 0)
        metrics.add(
            "config_ok", .gauge, "Whether the config in its file is the one in force.",
            configuration.isStandIn || configuration.isOutdated ? 0 : 1)
        metrics.add(
            "ledger_usable", .gauge, "Whether what happens can be written down; if not, nothing is deleted.",
            memory.isLedgerUsable ? 1 : 0)
        metrics.add(
            "policy_paused", .gauge, "Whether a person has paused the policy.",
            configuration.policies.map(\.name).sorted().map { name in
                ([("policy", name.rawValue)], memory.pauses[name]?.holds(at: now) == true ? 1 : 0)
            })
    }

    private func addStandings(to metrics: inout MetricsText) {
        let rows = inventory.standings(under: configuration, memory, now: now).map { ($0, $0.labels) }
        metrics.add(
            "newest_data_timestamp_seconds", .gauge, "When the data of the newest usable point was taken.",
            rows.compactMap { row, labels in row.newestUsable.map { (labels, $0.seconds) } })
        metrics.add(
            "objective_seconds", .gauge, "How old that data may be.",
            rows.compactMap { row, labels in row.objective.map { (labels, $0.inSeconds) } })
        metrics.add(
            "objective_met", .gauge, "Whether it was within that when this was written.",
            rows.compactMap { row, labels in row.isMet.map { (labels, $0 ? 1 : 0) } })
        metrics.add(
            "points", .gauge, "Recovery points by state.",
            rows.flatMap { row, labels in
                [("usable", row.usable), ("pending", row.pending)].map { (labels + [("state", $0)], Int64($1)) }
            })
        metrics.add(
            "failures_in_a_row", .gauge, "How often in a row something of it has failed.",
            rows.compactMap { row, labels in
                row.failing.map { (labels + [("action", $0.verb.rawValue)], Int64($0.count)) }
            })
        metrics.add(
            "last_missed_slot_timestamp_seconds", .gauge, "The newest slot that was missed.",
            rows.compactMap { row, labels in row.missed.map { (labels, $0.newest.seconds) } })
    }

    private func addDrills(to metrics: inout MetricsText) {
        let rows = memory.drills.last(under: configuration, in: inventory).filter { $0.ended != nil }.map { record in
            (
                record,
                [("policy", record.policy.rawValue), ("resource", record.subject?.resource.rawValue ?? "")]
                    + [("region", record.place?.region.rawValue ?? "")]
            )
        }
        metrics.add(
            "drill_timestamp_seconds", .gauge, "The slot of the last drill.", rows.map { ($0.1, $0.0.slot.seconds) })
        metrics.add(
            "drill_passed", .gauge, "Whether it passed.", rows.map { ($0.1, $0.0.hasPassed ? 1 : 0) })
        metrics.add(
            "drill_recovery_seconds", .gauge, "How long it took until its check was passed.",
            rows.compactMap { record, labels in record.recoveryTime.map { (labels, $0.inSeconds) } })
    }
}

extension Standing {
    fileprivate var labels: [(String, String)] {
        [
            ("policy", pair.policy.rawValue), ("resource", pair.resource.rawValue), ("name", title),
            ("region", site.region.rawValue), ("account", site.account.rawValue),
            ("side", isDestination ? "copy" : "home"),
        ]
    }
}
