import BackupCore

/// Writes each change of memory as rows.
struct ChangeRows {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func write(_ change: Change) throws(LedgerError) {
        switch change {
        case .installed(let at):
            try run("INSERT OR IGNORE INTO facts VALUES ('installed', ?)", .moment(at))
        case .passed(let at):
            try run("INSERT OR REPLACE INTO facts VALUES ('passed', ?)", .moment(at))
        case .saw(let pair, let at):
            try run(
                """
                INSERT INTO pairs VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET seen_at_s = min(seen_at_s, excluded.seen_at_s)
                """, .name(pair.policy), .name(pair.resource), .moment(at))
        case .scheduled(let policy, let texts):
            try run("DELETE FROM schedules_in_force WHERE policy = ?", .name(policy))
            for (text, since) in texts.sorted(by: { $0.key < $1.key }) {
                try run("INSERT INTO schedules_in_force VALUES (?, ?, ?)", .name(policy), .text(text), .moment(since))
            }
        case .missed(let pair, let slots):
            try run(
                "INSERT OR REPLACE INTO missed VALUES (?, ?, ?, ?, ?)", .name(pair.policy), .name(pair.resource),
                .integer(Int64(slots.count)), .moment(slots.oldest), .moment(slots.newest))
        case .steppedBack(let since?):
            try run("INSERT OR REPLACE INTO facts VALUES ('stepped-back', ?)", .moment(since))
        case .steppedBack(nil):
            try run("DELETE FROM facts WHERE name = 'stepped-back'")
        case .retained(let rules):
            try run("INSERT OR REPLACE INTO retention VALUES (1, ?, ?)", .text(rules.text), .moment(rules.since))
        case .candidate(let point, let since):
            try runOn(point, "INSERT OR IGNORE INTO candidates VALUES (?, ?, ?, ?)", .moment(since))
        case .pardoned(let point):
            try runOn(point, "DELETE FROM candidates WHERE provider = ? AND region = ? AND point_set = ?")
        case .absent(let pair, let since?):
            try run(
                "INSERT OR REPLACE INTO absent VALUES (?, ?, ?)", .name(pair.policy), .name(pair.resource),
                .moment(since))
        case .absent(let pair, nil):
            try run("DELETE FROM absent WHERE policy = ? AND resource = ?", .name(pair.policy), .name(pair.resource))
        case .resumed(let policy, let at):
            try run("INSERT OR REPLACE INTO resumed VALUES (?, ?)", .name(policy), .moment(at))
        case .tallied(let policy, let tally):
            try run(
                "INSERT OR REPLACE INTO prune_tallies VALUES (?, ?, ?, ?)", .name(policy), .moment(tally.slot),
                .integer(Int64(tally.count)), .moment(tally.lastPass))
        case .copySeen(let point, let at):
            try runOn(point, "INSERT OR IGNORE INTO copies_seen VALUES (?, ?, ?, ?)", .moment(at))
        case .copyForgotten(let point):
            try runOn(point, "DELETE FROM copies_seen WHERE provider = ? AND region = ? AND point_set = ?")
        case .forgot(let pair):
            for table in ["pairs", "absent", "missed", "setbacks"] {
                try run(
                    "DELETE FROM \(table) WHERE policy = ? AND resource = ?", .name(pair.policy), .name(pair.resource))
            }
            try run(
                "DELETE FROM drill_records WHERE policy = ? AND resource = ? AND provider <> ''", .name(pair.policy),
                .name(pair.resource))
        case .folded(let before, let at):
            try run("INSERT OR REPLACE INTO facts VALUES ('folded', ?)", .moment(at))
            try run("DELETE FROM intents WHERE ended_at_s < ?", .moment(before))
            try run("DELETE FROM setbacks WHERE last_s < ?", .moment(before))
        case .began(let intent):
            try begin(intent)
        case .ended(let id, let ending, let at):
            try end(id, ending, at)
        case .failedLater(let key, let code, let at):
            try countSetback(key, code, at)
        case .recovered(let key):
            try forgive(key)
        case .drilled(let record):
            try write(record)
        case .drillsDone(let policy, let progress?):
            try run(
                "INSERT OR REPLACE INTO drill_progress VALUES (?, ?, ?)", .name(policy), .text(progress.schedule),
                .moment(progress.done))
        case .drillsDone(let policy, nil):
            try run("DELETE FROM drill_progress WHERE policy = ?", .name(policy))
        case .noted(let key, let record?):
            try connection.run(
                "INSERT OR REPLACE INTO sidecars VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                key.values + [
                    .text(record.kind.rawValue), .text(record.sidecar.description), .moment(record.noted),
                ])
        case .noted(let key, nil):
            try connection.run(
                "DELETE FROM sidecars WHERE verb = ? AND policy = ? AND resource = ? AND slot_s = ? AND region = ?",
                key.values)
        }
    }

    /// As memory does, it forgets what a newer one makes pointless.
    private func write(_ record: DrillRecord) throws(LedgerError) {
        let (subject, point) = (record.subject, record.subject?.point)
        let resource = subject?.resource.rawValue ?? ""
        try connection.run(
            """
            INSERT OR REPLACE INTO drill_records (policy, slot_s, provider, region, point_set, resource, mark, began_s,
                tested_s, ended_s, restored_s, answered_s, failure, kept_until_s, is_gone)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .name(record.policy), .moment(record.slot), .text(point?.place.provider.rawValue ?? ""),
                .text(point?.place.site.description ?? ""), .text(point?.set.rawValue ?? ""), .text(resource),
                .text(subject?.mark ?? ""), .moment(record.began), .optional(record.tested?.seconds),
                .optional(record.ended?.seconds), .optional(record.restored?.inSeconds),
                .optional(record.answered?.inSeconds), .optional(record.failure), .optional(record.keptUntil?.seconds),
                .integer(record.isGone ? 1 : 0),
            ])
        try run(
            """
            DELETE FROM drill_records AS old WHERE policy = ? AND ended_s IS NOT NULL AND is_gone = 1 AND EXISTS (
                SELECT 1 FROM drill_records AS new WHERE new.policy = old.policy AND new.slot_s > old.slot_s
                    AND (old.provider = '' OR new.provider <> '' AND new.resource = old.resource))
            """, .name(record.policy))
    }

    private func begin(_ intent: Intent) throws(LedgerError) {
        try connection.run(
            """
            INSERT OR IGNORE INTO intents (verb, policy, resource, slot_s, region, id, point_set, began_at_s)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            intent.key.values + [.name(intent.id), .name(intent.set), .moment(intent.began)])
    }

    private func end(_ id: Intent.ID, _ ending: Ending, _ at: Moment) throws(LedgerError) {
        var found: Intent.Key?
        try connection.run(
            "SELECT verb, policy, resource, slot_s, region FROM intents WHERE id = ? AND ended_at_s IS NULL",
            [.name(id)]
        ) { row throws(LedgerError) in found = Intent.Key(row) }
        guard let key = found else { return }
        try connection.run(
            "UPDATE intents SET ended_at_s = ?, ending = ?, code = ?, message = ?, request_id = ? WHERE id = ?",
            [.moment(at)] + ending.values + [.name(id)])
        switch ending {
        case .done where !key.verb.makes:
            try forgive(key)
        case .failed(let code, _, _):
            try countSetback(key, code, at)
        case .done, .notPerformed, .deferred:
            break
        }
    }

    private func countSetback(_ key: Intent.Key, _ code: String, _ at: Moment) throws(LedgerError) {
        try connection.run(
            """
            INSERT INTO setbacks VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
            ON CONFLICT DO UPDATE SET count = count + 1, last_s = excluded.last_s, code = excluded.code
            """,
            key.values + [.moment(at), .text(code), .moment(at)])
    }

    private func forgive(_ key: Intent.Key) throws(LedgerError) {
        try connection.run(
            "DELETE FROM setbacks WHERE verb = ? AND policy = ? AND resource = ? AND slot_s = ? AND region = ?",
            key.values)
    }

    private func run(_ sql: String, _ values: SQLValue...) throws(LedgerError) { try connection.run(sql, values) }

    private func runOn(_ point: PointID, _ sql: String, _ values: SQLValue...) throws(LedgerError) {
        let id: [SQLValue] = [
            .text(point.place.provider.rawValue), .text(point.place.site.description), .name(point.set),
        ]
        try connection.run(sql, id + values)
    }
}

