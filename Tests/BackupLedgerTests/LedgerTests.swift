import BackupCore
import Glibc
import Testing

@testable import BackupLedger

/// A folder that is removed with its contents in the end.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/snapwarden-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    var files: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    deinit {
        for file in files { unlink(path + "/" + file) }
        rmdir(path)
    }
}

@Suite struct LedgerTests {
    /// Whatever is recorded, in whatever batches, is recalled as if it had been applied in memory.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]) func recallsWhatWasRecorded(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        var changes = RandomChanges(seed: seed)
        var expected = Memory()
        for _ in 0..<4 {
            let ledger = try Ledger.open(directory: folder.path)
            #expect(try await ledger.lasting() == expected.lasting, "seed \(seed), after reopening")
            for _ in 0..<20 {
                let batch = changes.next(upTo: 8)
                try await ledger.record(batch)
                for change in batch { expected.apply(change) }
                #expect(try await ledger.lasting() == expected.lasting, "seed \(seed): \(batch)")
            }
        }
    }

    /// What was done a moment ago is told to the next process, since AWS may not show it yet.
    @Test func whatWasDoneLatelyIsRecalled() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(directory: folder.path)
        func intent(_ name: String, _ verb: Intent.Verb) -> Intent {
            let key = Intent.Key(
                verb: verb, pair: Pair(policy: PolicyName("p"), resource: ResourceID("i-1")), slot: Moment(seconds: 1),
                site: Site(Region("us-east-1")))
            return Intent(id: SetID(name), key: key, set: SetID(name), began: Moment(seconds: 10_000))
        }
        let done = Ending.done(requestID: nil)
        let failed = Ending.failed(code: "x", message: "y", requestID: nil)
        for (name, verb, ending, at) in [
            ("old", .create, done, 6400), ("new", .create, done, 6401), ("copy", .copy, done, 10_000),
            ("prune", .prune, done, 10_000), ("failed", .create, failed, 10_000),
        ] as [(String, Intent.Verb, Ending, Int64)] {
            try await ledger.record([.began(intent(name, verb)), .ended(SetID(name), ending, at: Moment(seconds: at))])
        }
        try await ledger.record([.passed(Moment(seconds: 10_000))])
        let recent = try await ledger.recall().recent
        #expect(recent.keys.map(\.rawValue).sorted() == ["copy", "new"])
        #expect(recent[SetID("new")]?.intent == intent("new", .create))
    }

    @Test func secondWriterIsRefusedAndNamesTheFirst() throws {
        let folder = try TemporaryFolder()
        let first = try Ledger.open(directory: folder.path)
        let error = #expect(throws: StateDirectoryInUse.self) { try Ledger.open(directory: folder.path) }
        #expect(error?.pid == Int(getpid()))
        withExtendedLifetime(first) {}
    }

    @Test func readersNeedNoLockAndCreateNothing() async throws {
        let folder = try TemporaryFolder()
        #expect(Ledger.recall(fromDirectory: folder.path) == nil)
        #expect(folder.files == [])
        let ledger = try Ledger.open(directory: folder.path)
        try await ledger.record([.installed(Moment(seconds: 7))])
        #expect(Ledger.recall(fromDirectory: folder.path)?.installed == Moment(seconds: 7))
    }

    @Test func damagedLedgerIsSetAsideNotLost() async throws {
        let folder = try TemporaryFolder()
        let file = try #require(fopen(folder.path + "/ledger.sqlite", "w"))
        fputs(String(repeating: "this is no database ", count: 400), file)
        fclose(file)
        let ledger = try Ledger.open(directory: folder.path)
        #expect(folder.files.contains { $0.hasPrefix("ledger.sqlite.damaged-") })
        #expect(try await ledger.recall() == Memory())
    }

    /// A disk in trouble keeps nobody from starting, and the ledger is used again once it is well.
    @Test func aLedgerThatCannotBeOpenedIsOpenedLater() async throws {
        let folder = try TemporaryFolder()
        // SQLite cannot open a folder: "unable to open database file".
        mkdir(folder.path + "/ledger.sqlite", 0o700)
        let ledger = try Ledger.open(directory: folder.path)
        await #expect(throws: HistoryError.self) { try await ledger.recall() }
        await #expect(throws: HistoryError.self) { try await ledger.record([.installed(Moment(seconds: 7))]) }
        rmdir(folder.path + "/ledger.sqlite")
        try await ledger.record([.installed(Moment(seconds: 7))])
        #expect(try await ledger.recall().installed == Moment(seconds: 7))
    }

    /// Who goes on with a fresh ledger is told so, to write what only the old one had.
    @Test func aLedgerThatIsDamagedWhileInUseIsSetAside() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(directory: folder.path)
        try await ledger.record([.installed(Moment(seconds: 7))])
        for file in folder.files where file.hasPrefix("ledger.sqlite") {
            let damaged = try #require(fopen(folder.path + "/" + file, "w"))
            fputs(String(repeating: "this is no database ", count: 4000), damaged)
            fclose(damaged)
        }
        var errors = 0
        while errors < 5 {
            do {
                try await ledger.record([.passed(Moment(seconds: 8))])
                break
            } catch { errors += 1 }
        }
        #expect(errors == 1 || errors == 2)
        #expect(folder.files.contains { $0.hasPrefix("ledger.sqlite.damaged-") })
        #expect(try await ledger.recall().lastPass == Moment(seconds: 8))
    }

    /// What could not be written says the same, in fewer words.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aBacklogAmountsToTheChanges(seed: UInt64) async throws {
        var changes = RandomChanges(seed: seed)
        var (expected, before) = (Memory(), Memory())
        for change in changes.next(upTo: 60) { before.apply(change) }
        expected = before
        var backlog = Backlog()
        for change in (0..<20).flatMap({ _ in changes.next(upTo: 8) }) {
            expected.apply(change)
            backlog.append(change)
        }
        var caughtUp = before
        for change in backlog.changes { caughtUp.apply(change) }
        #expect((caughtUp.lasting == expected.lasting) as Bool, "seed \(seed)")
        var anew = Memory()
        for change in expected.asChanges { anew.apply(change) }
        expected.setbacks = [:]
        #expect((anew.lasting == expected.lasting) as Bool, "seed \(seed)")
    }

    @Test func ledgerOfANewerProgramIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        _ = try Ledger.open(directory: folder.path)
        let connection = try Connection(path: folder.path + "/ledger.sqlite", readOnly: false)
        try connection.execute("INSERT INTO migrations VALUES ('9999 from the future')")
        let error = #expect(throws: LedgerError.self) { try Ledger.open(directory: folder.path) }
        #expect(error?.description.contains("9999 from the future") == true)
    }

    /// Nothing grows for ever: a ledger of a year is as large as one of two months, if that is all it is to remember.
    @Test func whatIsOverIsFoldedAway() async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(directory: folder.path)
        let rows = try Connection(path: folder.path + "/ledger.sqlite", readOnly: true)
        var sizes: [Int64] = []
        for day in 0..<360 as Range<Int64> {
            let now = Moment(seconds: 1_800_000_000 + day * 86_400)
            var changes: [Change] = []
            for number in 0..<40 {
                let key = Intent.Key(
                    verb: .prune, pair: Pair(policy: PolicyName("p"), resource: ResourceID("i-\(day)-\(number)")),
                    slot: now, site: Site(Region("us-east-1")))
                let intent = Intent(
                    id: SetID("\(day)-\(number)"), key: key, set: SetID("s-\(day)-\(number)"), began: now)
                changes += [
                    .began(intent), .ended(intent.id, .failed(code: "c", message: "m", requestID: nil), at: now),
                ]
            }
            try await ledger.record(changes + [.folded(before: now - .seconds(60 * 86_400), at: now)])
            if day % 30 == 29 {
                try rows.run("SELECT count(*) FROM intents UNION ALL SELECT count(*) FROM setbacks") {
                    row throws(LedgerError) in sizes.append(row.integer(0))
                }
                try rows.run("PRAGMA page_count") { row throws(LedgerError) in sizes.append(row.integer(0)) }
            }
        }
        let months = stride(from: 0, to: sizes.count, by: 3).map { Array(sizes[$0..<($0 + 3)]) }
        #expect(months.dropFirst(2).allSatisfy { $0[0] == 61 * 40 && $0[1] == 61 * 40 }, "\(months)")
        #expect(months[11][2] <= months[2][2] * 11 / 10, "\(months)")
        #expect(try await ledger.recall().setbacks.count == 61 * 40)
    }

    /// A ledger of the schema before keeps what it knows.
    @Test func copiesSeenBeforeTheyWereDatedAreKept() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/ledger.sqlite"
        do {
            let old = try Connection(path: path, readOnly: false)
            try old.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
            for migration in Migrations.all where migration.name < "0005" {
                try old.execute(migration.sql)
                try old.run("INSERT INTO migrations VALUES (?)", [.text(migration.name)])
            }
            try old.execute("INSERT INTO facts VALUES ('passed', 1234)")
            try old.execute("INSERT INTO copies_seen VALUES ('ec2', 'eu-west-1', 's')")
        }
        let memory = try await Ledger.open(directory: folder.path).recall()
        let copy = PointID(place: Place(.ec2, Region("eu-west-1")), set: SetID("s"))
        #expect(memory.copiesSeen == [copy: Moment(seconds: 1234)])
    }

    /// A drill of the schema before is over, unless it is kept or was cut off.
    @Test func drillsOfTheSchemaBeforeAreKept() async throws {
        let folder = try TemporaryFolder()
        do {
            let old = try Connection(path: folder.path + "/ledger.sqlite", readOnly: false)
            try old.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
            for migration in Migrations.all where migration.name < "0007" {
                try old.execute(migration.sql)
                try old.run("INSERT INTO migrations VALUES (?)", [.text(migration.name)])
            }
            let rows = [("over", "7", "NULL"), ("kept", "7", "9"), ("cut-off", "NULL", "NULL")]
            for (name, ended, kept) in rows {
                try old.execute(
                    """
                    INSERT INTO drills VALUES ('web', '\(name)', 5, 's-\(name)', 'ec2', 'eu-west-1', 'm', 6, \(ended), 1, NULL,
                        NULL, \(kept))
                    """)
            }
        }
        let records = try await Ledger.open(directory: folder.path).recall().drills.records.values
        let found = Dictionary(uniqueKeysWithValues: records.map { ($0.subject?.resource.rawValue ?? "", $0) })
        #expect(found["over"]?.isGone == true && found["over"]?.hasPassed == true)
        #expect(found["kept"]?.isGone == false && found["kept"]?.keptUntil == Moment(seconds: 9))
        #expect(found["cut-off"]?.ended == nil && found["cut-off"]?.subject?.point.set == SetID("s-cut-off"))
    }

    @Test func errorsShowTheStatementAndNoValues() throws {
        let folder = try TemporaryFolder()
        let connection = try Connection(path: folder.path + "/x.sqlite", readOnly: false)
        try connection.execute("CREATE TABLE t (a TEXT PRIMARY KEY) STRICT")
        try connection.run("INSERT INTO t VALUES (?)", [.text("very secret")])
        let error = #expect(throws: LedgerError.self) {
            try connection.run("INSERT INTO t VALUES (?)", [.text("very secret")])
        }
        #expect(error?.description.contains("INSERT INTO t VALUES (?)") == true)
        #expect(error?.description.contains("secret") == false)
    }
}

