import Testing

@testable import BackupCore

/// What keeps a point besides the rules that count and measure: floor, cap of age, people.
@Suite struct KeptTests {
    static let rows = everything + floor + age + people + sides

    @Test(arguments: rows) func says(_ row: KeptRow) throws { try row.check() }

    private static let everything: [KeptRow] = [
        KeptRow(
            "no rules keep all",
            kept: ["us-east-1 2026-11-19: no rules: all are kept", "us-east-1 2026-11-20: no rules: all are kept"]
        ) { $0.addPoints("2026-11-19", "2026-11-20") },
        KeptRow("pending, failed and incomplete points are neither kept nor let go by a rule", kept: []) {
            $0.policy.retention = Retention(last: 1)
            $0.addPoint("2026-11-20", states: [.completed])
            $0.addPoint("2026-11-19", states: [.pending, .completed])
        },
    ]

    // MARK: keep-at-least

    private static let floor: [KeptRow] = [
        KeptRow(
            "of points that no rule keeps the newest stays",
            kept: ["us-east-1 2026-11-20: the last usable one in its region"],
            pruned: ["prune us-east-1 2026-11-19: older than delete-after 1h"]
        ) {
            $0.policy.retention = Retention(deleteAfter: CalendarSpan(seconds: 3600))
            $0.addPoints("2026-11-19", "2026-11-20")
        },
        KeptRow(
            "keep-at-least counts those that rules keep",
            kept: [
                "us-east-1 2026-11-18: keep-at-least 3 in its region",
                "us-east-1 2026-11-19: keep-at-least 3 in its region", "us-east-1 2026-11-20: keep-last 1/1",
            ],
            pruned: ["prune us-east-1 2026-11-17: no rule keeps it"]
        ) {
            $0.policy.retention = Retention(last: 1, atLeast: 3)
            $0.addPoints("2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20")
        },
        KeptRow(
            "only usable points count for it",
            kept: ["us-east-1 2026-11-18: the last usable one in its region"],
            pruned: ["prune us-east-1 2026-11-17: older than delete-after 1h"]
        ) {
            $0.policy.retention = Retention(deleteAfter: CalendarSpan(seconds: 3600))
            $0.addPoints("2026-11-17", "2026-11-18")
            $0.addPoint("2026-11-19", states: [.completed])
            $0.points[2].members[0].started = $0.now
            $0.addPoint("2026-11-20", states: [.pending, .completed])
        },
        KeptRow(
            "each region has its own, whatever lies in the other",
            kept: [
                "eu-west-1 2026-11-18: keep-at-least 2 in its region",
                "eu-west-1 2026-11-19: keep-at-least 2 in its region",
                "us-east-1 2026-11-20: the last usable one in its region",
            ],
            pruned: [
                "prune eu-west-1 2026-11-17: older than delete-after 1h",
                "prune us-east-1 2026-11-19: older than delete-after 1h",
            ]
        ) {
            $0.policy.retention = Retention(deleteAfter: CalendarSpan(seconds: 3600))
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.addDestination(Retention(deleteAfter: CalendarSpan(seconds: 3600), atLeast: 2))
            for day in ["2026-11-17", "2026-11-18", "2026-11-19"] { $0.addPoint(day, in: Scene.away) }
        },
        KeptRow(
            "each resource has its own",
            kept: [
                "us-east-1 2026-11-19: the last usable one in its region",
                "us-east-1 2026-11-20: the last usable one in its region",
            ]
        ) {
            $0.policy.retention = Retention(deleteAfter: CalendarSpan(seconds: 3600))
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.points[0].resource = ResourceID("i-2")
        },
    ]

    // MARK: delete-after

    private static let age: [KeptRow] = [
        KeptRow(
            "delete-after overrides the rules, to the second",
            kept: ["us-east-1 2026-11-19: keep-last 2/9", "us-east-1 2026-11-20: keep-last 1/9"],
            pruned: ["prune us-east-1 2026-11-18: older than delete-after 1d"]
        ) {
            $0.policy.retention = Retention(last: 9, deleteAfter: CalendarSpan(days: 1))
            $0.addPoints("2026-11-18", "2026-11-19", "2026-11-20")
            $0.points[0].taken = moment("2026-11-19T11:59:59Z")
            $0.points[1].taken = moment("2026-11-19T12:00:00Z")
        },
        KeptRow(
            "but not the floor",
            kept: [
                "us-east-1 2026-11-18: keep-at-least 2 in its region",
                "us-east-1 2026-11-19: keep-at-least 2 in its region",
            ],
            pruned: ["prune us-east-1 2026-11-17: older than delete-after 1d"]
        ) {
            $0.policy.retention = Retention(last: 9, deleteAfter: CalendarSpan(days: 1), atLeast: 2)
            $0.addPoints("2026-11-17", "2026-11-18", "2026-11-19")
        },
        KeptRow(
            "nor a hold",
            kept: ["us-east-1 2026-11-17: hold", "us-east-1 2026-11-20: younger than delete-after 1d"],
            pruned: ["prune us-east-1 2026-11-18: older than delete-after 1d"]
        ) {
            $0.policy.retention = Retention(deleteAfter: CalendarSpan(days: 1))
            $0.addPoints("2026-11-17", "2026-11-18", "2026-11-20")
            $0.points[0].isHeld = true
        },
        KeptRow(
            "it counts from now, though backups stopped; keep-within from the newest point",
            kept: ["us-east-1 2026-11-20: the last usable one in its region"],
            pruned: ["prune us-east-1 2026-11-19: older than delete-after 1mo"]
        ) {
            $0.policy.retention = Retention(within: CalendarSpan(days: 9), deleteAfter: CalendarSpan(months: 1))
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.now = moment("2027-01-01T00:00:00Z")
        },
        KeptRow(
            "keep-within alone goes on keeping",
            kept: ["us-east-1 2026-11-19: keep-within 9d", "us-east-1 2026-11-20: keep-within 9d"]
        ) {
            $0.policy.retention = Retention(within: CalendarSpan(days: 9))
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.now = moment("2027-01-01T00:00:00Z")
        },
    ]

