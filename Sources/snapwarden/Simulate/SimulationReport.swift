import BackupCore

/// What a rehearsal came to, side by side: each policy at home and in each destination.
struct SimulationReport {
    /// One policy in one region.
    struct Side {
        var policy: Policy
        var site: Site
        var isCopy: Bool
        /// The lives of each resource's points, oldest data first.
        var resources: [(id: ResourceID, lives: [Recording.Life])]
        /// How many resources those that were lived through stand for.
        var resourceCount = 0
        var made = 0
        var deleted = 0
        /// Points on each day, at its end.
        var days: [Int] = []
        var gibibyteMonths = 0.0
        /// How old the newest data ever was, of any resource after its first point.
        var largestGap = Duration.zero

        var peak: Int { days.max() ?? 0 }
        var atEnd: Int { days.last ?? 0 }
        /// The mean of the last quarter.
        var steady: Double {
            let last = days.suffix(max(1, days.count / 4))
            return last.isEmpty ? 0 : Double(last.reduce(0, +)) / Double(last.count)
        }
    }

    let rehearsal: Rehearsal
    let changeRate: Percent
    /// How often AWS would be asked, by operation.
    private(set) var calls: [(name: String, count: Int)] = []
    let skipped: Int
    private(set) var sides: [Side] = []

    init(_ rehearsal: Rehearsal, _ recording: Recording, changeRate: Percent) {
        self.rehearsal = rehearsal
        self.changeRate = changeRate
        skipped = recording.skipped
        let lives = Dictionary(grouping: recording.lives.values) { "\($0.policy) \($0.site)" }
        for policy in rehearsal.configuration.policies.sorted(by: { $0.name < $1.name }) {
            for site in policy.homes + policy.copies.map(\.site) {
                sides.append(side(policy, site, lives["\(policy.name) \(site)"] ?? []))
            }
        }
        calls = recording.calls.sorted { $0.key < $1.key }.map { ($0.key, counted($0.key, $0.value, recording)) }
    }

    /// Calls for one resource are made for each of those alike; a reading is one call for each thousand points.
    private func counted(_ operation: String, _ count: Int, _ recording: Recording) -> Int {
        let lived = max(1, recording.lives.count)
        let all = sides.map(\.made).reduce(0, +)
        guard operation.contains(":Describe") || operation.contains(":Get") else {
            return Int((Double(count) * Double(all) / Double(lived)).rounded())
        }
        return count * max(1, ((sides.map(\.peak).max() ?? 0) + 999) / 1000)
    }

    /// The end of each day of the rehearsal, every 24 hours from its start.
    var days: [Moment] {
        let count = max(1, (rehearsal.to - rehearsal.from).inSeconds / 86_400)
        return (1...count).map { rehearsal.from + .seconds($0 * 86_400) }
    }

    private func side(_ policy: Policy, _ site: Site, _ lives: [Recording.Life]) -> Side {
        let resources = Dictionary(grouping: lives, by: \.resource).sorted { $0.key < $1.key }
            .map { (id: $0.key, lives: $0.value.sorted { ($0.taken, $0.slot) < ($1.taken, $1.slot) }) }
        var side = Side(
            policy: policy, site: site, isCopy: !policy.homes.contains(site), resources: resources)
        side.days = Array(repeating: 0, count: days.count)
        for (id, lives) in resources { add(lives, weight: rehearsal.fleet.weight(of: id, policy), to: &side) }
        return side
    }

    private func add(_ lives: [Recording.Life], weight: Int, to side: inout Side) {
        side.resourceCount += weight
        side.made += lives.count * weight
        side.deleted += lives.count { $0.died != nil } * weight
        var alive: [Recording.Life] = []
        var coming = lives[...]
        for (index, day) in days.enumerated() {
            while let next = coming.first, next.born <= day {
                alive.append(next)
                coming = coming.dropFirst()
            }
            alive.removeAll { !$0.lives(at: day) }
            side.days[index] += alive.count * weight
            side.gibibyteMonths += stored(alive) * Double(weight) / 30.4375
        }
        for (life, next) in zip(lives, lives.dropFirst()) {
            side.largestGap = max(side.largestGap, next.born - life.taken)
        }
        if let last = lives.last { side.largestGap = max(side.largestGap, rehearsal.to - last.taken) }
    }

    /// GiB that AWS bills: the oldest point whole, each later one with what changed since the one before it.
    private func stored(_ alive: [Recording.Life]) -> Double {
        guard let oldest = alive.first else { return 0 }
        var whole = Double(oldest.gibibytes)
        for (life, next) in zip(alive, alive.dropFirst()) {
            let days = Double((next.taken - life.taken).inSeconds) / 86_400
            whole += Double(next.gibibytes) * min(1, days * changeRate.fraction)
        }
        return whole
    }

    // MARK: For people and programs

    var assumptions: String {
        let count = rehearsal.fleet.resources
        let fleet =
            count == 1 ? "one resource" : "\(count) resources alike, of which one is lived through,"
        return "assumed: \(fleet) of \(rehearsal.fleet.gibibytes) GiB for each policy, kind and region; "
            + "\(Self.short(changeRate.fraction * 100))% of it changes in a day; snapshots and copies complete at once"
    }

    var text: String {
        var table = Table([
            "POLICY", "REGION", "MADE", "DELETED", "AT END", "PEAK", "STEADY", "GIB-MONTHS", "LARGEST GAP",
        ])
        for side in sides {
            table.add([
                side.policy.name.rawValue, side.site.description + (side.isCopy ? " (copies)" : ""), String(side.made),
                String(side.deleted), String(side.atEnd), String(side.peak), Self.short(side.steady),
                Self.short(side.gibibyteMonths), side.largestGap.short,
            ])
        }
        let asked = calls.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        let failed = skipped == 0 ? "" : "\n\(skipped) creates failed by --skip-rate"
        return
            "\(rehearsal.from) to \(rehearsal.to); \(assumptions)\n\n\(table.text)\n\nAWS would be asked: \(asked)\(failed)"
    }

    var json: JSON {
        .object([
            "from": .text(rehearsal.from), "to": .text(rehearsal.to), "assumptions": .text(assumptions),
            "sides": .list(sides.map(\.json)),
            "calls": .object(Dictionary(uniqueKeysWithValues: calls.map { ($0.name, .number(Int64($0.count))) })),
            "skipped": .number(Int64(skipped)),
        ])
    }

    /// At most one digit after the point.
    static func short(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

extension SimulationReport.Side {
    fileprivate var json: JSON {
        .object([
            "policy": .text(policy.name), "region": .text(site.region), "account": .account(site.account),
            "copies": .bool(isCopy),
            "resources": .number(Int64(resourceCount)), "made": .number(Int64(made)),
            "deleted": .number(Int64(deleted)), "at-end": .number(Int64(atEnd)), "peak": .number(Int64(peak)),
            "steady": .number(Int64(steady.rounded())), "gib-months": .number(Int64(gibibyteMonths.rounded())),
            "largest-gap-seconds": .number(largestGap.inSeconds),
            "points-on-each-day": .list(days.map { .number(Int64($0)) }),
            "points-at-the-end": .list(
                resources.flatMap { resource in
                    resource.lives.filter { $0.died == nil }.map { life in
                        .object(["resource": .text(resource.id), "slot": .text(life.slot), "taken": .text(life.taken)])
                    }
                }),
        ])
    }
}