/// Changes at random over a small set of names, so that they meet each other.
struct RandomChanges {
    private var generator: SplitMix64
    private var open: [Intent] = []
    private var count = 0

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next(upTo most: Int) -> [Change] {
        (0..<Int.random(in: 1...most, using: &generator)).map { _ in next() }
    }

    private mutating func next() -> Change {
        let moment = Moment(seconds: .random(in: -10...2_000_000_000, using: &generator))
        switch Int.random(in: 0..<25, using: &generator) {
        case 0: return .installed(moment)
        case 1: return .passed(moment)
        case 2: return .saw(pair(), at: moment)
        case 3:
            return .scheduled(
                PolicyName(name()), Dictionary([(name(), moment), (name(), moment)]) { first, _ in first })
        case 4: return .retained(RetentionInForce(text: name(), since: moment))
        case 5: return .candidate(point(), since: moment)
        case 6: return .pardoned(point())
        case 7: return .copySeen(point(), at: moment)
        case 17: return .copyForgotten(point())
        case 18: return .forgot(pair())
        case 19: return .folded(before: moment, at: moment + .seconds(9))
        case 11: return .missed(pair(), MissedSlots(count: 7, oldest: moment - .seconds(60), newest: moment))
        case 12: return .absent(pair(), since: moment)
        case 13: return .absent(pair(), since: nil)
        case 14: return .resumed(PolicyName(name()), at: moment)
        case 15: return .tallied(PolicyName(name()), PruneTally(slot: moment, count: 3, lastPass: moment))
        case 16: return .recovered(key())
        case 20: return .drilled(drill(moment))
        case 21: return .drillsDone(PolicyName(name()), DrillHistory.Progress(schedule: name(), done: moment))
        case 22: return .drillsDone(PolicyName(name()), nil)
        case 23: return .noted(key(), nil)
        case 24:
            return .noted(key(), SidecarRecord(kind: .ec2Volume, sidecar: Sidecar(text: name()), noted: moment))
        case 8: return .failedLater(key(), code: name(), at: moment)
        case 9:
            count += 1
            let intent = Intent(id: SetID("n\(count)"), key: key(), set: SetID(name()), began: moment)
            open.append(intent)
            return .began(intent)
        default:
            guard let index = open.indices.randomElement(using: &generator) else { return .passed(moment) }
            return .ended(open.remove(at: index).id, ending(), at: moment)
        }
    }

