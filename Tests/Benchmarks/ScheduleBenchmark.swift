import BackupCore
import FoundationEssentials
import Glibc

/// What a next slot costs, beside croniter on the same expressions, and what planning 10,000 policies costs.
struct ScheduleBenchmark {
    private struct Vectors: Decodable {
        struct Vector: Decodable {
            var expression: String
            var zone: String
            var after: Int64
            enum CodingKeys: String, CodingKey {
                case expression, after
                case zone = "time-zone"
            }
        }
        var vectors: [Vector]
    }

    func run() throws {
        try nextSlots()
        try rareDays()
        try replanning()
    }

    /// Twenty slots in a row of every expression that croniter made vectors for.
    private func nextSlots() throws {
        let path = "Tests/BackupCoreTests/Fixtures/cron-vectors.json"
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: URL(filePath: path))).vectors
        let cases = try vectors.compactMap { vector -> (schedule: Schedule, after: Moment)? in
            guard let expression = try? Expression.cron(vector.expression) else { return nil }
            return (Schedule(expression, zone: try zone(vector.zone)), Moment(seconds: vector.after))
        }
        let each = cases.map { schedule, after in
            nanoseconds(calls: 20) {
                var cursor = after
                for _ in 0..<20 { cursor = schedule.next(after: cursor) ?? cursor }
                use(cursor)
            }
        }.sorted()
        let mean = each.reduce(0, +) / Double(each.count)
        print("next slot, \(each.count) cron expressions:")
        print(
            "  median \(number(each[each.count / 2])) ns, mean \(number(mean)) ns, worst \(number(each.last ?? 0)) ns")
        if let theirs = getenv("CRONITER_NS").flatMap({ Double(String(cString: $0)) }) {
            print("  croniter: mean \(number(theirs)) ns, \(number(theirs / mean)) times as long")
        }
    }

    /// 29 February on a given weekday, which comes every 28 years, and across 2100 after 40.
    private func rareDays() throws {
        var worst = 0.0
        for weekday in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] {
            let schedule = Schedule(
                try Expression.calendar("\(weekday) *-02-29 12:00").expression, zone: try zone("Europe/Berlin"))
            for year in stride(from: 2026, to: 2190, by: 7) {
                guard let start = Moment(rfc3339: "\(year)-03-01T00:00:00Z") else { continue }
                worst = max(worst, nanoseconds(calls: 10) { for _ in 0..<10 { use(schedule.next(after: start)) } })
            }
        }
        print("next slot, 29 February on a given weekday: worst \(number(worst)) ns")
    }

    /// 10,000 policies of one instance each, with a week of points.
    private func replanning() throws {
        let count = 10_000
        let now = Moment(seconds: 1_795_140_000)
        let place = Place(.ec2, Region("us-east-1"))
        let berlin = try zone("Europe/Berlin")
        var policies: [Policy] = []
        var listing = Listing(read: now)
        var memory = Memory()
        for index in 0..<count {
            let name = PolicyName("policy-\(index)")
            let resource = ResourceID("i-\(index)")
            policies.append(
                Policy(
                    name: name, regions: [place.region],
                    selection: Selection(ec2Instances: ResourceSelector(ids: [resource.rawValue])),
                    schedules: [Schedule(try .cron("\(index % 60) \(index % 24) * * *"), zone: berlin)],
                    retention: Retention(last: 7)))
            listing.resources.append(Resource(id: resource, kind: .ec2Instance, site: place.site))
            listing.points.append(point(of: name, resource, at: policies[index].schedules[0], place, now))
            memory.firstSeen[Pair(policy: name, resource: resource)] = now - .seconds(8 * 86_400)
            memory.schedules[name] = [policies[index].schedules[0].text: .longAgo]
        }
        let configuration = Configuration(fleet: FleetName("bench"), policies: policies)
        let slots = nanoseconds(calls: 1) {
            use(configuration.policies.compactMap { $0.nextSlot(after: now) }.min())
        }
        let planner = Planner(
            configuration: configuration, inventory: Inventory([place: listing]), memory: memory, now: now)
        precondition(planner.plan().actions.isEmpty, "all is satisfied")
        let plan = nanoseconds(calls: 1) { use(planner.plan()) }
        print(
            "\(count) policies: \(number(slots / 1e6)) ms for all next slots, \(number(plan / 1e6)) ms for a whole plan"
        )
    }

    private func point(
        of policy: PolicyName, _ resource: ResourceID, at schedule: Schedule, _ place: Place, _ now: Moment
    ) -> RecoveryPoint {
        let slot = schedule.newest(through: now, after: .longAgo) ?? now
        let member = Member(snapshot: SnapshotID("snap-\(resource)"), state: .completed, started: slot)
        return RecoveryPoint(
            policy: policy, resource: resource, slot: slot, kind: .scheduled, set: SetID("set-\(resource)"),
            place: place,
            home: place.site, taken: slot, declaredMembers: 1, members: [member])
    }

    func zone(_ name: String) throws -> Zone {
        if name == "UTC" { return .utc }
        let bytes = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))
        guard let zone = Zone(name: name, bytes: Array(bytes)) else { fatalError("\(name) cannot be read") }
        return zone
    }
}
