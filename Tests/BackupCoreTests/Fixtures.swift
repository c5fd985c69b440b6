import BackupCore

/// A small world to plan in: one EC2 instance with two volumes, one policy.
struct Scene {
    static let home = Place(.ec2, Region("us-east-1"))
    static let away = Place(.ec2, Region("eu-west-1"))

    var policy: Policy
    var now = moment("2026-11-20T12:00:00Z")
    var resource = Resource(
        id: ResourceID("i-1"), kind: .ec2Instance, site: Site(home.region), name: "web",
        volumes: [
            AttachedVolume(id: VolumeID("vol-1"), device: "/dev/xvda", isBoot: true),
            AttachedVolume(id: VolumeID("vol-2"), device: "/dev/sdf", isBoot: false),
        ])
    /// Whether complete readings show the resource still.
    var isThere = true
    var points: [RecoveryPoint] = []
    var memory = Memory()
    /// The config in its file has problems.
    var isStandIn = false
    var gaps: Set<Place> = []
    /// Everybody's snapshots that are being made.
    var underWay: [Place: [UnderWay]] = [:]
    /// Places whose locks and images could not be read.
    var protectionGaps: Set<Place> = []
    /// What this machine's clock had to be corrected by where this place was read.
    var clockCorrections: [Place: Duration] = [:]
    var timing = Timing()
    var cap = PruneCap()
    var others: [Policy] = []

    init(retention: Retention = Retention(), copies: [CopyRule] = []) throws {
        policy = Policy(
            name: PolicyName("web"), regions: [Scene.home.region],
            selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])),
            schedules: [try cron("0 2 * * *", "UTC")], retention: retention)
        policy.copies = copies
        memory.firstSeen[pair] = moment("2026-01-01T00:00:00Z")
        memory.retention = RetentionInForce(text: "", since: moment("2026-01-01T00:00:00Z"))
    }

    var pair: Pair { Pair(policy: policy.name, resource: resource.id) }

    var configuration: Configuration {
        var configuration = Configuration(
            fleet: FleetName("acme"), policies: [policy] + others, timing: timing, cap: cap)
        configuration.isStandIn = isStandIn
        return configuration
    }

    var inventory: Inventory {
        var listings: [Place: Listing] = [:]
        let own = [resource.place, Place(resource.provider, Scene.away.region)]
        for place in Set([Scene.home, Scene.away] + own + points.map(\.place)) {
            let gap = CloudError(
                kind: .unavailable, operation: "ec2:DescribeSnapshots", region: place.region, code: "x", message: "y")
            listings[place] = Listing(
                resources: place == resource.place && isThere ? [resource] : [],
                points: points.filter { $0.place == place },
                underWay: underWay[place] ?? [],
                read: now,
                gap: gaps.contains(place) ? gap : nil,
                protectionGap: protectionGaps.contains(place) ? Scene.noRight(in: place.region) : nil)
            listings[place]?.clockCorrection = clockCorrections[place] ?? .zero
        }
        return Inventory(listings)
    }

    private static func noRight(in region: Region) -> CloudError {
        CloudError(
            kind: .needsPerson, operation: "ec2:DescribeImages", region: region, code: "UnauthorizedOperation",
            message: "no", requestID: "r-1")
    }

    func plan(_ eagerness: Eagerness = .scheduled) -> Plan {
        Planner(
            configuration: configuration, inventory: inventory, memory: memory, now: now, eagerness: eagerness
        ).plan()
    }

    /// A home point of that day's slot at two, or of that time's; usable unless said otherwise.
    mutating func addPoint(
        _ day: String, in place: Place = home, kind: PointKind = .scheduled,
        states: [MemberState] = [.completed, .completed]
    ) {
        let slot = moment(day.contains("T") ? day : day + "T02:00:00Z")
        let members = states.enumerated().map { index, state in
            Member(
                snapshot: SnapshotID("snap-\(place.region)-\(day)-\(index)"), volume: VolumeID("vol-\(index + 1)"),
                state: state, started: slot + .seconds(60),
                source: place.region == Scene.home.region ? nil : SnapshotID("snap-us-east-1-\(day)-\(index)"))
        }
        points.append(
            RecoveryPoint(
                policy: policy.name, resource: resource.id, slot: slot, kind: kind, set: SetID("set-\(day)"),
                place: place, home: Scene.home.site, taken: slot + .seconds(60), declaredMembers: 2,
                members: members))
    }

    /// `word region day: reason` of each action, in a fixed order.
    func actions(_ eagerness: Eagerness = .scheduled) -> [String] {
        plan(eagerness).actions.map { "\($0.word) \($0.site) \(String($0.slot.description.prefix(10)))" }.sorted()
    }
}
