import Testing

@testable import BackupCore

/// What may be forgotten: what is older than `history`, and of which nothing is left.
@Suite struct FoldingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let forgets: [String]
        let scene: @Sendable (inout Scene) throws -> Void

        init(_ name: String, forgets: String..., scene: @escaping @Sendable (inout Scene) throws -> Void) {
            (testDescription, self.forgets, self.scene) = (name, forgets, scene)
        }
    }

    private static let longAgo = moment("2025-01-01T00:00:00Z")
    private static let gone = Pair(policy: PolicyName("web"), resource: ResourceID("i-gone"))
    private static let copy = PointID(place: Scene.away, set: SetID("set-2025-01-01"))

    static let rows = [
        Row("a resource that is selected", forgets: "folded") { $0.memory.firstSeen[$0.pair] = longAgo },
        Row("a resource that went long ago", forgets: "folded", "web/i-gone") {
            $0.memory.firstSeen[gone] = longAgo
            $0.memory.absent[gone] = longAgo
        },
        Row("one that nobody saw go, as it had no points", forgets: "folded", "web/i-gone") {
            $0.memory.firstSeen[gone] = longAgo
        },
        Row("one that was seen first a year ago", forgets: "folded") {
            $0.memory.firstSeen[gone] = $0.now - .seconds(365 * 86_400)
        },
        Row("one that went a year ago", forgets: "folded") {
            $0.memory.firstSeen[gone] = longAgo
            $0.memory.absent[gone] = $0.now - .seconds(365 * 86_400)
        },
        Row("one that has points still", forgets: "folded") {
            $0.memory.firstSeen[gone] = longAgo
            $0.memory.absent[gone] = longAgo
            $0.addPoint("2025-01-01")
            $0.points[0].resource = gone.resource
        },
        Row("one that has points of a policy that the config lacks", forgets: "folded") {
            let pair = Pair(policy: PolicyName("old"), resource: gone.resource)
            $0.memory.firstSeen[pair] = longAgo
            $0.addPoint("2025-01-01")
            $0.points[0].resource = gone.resource
            $0.points[0].policy = PolicyName("old")
        },
        Row("one whose call's outcome is open", forgets: "folded") {
            $0.memory.firstSeen[gone] = longAgo
            let key = Intent.Key(verb: .create, pair: gone, slot: longAgo, site: Scene.home.site)
            let intent = Intent(id: SetID("n"), key: key, set: SetID("n"), began: longAgo)
            $0.memory.open[intent.id] = intent
        },
        Row("a place that could not be read") {
            $0.memory.firstSeen[gone] = longAgo
            $0.gaps = [Scene.away]
        },
        Row("a clock that is not AWS's") {
            $0.memory.firstSeen[gone] = longAgo
            $0.clockCorrections[Scene.home] = .seconds(3600)
        },
        Row("folded an hour ago") {
            $0.memory.firstSeen[gone] = longAgo
            $0.memory.folded = $0.now - .seconds(3600)
        },
        Row("folded a day ago", forgets: "folded") { $0.memory.folded = $0.now - .seconds(86_400) },
        Row("folded in the future, by a clock that was ahead", forgets: "folded") {
            $0.memory.folded = $0.now + .seconds(86_400 * 300)
        },
        Row("a copy seen long ago, of which nothing is left", forgets: "folded", "ec2/eu-west-1/set-2025-01-01") {
            $0.memory.copiesSeen[copy] = longAgo
        },
        Row("a copy whose home point is there", forgets: "folded") {
            $0.memory.copiesSeen[copy] = longAgo
            $0.addPoint("2025-01-01")
        },
        Row("a copy that is there", forgets: "folded") {
            $0.memory.copiesSeen[copy] = longAgo
            $0.addPoint("2025-01-01", in: Scene.away)
        },
        Row("a copy seen 29 days ago", forgets: "folded") {
            $0.memory.copiesSeen[copy] = $0.now - .seconds(29 * 86_400)
        },
        Row("one seen 31 days ago, though history is 400", forgets: "folded", "ec2/eu-west-1/set-2025-01-01") {
            $0.memory.copiesSeen[copy] = $0.now - .seconds(31 * 86_400)
        },
    ]

    @Test(arguments: rows) func forgets(_ row: Row) throws {
        var scene = try Scene(retention: Retention(last: 1))
        try row.scene(&scene)
        let before = scene.actions()
        let changes = scene.memory.foldings(
            seeing: scene.inventory, under: scene.configuration, now: scene.now)
        #expect(changes.map(\.word) == row.forgets)
        // Nothing that is planned depends on it.
        for change in changes { scene.memory.apply(change) }
        #expect(scene.actions() == before)
    }

    @Test func setbacksThatAreOverAreForgotten() throws {
        var scene = try Scene()
        let keys = [1, 2].map {
            Intent.Key(verb: .create, pair: scene.pair, slot: Moment(seconds: $0), site: Scene.home.site)
        }
        scene.memory.setbacks[keys[0]] = Setback(count: 9, last: FoldingTests.longAgo, code: "x")
        scene.memory.setbacks[keys[1]] = Setback(count: 9, last: scene.now, code: "x", first: FoldingTests.longAgo)
        for change in scene.memory.foldings(seeing: scene.inventory, under: scene.configuration, now: scene.now) {
            scene.memory.apply(change)
        }
        #expect(Set(scene.memory.setbacks.keys) == [keys[1]])
        #expect(scene.memory.folded == scene.now)
    }
}

extension Change {
    fileprivate var word: String {
        switch self {
        case .folded: "folded"
        case .forgot(let pair): "\(pair.policy)/\(pair.resource)"
        case .copyForgotten(let copy): "\(copy)"
        default: "\(self)"
        }
    }
}