    // MARK: Holds, points made by hand

    private static let people: [KeptRow] = [
        KeptRow(
            "a hold keeps what no rule does",
            kept: ["us-east-1 2026-11-18: hold", "us-east-1 2026-11-20: keep-last 1/1"],
            pruned: ["prune us-east-1 2026-11-19: no rule keeps it"]
        ) {
            $0.policy.retention = Retention(last: 1)
            $0.addPoints("2026-11-18", "2026-11-19", "2026-11-20")
            $0.points[0].isHeld = true
        },
        KeptRow(
            "without rules a point made by hand stays as all others do",
            kept: ["us-east-1 2026-10-01: no rules: all are kept", "us-east-1 2026-11-20: no rules: all are kept"]
        ) {
            $0.addPoint("2026-11-20")
            $0.addPoint("2026-10-01", kind: .manual)
        },
        KeptRow(
            "a point made by hand takes no place, and stays for thirty days",
            kept: [
                "us-east-1 2026-10-22: made by hand, kept until 2026-11-21T02:01:00Z",
                "us-east-1 2026-11-19: keep-last 1/1",
                "us-east-1 2026-11-20: made by hand, kept until 2026-12-20T02:01:00Z",
            ],
            pruned: ["prune us-east-1 2026-10-21: made by hand, and older than manual-keep 30d"]
        ) {
            $0.policy.retention = Retention(last: 1)
            $0.addPoint("2026-11-19")
            for day in ["2026-10-21", "2026-10-22", "2026-11-20"] { $0.addPoint(day, kind: .manual) }
        },
        KeptRow(
            "it is one of the newest usable ones all the same",
            kept: ["us-east-1 2026-11-20: the last usable one in its region"]
        ) {
            $0.policy.retention = Retention(last: 1)
            $0.addPoint("2026-11-20", kind: .manual)
            $0.now = moment("2027-11-20T00:00:00Z")
        },
    ]

    // MARK: Sides

    private static let sides: [KeptRow] = [
        KeptRow(
            "a destination without rules of its own has those of home",
            kept: ["eu-west-1 2026-11-20: keep-last 1/1", "us-east-1 2026-11-20: keep-last 1/1"],
            pruned: [
                "prune eu-west-1 2026-11-19: no rule keeps it", "prune us-east-1 2026-11-19: no rule keeps it",
            ]
        ) {
            $0.policy.retention = Retention(last: 1)
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.addDestination()
            for day in ["2026-11-19", "2026-11-20"] { $0.addPoint(day, in: Scene.away) }
        },
        KeptRow(
            "home may keep longer than the destination",
            kept: [
                "eu-west-1 2026-11-20: keep-last 1/1", "us-east-1 2026-11-19: keep-last 2/2",
                "us-east-1 2026-11-20: keep-last 1/2",
            ],
            pruned: ["prune eu-west-1 2026-11-19: no rule keeps it"]
        ) {
            $0.policy.retention = Retention(last: 2)
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.addDestination(Retention(last: 1))
            for day in ["2026-11-19", "2026-11-20"] { $0.addPoint(day, in: Scene.away) }
        },
        KeptRow(
            "and the other way round",
            kept: [
                "eu-west-1 2026-11-19: keep-last 2/2", "eu-west-1 2026-11-20: keep-last 1/2",
                "us-east-1 2026-11-20: keep-last 1/1",
            ],
            pruned: ["prune us-east-1 2026-11-19: no rule keeps it"]
        ) {
            $0.policy.retention = Retention(last: 1)
            $0.addPoints("2026-11-19", "2026-11-20")
            $0.addDestination(Retention(last: 2))
            for day in ["2026-11-19", "2026-11-20"] { $0.addPoint(day, in: Scene.away) }
        },
        KeptRow("in a region that the policy names no more nothing is kept or let go", kept: []) {
            $0.policy.retention = Retention(last: 1)
            $0.policy.regions = [Region("us-west-2")]
            $0.addPoints("2026-11-19", "2026-11-20")
            for day in ["2026-11-19", "2026-11-20"] { $0.addPoint(day, in: Scene.away) }
        },
    ]
}

extension Scene {
    /// Usable home points of those days.
    mutating func addPoints(_ days: String...) {
        for day in days { addPoint(day) }
    }
}
