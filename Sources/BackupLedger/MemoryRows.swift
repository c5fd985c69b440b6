import BackupCore

/// Reads memory back from its rows.
struct MemoryRows {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func read() throws(LedgerError) -> Memory {
        var memory = Memory()
        try readFacts(into: &memory)
        try readCandidates(into: &memory)
        try readPruning(into: &memory)
        try readIntents(into: &memory)
        try readDrills(into: &memory)
        try readSidecars(into: &memory)
        return memory
    }

    private func readFacts(into memory: inout Memory) throws(LedgerError) {
        try connection.run("SELECT name, at_s FROM facts") { row throws(LedgerError) in
            let moment = Moment(seconds: row.integer(1))
            switch row.text(0) {
            case "installed": memory.installed = moment
            case "passed": memory.lastPass = moment
            case "folded": memory.folded = moment
            case "stepped-back": memory.steppedBack = moment
            default: break
            }
        }
        try connection.run("SELECT policy, resource, seen_at_s FROM pairs") { row throws(LedgerError) in
            let pair = Pair(policy: PolicyName(row.text(0)), resource: ResourceID(row.text(1)))
            memory.firstSeen[pair] = Moment(seconds: row.integer(2))
        }
        try connection.run("SELECT policy, text, since_s FROM schedules_in_force") { row throws(LedgerError) in
            memory.schedules[PolicyName(row.text(0)), default: [:]][row.text(1)] = Moment(seconds: row.integer(2))
        }
        try connection.run(
            "SELECT policy, resource, count, oldest_s, newest_s FROM missed"
        ) { row throws(LedgerError) in
            let pair = Pair(policy: PolicyName(row.text(0)), resource: ResourceID(row.text(1)))
            memory.missed[pair] = MissedSlots(
                count: Int(row.integer(2)), oldest: Moment(seconds: row.integer(3)),
                newest: Moment(seconds: row.integer(4)))
        }
        try connection.run("SELECT text, since_s FROM retention") { row throws(LedgerError) in
            memory.retention = RetentionInForce(text: row.text(0), since: Moment(seconds: row.integer(1)))
        }
    }

    private func readCandidates(into memory: inout Memory) throws(LedgerError) {
        try connection.run("SELECT provider, region, point_set, since_s FROM candidates") { row throws(LedgerError) in
            if let point = PointID(row) { memory.candidates[point] = Moment(seconds: row.integer(3)) }
        }
        try connection.run("SELECT provider, region, point_set, since_s FROM copies_seen") { row throws(LedgerError) in
            if let point = PointID(row) { memory.copiesSeen[point] = Moment(seconds: row.integer(3)) }
        }
    }

    private func readPruning(into memory: inout Memory) throws(LedgerError) {
        try connection.run("SELECT policy, resource, since_s FROM absent") { row throws(LedgerError) in
            let pair = Pair(policy: PolicyName(row.text(0)), resource: ResourceID(row.text(1)))
            memory.absent[pair] = Moment(seconds: row.integer(2))
        }
        try connection.run("SELECT policy, at_s FROM resumed") { row throws(LedgerError) in
            memory.resumed[PolicyName(row.text(0))] = Moment(seconds: row.integer(1))
        }
        try connection.run("SELECT policy, slot_s, count, last_pass_s FROM prune_tallies") { row throws(LedgerError) in
            memory.tallies[PolicyName(row.text(0))] = PruneTally(
                slot: Moment(seconds: row.integer(1)), count: Int(row.integer(2)),
                lastPass: Moment(seconds: row.integer(3)))
        }
    }

    private func readDrills(into memory: inout Memory) throws(LedgerError) {
        try connection.run(
            """
            SELECT provider, region, point_set, policy, resource, slot_s, mark, began_s, tested_s, ended_s, restored_s,
                answered_s, failure, kept_until_s, is_gone FROM drill_records ORDER BY slot_s
            """
        ) { row throws(LedgerError) in
            let subject = PointID(row).map { point in
                DrillRecord.Subject(resource: ResourceID(row.text(4)), point: point, mark: row.text(6))
            }
            var record = DrillRecord(
                policy: PolicyName(row.text(3)), slot: Moment(seconds: row.integer(5)), subject: subject,
                began: Moment(seconds: row.integer(7)))
            record.tested = row.optionalInteger(8).map { Moment(seconds: $0) }
            record.ended = row.optionalInteger(9).map { Moment(seconds: $0) }
            record.restored = row.optionalInteger(10).map { .seconds($0) }
            record.answered = row.optionalInteger(11).map { .seconds($0) }
            record.failure = row.optionalText(12)
            record.keptUntil = row.optionalInteger(13).map { Moment(seconds: $0) }
            record.isGone = row.integer(14) != 0
            memory.drills.note(record)
        }
        try connection.run("SELECT policy, schedule, done_s FROM drill_progress") { row throws(LedgerError) in
            memory.drills.progress[PolicyName(row.text(0))] = DrillHistory.Progress(
                schedule: row.text(1), done: Moment(seconds: row.integer(2)))
        }
    }

    private func readSidecars(into memory: inout Memory) throws(LedgerError) {
        try connection.run(
            "SELECT verb, policy, resource, slot_s, region, kind, about, noted_s FROM sidecars"
        ) { row throws(LedgerError) in
            guard let key = Intent.Key(row), let kind = ResourceKind(rawValue: row.text(5)) else { return }
            memory.sidecars[key] = SidecarRecord(
                kind: kind, sidecar: Sidecar(text: row.text(6)), noted: Moment(seconds: row.integer(7)))
        }
    }

    private func readIntents(into memory: inout Memory) throws(LedgerError) {
        let columns = "verb, policy, resource, slot_s, region"
        try connection.run(
            "SELECT \(columns), id, point_set, began_at_s FROM intents WHERE ended_at_s IS NULL"
        ) { row throws(LedgerError) in
            guard let key = Intent.Key(row) else { return }
            let intent = Intent(
                id: SetID(row.text(5)), key: key, set: SetID(row.text(6)), began: Moment(seconds: row.integer(7)))
            memory.open[intent.id] = intent
        }
        try connection.run(
            """
            SELECT \(columns), id, point_set, began_at_s, ended_at_s FROM intents
            WHERE ended_at_s > max(?, (SELECT coalesce(max(ended_at_s), 0) FROM intents) - \(DoneIntent.memorable.inSeconds))
                AND ending = 'done' AND verb IN ('create', 'copy')
            """, [.moment((memory.lastPass ?? .longAgo) - DoneIntent.memorable)]
        ) { row throws(LedgerError) in
            guard let key = Intent.Key(row) else { return }
            let intent = Intent(
                id: SetID(row.text(5)), key: key, set: SetID(row.text(6)), began: Moment(seconds: row.integer(7)))
            memory.recent[intent.id] = DoneIntent(intent, at: Moment(seconds: row.integer(8)))
        }
        try connection.run("SELECT \(columns), count, last_s, code, first_s FROM setbacks") { row throws(LedgerError) in
            guard let key = Intent.Key(row) else { return }
            memory.setbacks[key] = Setback(
                count: Int(row.integer(5)), last: Moment(seconds: row.integer(6)), code: row.text(7),
                first: Moment(seconds: row.integer(8)))
        }
    }
}

extension PointID {
    /// A column `region` holds a site's text, which for the standard account is the region's name.
    init?(_ row: Statement) {
        guard let provider = Provider(rawValue: row.text(0)) else { return nil }
        self.init(place: Place(provider, Site(row.text(1))), set: SetID(row.text(2)))
    }
}
