/// The schema's history.
///
/// A migration is never edited once it has shipped; a change is a new one at the end.
enum Migrations {
    static let all: [(name: String, sql: String)] = [
        (
            "0001 memory",
            """
            CREATE TABLE facts (name TEXT PRIMARY KEY, at_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE pairs (policy TEXT, resource TEXT, seen_at_s INTEGER NOT NULL, PRIMARY KEY (policy, resource))
                STRICT, WITHOUT ROWID;
            CREATE TABLE schedules (policy TEXT PRIMARY KEY, text TEXT NOT NULL, since_s INTEGER NOT NULL)
                STRICT, WITHOUT ROWID;
            CREATE TABLE retention (id INTEGER PRIMARY KEY CHECK (id = 1), text TEXT NOT NULL, since_s INTEGER NOT NULL)
                STRICT;
            CREATE TABLE candidates (provider TEXT, region TEXT, point_set TEXT, since_s INTEGER NOT NULL,
                PRIMARY KEY (provider, region, point_set)) STRICT, WITHOUT ROWID;
            CREATE TABLE copies_seen (provider TEXT, region TEXT, point_set TEXT,
                PRIMARY KEY (provider, region, point_set)) STRICT, WITHOUT ROWID;
            CREATE TABLE intents (id TEXT PRIMARY KEY, verb TEXT NOT NULL, policy TEXT NOT NULL, resource TEXT NOT NULL,
                slot_s INTEGER NOT NULL, region TEXT NOT NULL, point_set TEXT NOT NULL, began_at_s INTEGER NOT NULL,
                ended_at_s INTEGER, ending TEXT, code TEXT, message TEXT, request_id TEXT) STRICT, WITHOUT ROWID;
            CREATE INDEX intents_open ON intents (id) WHERE ended_at_s IS NULL;
            CREATE TABLE setbacks (verb TEXT, policy TEXT, resource TEXT, slot_s INTEGER, region TEXT,
                count INTEGER NOT NULL, last_s INTEGER NOT NULL, code TEXT NOT NULL,
                PRIMARY KEY (verb, policy, resource, slot_s, region)) STRICT, WITHOUT ROWID;
            """
        ),
        (
            "0002 several schedules, missed slots",
            """
            CREATE TABLE schedules_in_force (policy TEXT, text TEXT, since_s INTEGER NOT NULL,
                PRIMARY KEY (policy, text)) STRICT, WITHOUT ROWID;
            INSERT INTO schedules_in_force SELECT policy, text, since_s FROM schedules;
            DROP TABLE schedules;
            CREATE TABLE missed (policy TEXT, resource TEXT, count INTEGER NOT NULL, oldest_s INTEGER NOT NULL,
                newest_s INTEGER NOT NULL, PRIMARY KEY (policy, resource)) STRICT, WITHOUT ROWID;
            """
        ),
        (
            "0003 absent resources, stops, how much was pruned",
            """
            CREATE TABLE absent (policy TEXT, resource TEXT, since_s INTEGER NOT NULL, PRIMARY KEY (policy, resource))
                STRICT, WITHOUT ROWID;
            CREATE TABLE resumed (policy TEXT PRIMARY KEY, at_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE prune_tallies (policy TEXT PRIMARY KEY, slot_s INTEGER NOT NULL, count INTEGER NOT NULL,
                last_pass_s INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            """
        ),
        (
            "0004 since when things fail",
            """
            ALTER TABLE setbacks ADD COLUMN first_s INTEGER NOT NULL DEFAULT 0;
            UPDATE setbacks SET first_s = last_s;
            """
        ),
        (
            "0005 when copies were seen, and what is over",
            """
            ALTER TABLE copies_seen ADD COLUMN since_s INTEGER NOT NULL DEFAULT 0;
            UPDATE copies_seen SET since_s = coalesce((SELECT at_s FROM facts WHERE name = 'passed'), 0);
            CREATE INDEX intents_ended ON intents (ended_at_s);
            """
        ),
        (
            "0006 drills",
            """
            CREATE TABLE drills (policy TEXT, resource TEXT, slot_s INTEGER, point_set TEXT NOT NULL,
                provider TEXT NOT NULL, region TEXT NOT NULL, mark TEXT NOT NULL, began_s INTEGER NOT NULL, ended_s INTEGER, restored_s INTEGER, answered_s INTEGER, failure TEXT,
                kept_until_s INTEGER, PRIMARY KEY (policy, resource, slot_s)) STRICT, WITHOUT ROWID;
            """
        ),
        (
            "0007 several drills with one slot, and how far they are",
            """
            CREATE TABLE drill_records (policy TEXT, slot_s INTEGER, provider TEXT, region TEXT, point_set TEXT,
                resource TEXT NOT NULL, mark TEXT NOT NULL, began_s INTEGER NOT NULL, tested_s INTEGER, ended_s INTEGER,
                restored_s INTEGER, answered_s INTEGER, failure TEXT, kept_until_s INTEGER, is_gone INTEGER NOT NULL,
                PRIMARY KEY (policy, slot_s, provider, region, point_set)) STRICT, WITHOUT ROWID;
            INSERT INTO drill_records SELECT policy, slot_s, provider, region, point_set, resource, mark, began_s,
                ended_s, ended_s, restored_s, answered_s, failure, kept_until_s,
                ended_s IS NOT NULL AND kept_until_s IS NULL FROM drills;
            DROP TABLE drills;
            CREATE TABLE drill_progress (policy TEXT PRIMARY KEY, schedule TEXT NOT NULL, done_s INTEGER NOT NULL)
                STRICT, WITHOUT ROWID;
            """
        ),
        (
            "0008 sidecars",
            """
            CREATE TABLE sidecars (verb TEXT, policy TEXT, resource TEXT, slot_s INTEGER, region TEXT, kind TEXT NOT NULL,
                about TEXT NOT NULL, noted_s INTEGER NOT NULL, PRIMARY KEY (verb, policy, resource, slot_s, region))
                STRICT, WITHOUT ROWID;
            """
        ),
    ]

    static func run(on connection: Connection) throws(LedgerError) {
        try connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
        var done: Set<String> = []
        try connection.run("SELECT name FROM migrations") { row throws(LedgerError) in done.insert(row.text(0)) }
        if let unknown = done.subtracting(all.map(\.name)).min() {
            throw LedgerError(
                code: 0, message: "the ledger was written by a newer snapwarden (\"\(unknown)\"): install that or newer"
            )
        }
        for migration in all where !done.contains(migration.name) {
            try connection.transaction { () throws(LedgerError) in
                try connection.execute(migration.sql)
                try connection.run("INSERT INTO migrations VALUES (?)", [.text(migration.name)])
            }
        }
    }
}