extension SQLValue {
    static func moment(_ moment: Moment) -> SQLValue { .integer(moment.seconds) }
    static func name(_ name: some Name) -> SQLValue { .text(name.rawValue) }
    static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    static func optional(_ number: Int64?) -> SQLValue { number.map { .integer($0) } ?? .null }
}

extension Intent.Key {
    /// In the order of the columns verb, policy, resource, slot_s, region.
    var values: [SQLValue] {
        [.text(verb.rawValue), .name(pair.policy), .name(pair.resource), .moment(slot), .text(site.description)]
    }

    init?(_ row: Statement) {
        guard let verb = Intent.Verb(rawValue: row.text(0)) else { return nil }
        self.init(
            verb: verb, pair: Pair(policy: PolicyName(row.text(1)), resource: ResourceID(row.text(2))),
            slot: Moment(seconds: row.integer(3)), site: Site(row.text(4)))
    }
}

extension Ending {
    /// In the order of the columns ending, code, message, request_id.
    var values: [SQLValue] {
        switch self {
        case .done(let requestID): [.text("done"), .null, .null, .optional(requestID)]
        case .failed(let code, let message, let requestID):
            [.text("failed"), .text(code), .text(message), .optional(requestID)]
        case .notPerformed: [.text("not-performed"), .null, .null, .null]
        case .deferred(let code): [.text("deferred"), .text(code), .null, .null]
        }
    }
}
