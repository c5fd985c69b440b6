import BackupCore

/// What `schedule` shows of the config's policies.
enum SchedulePreview {
    static func show(
        _ policies: [Policy], _ memory: Memory, after: Moment, count: Int, _ output: OutputFormat
    ) throws {
        switch output {
        case .json:
            try JSON.list(
                policies.map { policy in
                    .object([
                        "policy": .text(policy.name),
                        "slots": .list(policy.previews(after: after, count: count).map(\.json)),
                        "starts": .list(
                            policy.starts(memory).map { start in
                                .object([
                                    "resource": .text(start.resource), "delay-seconds": .number(start.delay.inSeconds),
                                ])
                            }),
                    ])
                }
            ).write()
        case .table:
            var table = Table(["POLICY", "SLOT", "LOCAL TIME", "NOTE"])
            for policy in policies {
                for preview in policy.previews(after: after, count: count) {
                    table.add([policy.name.rawValue] + preview.row)
                }
            }
            Terminal.say(table.isEmpty ? "no slots after \(after)" : table.text)
            var starts = Table(["POLICY", "RESOURCE", "STARTS AFTER THE SLOT"])
            for policy in policies where policy.schedules.contains(where: { $0.spread > .zero }) {
                for start in policy.starts(memory) {
                    starts.add([policy.name.rawValue, start.resource.rawValue, start.delay.short])
                }
            }
            if !starts.isEmpty { Terminal.say("\n\(starts.text)") }
        }
    }
}

extension Policy {
    /// The next slots of all its schedules; one that several share is one.
    fileprivate func previews(after: Moment, count: Int) -> [Schedule.Preview] {
        var previews: [Moment: Schedule.Preview] = [:]
        for schedule in schedules {
            for slot in schedule.slots(after: after, count: count) where previews[slot] == nil {
                previews[slot] = schedule.preview(of: slot)
            }
        }
        return Array(previews.values.sorted { $0.slot < $1.slot }.prefix(count))
    }

    /// The resources that the ledger knows, each with its share of the spread.
    fileprivate func starts(_ memory: Memory) -> [(resource: ResourceID, delay: Duration)] {
        memory.firstSeen.keys.filter { $0.policy == name }.sorted().map { pair in
            (pair.resource, schedules.map { $0.delay(of: pair) }.min() ?? .zero)
        }
    }
}

extension Schedule {
    func slots(after: Moment, count: Int) -> [Moment] {
        var slots: [Moment] = []
        while slots.count < count, let slot = next(after: slots.last ?? after) { slots.append(slot) }
        return slots
    }
}

extension Schedule.Preview {
    var row: [String] { [slot.description, "\(local.date) \(local.clock) \(offsetText)", note ?? ""] }

    fileprivate var json: JSON {
        .object([
            "slot": .text(slot), "local": .text("\(local.date)T\(local.clock)\(offsetText)"), "note": .optional(note),
        ])
    }

    private var offsetText: String {
        let minutes = abs(utcOffset.inSeconds) / 60
        let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (utcOffset < .zero ? "-" : "+") + digits.joined(separator: ":")
    }
}
