import Testing

@testable import BackupCore

/// A healthy fleet deletes each night what the night before pushed out: no person is ever asked to approve it.
@Suite(.enabled(if: isOptimised, "takes minutes without optimisation")) struct FleetYearTests {
    @Test func aYearOfTwoThousandResourcesNeedsNoApproval() throws {
        var year = try FleetYear(resources: 2000)
        for _ in 0..<365 { year.night() }
        print("2,000 resources, 365 nights: \(year.taken) taken, \(year.copied) copied, \(year.pruned) deleted")
        #expect(year.overCap == 0)
        #expect(year.taken == 2000 * 365)
        #expect(year.copied == 2000 * 365)
        // Two days and three months at home; a day, which is its week's, and the week before in the other region.
        #expect(year.left(FleetYear.homes) == 2000 * 4)
        #expect(year.left([FleetYear.away]) == 2000 * 2)
        #expect(year.pruned == 2 * 2000 * 365 - 2000 * 6)
    }
}

/// The planner's days over a large fleet: what it plans is done at once, and the copies arrive through the day.
private struct FleetYear {
    /// Each begins a hundred snapshots at once, and no more.
    static let homes = (1...20).map { Place(.ec2, Region("us-east-\($0)")) }
    static let away = Place(.ec2, Region("eu-west-1"))

    private var configuration: Configuration
    private var inventory: Inventory
    private var memory = Memory()
    private var now: Moment
    private(set) var (taken, copied, pruned, overCap) = (0, 0, 0, 0)

    init(resources count: Int) throws {
        var policy = Policy(
            name: PolicyName("all"), regions: FleetYear.homes.map(\.region),
            selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])),
            schedules: [Schedule(try .cron("0 2 * * *"), zone: .utc)],
            retention: Retention(daily: 2, weekly: 1, monthly: 3))
        policy.copies = [CopyRule(region: FleetYear.away.region, retention: Retention(daily: 1, weekly: 2))]
        configuration = Configuration(fleet: FleetName("f"), policies: [policy])
        now = Moment(seconds: 1_767_225_600)
        let resources = (0..<count).map { number in
            Resource(
                id: ResourceID("i-\(number)"), kind: .ec2Instance,
                site: Site(FleetYear.homes[number % FleetYear.homes.count].region), name: "web",
                volumes: [AttachedVolume(id: VolumeID("v-\(number)"), device: "/dev/xvda", isBoot: true)])
        }
        inventory = Inventory([FleetYear.away: Listing(read: now)])
        for (region, resources) in Dictionary(grouping: resources, by: \.site) {
            inventory.listings[Place(.ec2, region)] = Listing(resources: resources, read: now)
        }
        memory.installed = now
        memory.retention = RetentionInForce(text: configuration.retentionText, since: now)
        for resource in resources { memory.firstSeen[Pair(policy: policy.name, resource: resource.id)] = now }
    }

    func left(_ places: [Place]) -> Int { places.map { inventory.listings[$0]?.points.count ?? 0 }.reduce(0, +) }

    /// Its slot, and four hours in which half of the copies arrive, and the other half.
    mutating func night() {
        now = now + .seconds(7205)
        var waiting: [RecoveryPoint] = []
        for action in act() {
            guard case .create(let order) = action.work else { continue }
            waiting.append(take(order))
        }
        for half in [waiting.prefix(waiting.count / 2), waiting.dropFirst(waiting.count / 2)] {
            now = now + .seconds(7200)
            for point in half { copy(point) }
            _ = act()
        }
        now = now + .seconds(86_400 - 7205 - 14_400)
    }

    /// Plans, and deletes what may go.
    private mutating func act() -> [Action] {
        let plan = Planner(configuration: configuration, inventory: inventory, memory: memory, now: now).plan()
        var gone: Set<PointID> = []
        for action in plan.actions {
            if case .prune(let point) = action.work { gone.insert(point.id) }
            if action.rule == "cap" { overCap += 1 }
        }
        for place in FleetYear.homes + [FleetYear.away] {
            inventory.listings[place]?.points.removeAll { gone.contains($0.id) }
        }
        pruned += gone.count
        let policy = configuration.policies[0]
        memory.tallies[policy.name] = .after(memory.tallies[policy.name], deleting: gone.count, policy, now: now)
        memory.lastPass = now
        return plan.actions
    }

    private mutating func take(_ order: CreateOrder) -> RecoveryPoint {
        taken += 1
        let member = Member(
            snapshot: SnapshotID("s\(taken)"), volume: order.resource.volumes[0].id, state: .completed, started: now)
        let point = RecoveryPoint(
            policy: order.policy.name, resource: order.resource.id, slot: order.slot, kind: order.kind,
            set: SetID("n\(taken)"), place: order.resource.place, home: order.resource.site, taken: now,
            declaredMembers: 1,
            members: [member], copiedTo: [FleetYear.away.site])
        inventory.listings[point.place]?.points.append(point)
        return point
    }

    private mutating func copy(_ point: RecoveryPoint) {
        copied += 1
        var copy = point
        copy.place = FleetYear.away
        copy.copiedTo = []
        copy.key = "default"
        copy.members[0].source = copy.members[0].snapshot
        copy.members[0].snapshot = SnapshotID("c\(copied)")
        inventory.listings[FleetYear.away]?.points.append(copy)
    }
}
