import Testing

@testable import BackupCore

/// What becomes of the points of a resource that does not exist any more, and when it counts as that.
@Suite struct GoneTests {
    @Test(arguments: rows) func says(_ row: KeptRow) throws { try row.check() }

    /// Two points at home and their copies, of a resource that was first missed at that time.
    private static func gone(_ scene: inout Scene, _ rule: GoneRule, since: String = "2026-11-19T12:00:00Z") {
        scene.policy.retention = Retention(last: 1)
        scene.policy.whenResourceGone = rule
        scene.addPoints("2026-11-17", "2026-11-18")
        scene.addDestination()
        scene.addPoint("2026-11-17", in: Scene.away)
        scene.addPoint("2026-11-18", in: Scene.away)
        scene.isThere = false
        scene.memory.absent[scene.pair] = moment(since)
    }

    private static let day = CalendarSpan(days: 1)
    private static let over = "its resource is gone, and the time that its points are kept then is over"
    private static let allGo = [
        "prune eu-west-1 2026-11-17: \(over)", "prune eu-west-1 2026-11-18: \(over)",
        "prune us-east-1 2026-11-17: \(over)", "prune us-east-1 2026-11-18: \(over)",
    ]

    private static let lastStays = [
        "eu-west-1 2026-11-18: keep-last 1/1", "us-east-1 2026-11-18: keep-last 1/1",
    ]
    private static let ordinary = [
        "prune eu-west-1 2026-11-17: no rule keeps it", "prune us-east-1 2026-11-17: no rule keeps it",
    ]

    private static func all(_ why: String) -> [String] {
        [
            "eu-west-1 2026-11-17: \(why)", "eu-west-1 2026-11-18: \(why)", "us-east-1 2026-11-17: \(why)",
            "us-east-1 2026-11-18: \(why)",
        ]
    }

    static let rows: [KeptRow] = [
        // Gone = absent in complete inventories over 24 h at least.
        KeptRow("absent for a day less a second: the policy's rules", kept: lastStays, pruned: ordinary) {
            gone(&$0, .keep, since: "2026-11-19T12:00:01Z")
        },
        KeptRow("absent for a day: keep", kept: all("its resource is gone: kept until a person says otherwise")) {
            gone(&$0, .keep)
        },
        KeptRow("never missed: the policy's rules", kept: lastStays, pruned: ordinary) {
            gone(&$0, .keep)
            $0.memory.absent = [:]
        },
        KeptRow("there, but not selected any more: the policy's rules", kept: lastStays, pruned: ordinary) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.isThere = true
            $0.policy.selection = Selection(ec2Instances: ResourceSelector(names: [Glob("db")]))
            $0.memory.absent = [:]
        },
        KeptRow(
            "gone, and home cannot be read: nothing goes", kept: [],
            pruned: allGo.map { line in
                let place = line.dropFirst("prune ".count).prefix { $0 != ":" }
                return "withhold \(place): ec2/us-east-1 was not read completely in this pass [complete-inventory]"
            }
        ) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.gaps = [Scene.home]
        },
        // The span counts from the newest usable point's data, on either side.
        KeptRow(
            "fade: before its time is over all stay",
            kept: all("its resource is gone: kept until 2026-11-20T12:00:01Z")
        ) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.points[1].taken = moment("2026-11-19T12:00:01Z")
        },
        KeptRow("fade: then all go, the last one too", kept: [], pruned: allGo) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.points[1].taken = moment("2026-11-19T12:00:00Z")
        },
        KeptRow(
            "fade: a newer copy counts as well as a point at home",
            kept: all("its resource is gone: kept until 2026-11-20T12:00:01Z")
        ) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.points[3].taken = moment("2026-11-19T12:00:01Z")
        },
        KeptRow(
            "fade: a month is the calendar's", kept: all("its resource is gone: kept until 2026-12-18T02:01:00Z")
        ) { gone(&$0, .fade(after: CalendarSpan(months: 1), keepLast: 0)) },
        KeptRow(
            "fade: of each side the last one stays", kept: lastStays,
            pruned: ["prune eu-west-1 2026-11-17: \(over)", "prune us-east-1 2026-11-17: \(over)"]
        ) { gone(&$0, .fade(after: day, keepLast: 1)) },
        KeptRow(
            "fade: the last two stay",
            kept: [
                "eu-west-1 2026-11-17: keep-last 2/2", "eu-west-1 2026-11-18: keep-last 1/2",
                "us-east-1 2026-11-17: keep-last 2/2", "us-east-1 2026-11-18: keep-last 1/2",
            ]
        ) { gone(&$0, .fade(after: day, keepLast: 2)) },
        KeptRow(
            "fade: keep-last 0 is stronger than the floor", kept: [], pruned: allGo
        ) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.policy.retention = Retention(last: 9, atLeast: 9)
        },
        KeptRow(
            "fade: not than a hold", kept: ["us-east-1 2026-11-17: hold"],
            pruned: allGo.filter { !$0.hasPrefix("prune us-east-1 2026-11-17") }
        ) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.points[0].isHeld = true
        },
        KeptRow(
            "fade: new rules have their grace here too", kept: [],
            pruned: allGo.map { line in
                let place = line.dropFirst("prune ".count).prefix { $0 != ":" }
                return "withhold \(place): the retention rules are new to it: kept until 2026-11-21T12:00:00Z "
                    + "(prune-grace) [grace]"
            }
        ) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.memory.retention = RetentionInForce(text: "", since: $0.now)
        },
        KeptRow("there again: the policy's rules", kept: lastStays, pruned: ordinary) {
            gone(&$0, .fade(after: day, keepLast: 0))
            $0.isThere = true
            $0.memory.absent = [:]
        },
    ]

    /// An instance that EC2 still lists as terminated is no resource to protect.
    @Test func terminatedInstanceIsNotProtectedAnyMore() throws {
        var scene = try Scene()
        scene.resource.state = "terminated"
        #expect(scene.actions() == [])
    }
}
