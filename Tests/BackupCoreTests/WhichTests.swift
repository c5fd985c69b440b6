import Testing

@testable import BackupCore

/// `copies: which`: of each part of time one point is copied, the first usable one.
@Suite struct WhichTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let which: Division?
        /// What is copied: day and hour of the slots.
        let copies: [String]
        let scene: @Sendable (inout Scene) throws -> Void
        var testDescription: String { name }

        init(
            _ name: String, _ which: Division?, copies: [String],
            _ scene: @escaping @Sendable (inout Scene) throws -> Void
        ) {
            (self.name, self.which, self.copies, self.scene) = (name, which, copies, scene)
        }
    }

    private static func times(_ scene: inout Scene, _ times: [String]) {
        for time in times { scene.addPoint("2026-\(time):00Z") }
    }

    private static let today = ["11-20T04:00", "11-20T08:00"]

    static let rows: [Row] = [
        Row("all", nil, copies: ["11-20T10:05", "11-20T10:45", "11-20T11:00"]) {
            times(&$0, ["11-20T10:05", "11-20T10:45", "11-20T11:00"])
        },
        Row("hourly", .hourly, copies: ["11-20T10:05", "11-20T11:00"]) {
            times(&$0, ["11-20T10:05", "11-20T10:45", "11-20T11:00"])
        },
        Row("daily", .daily, copies: ["11-19T01:00", "11-20T00:00"]) {
            times(&$0, ["11-19T01:00", "11-19T13:00", "11-19T23:59", "11-20T00:00", "11-20T09:00"])
        },
        // The 15th was a Sunday.
        Row("weekly", .weekly, copies: ["11-15T02:00", "11-16T02:00"]) {
            times(&$0, ["11-15T02:00", "11-16T02:00", "11-17T02:00", "11-20T02:00"])
        },
        Row("monthly", .monthly, copies: ["10-31T02:00", "11-01T02:00"]) {
            times(&$0, ["10-31T02:00", "11-01T02:00", "11-02T02:00", "11-20T02:00"])
        },
        Row("days are those of the policy's zone", .daily, copies: ["11-19T01:00", "11-19T23:30"]) {
            $0.policy.schedules = [try cron("0 2 * * *", "Europe/Berlin")]
            times(&$0, ["11-19T01:00", "11-19T23:30", "11-20T02:00"])
        },
        Row("the order of the data counts, not that of the slots", .daily, copies: ["11-20T08:00"]) {
            times(&$0, today)
            $0.points[0].taken = moment("2026-11-20T10:00:00Z")
        },

        // Served as soon as any copy of the bucket exists or is in flight.
        Row("served while the copy is being made", .daily, copies: []) {
            times(&$0, today)
            $0.addPoint("2026-11-20T04:00:00Z", in: Scene.away, states: [.pending, .pending])
        },
        Row("served by a usable copy", .daily, copies: []) {
            times(&$0, today)
            $0.addPoint("2026-11-20T04:00:00Z", in: Scene.away)
        },
        Row("served by any copy of it, though it is not of the first point", .daily, copies: []) {
            times(&$0, today)
            $0.addPoint("2026-11-20T08:00:00Z", in: Scene.away)
        },
        Row("served by a copy whose home point is gone", .daily, copies: []) {
            times(&$0, today)
            $0.addPoint("2026-11-20T02:00:00Z", in: Scene.away)
        },
        Row("a copy of yesterday serves no other day", .daily, copies: ["11-20T04:00"]) {
            times(&$0, today)
            $0.addPoint("2026-11-19T04:00:00Z", in: Scene.away)
        },
        Row(
            "of a set whose copy lacks a member that member is copied, and nothing else", .daily,
            copies: ["11-20T04:00"]
        ) {
            times(&$0, today)
            $0.addPoint("2026-11-20T04:00:00Z", in: Scene.away, states: [.completed])
        },

        // A pruned copy is not made again, nor is another of its bucket in its place.
        Row("a pruned copy, known by the tag at home", .daily, copies: []) {
            times(&$0, today)
            $0.points[0].copiedTo = [Scene.away.site]
        },
        Row("a pruned copy, known by the ledger", .daily, copies: []) {
            times(&$0, today)
            $0.memory.copiesSeen = [PointID(place: Scene.away, set: $0.points[0].set): $0.now]
        },
        Row("a pruned copy of another destination says nothing", .daily, copies: ["11-20T04:00"]) {
            times(&$0, today)
            $0.points[0].copiedTo = [Site(Region("eu-north-1"))]
        },

        // The first usable one.
        Row("a point that is not usable yet is passed over", .daily, copies: ["11-20T08:00"]) {
            times(&$0, today)
            $0.points[0].members[0].state = .pending
        },
        Row("and is not copied once it is, if another was", .daily, copies: []) {
            times(&$0, today)
            $0.addPoint("2026-11-20T08:00:00Z", in: Scene.away, states: [.pending, .pending])
        },
        Row("a failed copy goes first", .daily, copies: []) {
            times(&$0, today)
            $0.addPoint("2026-11-20T04:00:00Z", in: Scene.away, states: [.failed, .completed])
        },
        Row("then what failed of it is copied again", .daily, copies: ["11-20T04:00"]) {
            times(&$0, today)
            $0.addPoint("2026-11-20T04:00:00Z", in: Scene.away, states: [.completed])
        },

        // Points made by hand.
        Row("points made by hand are copied beside", .daily, copies: ["11-20T04:00", "11-20T09:00"]) {
            times(&$0, today)
            $0.addPoint("2026-11-20T09:00:00Z", kind: .manual)
        },
        Row("and serve no bucket", .daily, copies: ["11-20T04:00"]) {
            times(&$0, today)
            $0.addPoint("2026-11-20T02:00:00Z", kind: .manual)
            $0.addPoint("2026-11-20T02:00:00Z", in: Scene.away, kind: .manual)
        },

        // What the destination would not keep is not copied for the bucket's sake.
        Row("of days the destination keeps one", .daily, copies: ["11-20T04:00"]) {
            $0.policy.copies[0].retention = Retention(daily: 1)
            times(&$0, ["11-18T04:00", "11-19T04:00"] + today)
        },
    ]

    @Test(arguments: rows) func copies(_ row: Row) throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region, which: row.which)])
        try row.scene(&scene)
        let copies = scene.plan().actions.filter { $0.word == "copy" }.map(\.slot.description)
        #expect(copies.sorted() == row.copies.map { "2026-\($0):00Z" })
    }

    @Test func failedCopyIsRemovedAndThenMadeAgain() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region, which: .daily)])
        WhichTests.times(&scene, WhichTests.today)
        scene.addPoint("2026-11-20T04:00:00Z", in: Scene.away, states: [.failed, .failed])
        #expect(scene.actions() == ["remove-failed eu-west-1 2026-11-20"])
        scene.points.removeLast()
        let again = scene.plan().actions
        #expect(again.map { "\($0.word) \($0.slot)" } == ["copy 2026-11-20T04:00:00Z"])
        // The failure counts against the copy: it waits a minute before it is tried again.
        let key = Intent.Key(
            verb: .copy, pair: scene.pair, slot: moment("2026-11-20T04:00:00Z"), site: Scene.away.site)
        scene.memory.apply(.failedLater(key, code: "error", at: scene.now))
        #expect(scene.actions() == [])
        #expect(scene.plan().nextTry == scene.now + .seconds(60))
    }
}