    /// With few slots and points, so that drills take each other's place.
    private mutating func drill(_ moment: Moment) -> DrillRecord {
        let slot = Moment(seconds: .random(in: 0...3, using: &generator))
        guard Int.random(in: 0..<5, using: &generator) > 0 else {
            return DrillRecord(PolicyName(name()), slot: slot, failed: name(), at: moment)
        }
        let point = point()
        let subject = DrillRecord.Subject(resource: ResourceID("\(point.set)."), point: point, mark: name())
        var record = DrillRecord(policy: PolicyName(name()), slot: slot, subject: subject, began: moment)
        guard Bool.random(using: &generator) else { return record }
        (record.tested, record.ended) = (moment, Bool.random(using: &generator) ? moment : nil)
        (record.restored, record.answered) = (.seconds(9), Bool.random(using: &generator) ? .seconds(8) : nil)
        record.failure = Bool.random(using: &generator) ? name() : nil
        record.keptUntil = Bool.random(using: &generator) ? moment : nil
        record.isGone = Bool.random(using: &generator)
        return record
    }

    private mutating func ending() -> Ending {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .done(requestID: nil)
        case 1: .failed(code: name(), message: "it's \"so\"", requestID: name())
        case 2: .notPerformed
        default: .deferred(code: name())
        }
    }

    private mutating func name() -> String { ["a", "b", "ü ' \" ;", ""].randomElement(using: &generator) ?? "a" }
    private mutating func pair() -> Pair { Pair(policy: PolicyName(name()), resource: ResourceID(name())) }
    private mutating func point() -> PointID {
        PointID(place: Place(Bool.random(using: &generator) ? .ec2 : .lightsail, site()), set: SetID(name()))
    }
    private mutating func site() -> Site {
        Site(Bool.random(using: &generator) ? .standard : AccountID("111122223333"), Region(name()))
    }
    private mutating func key() -> Intent.Key {
        let verbs: [Intent.Verb] = [.create, .copy, .prune, .repair, .removeFailed]
        return Intent.Key(
            verb: verbs.randomElement(using: &generator) ?? .create, pair: pair(),
            slot: Moment(seconds: .random(in: 0...2, using: &generator)), site: site())
    }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Ledger {
    fileprivate func lasting() async throws -> Memory { try await recall().lasting }
}

extension Memory {
    /// Without what was done lately, which depends on the order of moments that here come in none.
    fileprivate var lasting: Memory {
        var memory = self
        memory.recent = [:]
        return memory
    }
}
