import BackupCore
import Testing

/// Several kinds of resources in one place: which are selected, which are in another's points, which are gone.
@Suite struct KindTests {
    private static let region = Scene.home.region

    private static func volume(
        _ id: String, on instances: Set<String> = [], _ tags: [String: String] = [:], state: String = "in-use",
        region: Region = region
    ) -> Resource {
        let itself = AttachedVolume(id: VolumeID(id), device: "", isBoot: false, tags: tags)
        return Resource(
            id: ResourceID(id), kind: .ec2Volume, site: Site(region), name: id, tags: tags, volumes: [itself],
            attachedTo: instances, state: state)
    }

    private static let resources = [
        Resource(id: ResourceID("i-1"), kind: .ec2Instance, site: Site(region), name: "web"),
        Resource(id: ResourceID("i-2"), kind: .ec2Instance, site: Site(region), name: "db"),
        volume("vol-1", on: ["i-1"]), volume("vol-2", on: ["i-2"], ["scratch": "yes"]), volume("vol-3"),
        volume("vol-4", on: ["i-1", "i-2"]), volume("vol-5", state: "deleting"),
    ]

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var instances: String?
        var volumes: ResourceSelector?
        var exclusion = Exclusion()
        let selected: [String]
        var testDescription: String { name }
    }

    static let all = ResourceSelector(names: [Glob("*")])

    static let rows = [
        Row(name: "volumes alone", volumes: all, selected: ["vol-1", "vol-2", "vol-3", "vol-4"]),
        Row(
            name: "what an instance has is in its set", instances: "*", volumes: all, selected: ["i-1", "i-2", "vol-3"]),
        Row(
            name: "one instance's", instances: "web", volumes: all, selected: ["i-1", "vol-2", "vol-3"]),
        Row(name: "no volumes", instances: "*", selected: ["i-1", "i-2"]),
        Row(
            name: "by id", instances: "web", volumes: ResourceSelector(ids: ["vol-1", "vol-3", "i-2"]),
            selected: ["i-1", "vol-3"]),
        Row(
            name: "by tag", volumes: ResourceSelector(tags: [TagMatch(key: "scratch", values: [Glob("*")])]),
            selected: ["vol-2"]),
        Row(
            name: "excluded by tag", volumes: all,
            exclusion: Exclusion(volumeTags: [TagMatch(key: "scratch", values: [Glob("*")])]),
            selected: ["vol-1", "vol-3", "vol-4"]),
        Row(
            name: "excluded by id, though its instance leaves it out", instances: "web", volumes: all,
            exclusion: Exclusion(volumeIDs: ["vol-1", "vol-3"]), selected: ["i-1", "vol-2"]),
    ]

    @Test(arguments: rows) func whatIsSelected(_ row: Row) throws {
        var scene = try Scene()
        scene.policy.selection = Selection(
            ec2Instances: row.instances.map { ResourceSelector(names: [Glob($0)]) })
        scene.policy.selection[.ec2Volume] = row.volumes
        scene.policy.exclusion = row.exclusion
        let inventory = Inventory([Scene.home: Listing(resources: KindTests.resources, read: scene.now)])
        let index = InventoryIndex(inventory, scene.configuration)
        #expect(index.resources(selectedBy: scene.policy).map(\.id.rawValue) == row.selected)
    }

    /// An instance of another region may bear any id; the same name in another region is another instance.
    @Test func attachmentsAreOfOneRegion() throws {
        var scene = try Scene()
        scene.policy.regions.append(Scene.away.region)
        scene.policy.selection[.ec2Volume] = KindTests.all
        let there = KindTests.volume("vol-9", on: ["i-1"], region: Scene.away.region)
        let inventory = Inventory([
            Scene.home: Listing(resources: [KindTests.resources[0]], read: scene.now),
            Scene.away: Listing(resources: [there], read: scene.now),
        ])
        let index = InventoryIndex(inventory, scene.configuration)
        #expect(index.resources(selectedBy: scene.policy).map(\.id.rawValue) == ["i-1", "vol-9"])
    }

    @Test func eachPlaceIsReadForItsKindsAlone() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        #expect(scene.configuration.scopes == [Scene.home: Scope([.ec2Instance]), Scene.away: Scope()])
        scene.policy.selection = Selection()
        scene.policy.selection[.ec2Volume] = KindTests.all
        #expect(scene.configuration.scopes == [Scene.home: Scope([.ec2Volume]), Scene.away: Scope()])
    }

    /// A kind that no policy selects any more is not read: what has points of it is not selected, but not gone.
    @Test(arguments: [(ResourceKind.ec2Instance, false), (.ec2Volume, true)])
    func whatIsNotReadIsNotGone(kind: ResourceKind, isGone: Bool) throws {
        var scene = try Scene()
        scene.resource = KindTests.volume("vol-3")
        scene.addPoint("2026-11-19", states: [.completed])
        scene.isThere = false
        scene.policy.selection = Selection()
        scene.policy.selection[kind] = KindTests.all
        let lessons = scene.memory.lessons(of: scene.inventory, under: scene.configuration, now: scene.now)
        #expect(lessons.contains(.absent(scene.pair, since: scene.now)) == isGone)
    }

    @Test func aVolumeIsPlannedLikeAnInstance() throws {
        var scene = try Scene(retention: Retention(last: 1), copies: [CopyRule(region: Scene.away.region)])
        scene.resource = KindTests.volume("vol-3")
        scene.policy.selection = Selection()
        scene.policy.selection[.ec2Volume] = KindTests.all
        scene.memory.firstSeen[scene.pair] = moment("2026-01-01T00:00:00Z")
        scene.memory.retention = RetentionInForce(
            text: scene.configuration.retentionText, since: moment("2026-01-01T00:00:00Z"))
        scene.addPoint("2026-11-18", states: [.completed])
        scene.addPoint("2026-11-19", states: [.completed])
        for index in scene.points.indices { scene.points[index].declaredMembers = 1 }
        #expect(
            scene.actions() == [
                "copy eu-west-1 2026-11-19", "create us-east-1 2026-11-20", "prune us-east-1 2026-11-18",
            ])
    }
}
