import Testing

@testable import BackupCore

/// How many points a policy may delete in one pass before a person must look.
@Suite struct PruneCapTests {
    /// A policy that keeps the last point of a resource, and so many candidates; the cap counts nothing but what it must.
    private static func scene(candidates: Int, cap: PruneCap) throws -> Scene {
        var scene = try Scene(retention: Retention(last: 1))
        scene.cap = cap
        for number in 0...candidates {
            scene.addPoint(Moment(seconds: scene.now.seconds - Int64(number + 1) * 3600).description)
        }
        return scene
    }

    private static func counts(_ scene: Scene) -> String {
        let words = scene.plan().actions.map { $0.rule.map { "withheld by \($0)" } ?? $0.word }
        return Set(words.filter { $0 != "create" }).sorted().map { word in
            "\(words.filter { $0 == word }.count) \(word)"
        }.joined(separator: ", ")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let candidates: Int
        let cap: PruneCap
        let says: String
        var change: @Sendable (inout Scene) -> Void = { _ in }
        var testDescription: String { name }
    }

    private static let none = PruneCap(count: 0, share: 0)
    private static let wide = PruneCap(count: 10_000, share: 100)

    static let rows: [Row] = [
        // One resource, one slot: the flow is two, but never below ten.
        Row(name: "ten are always steady flow", candidates: 10, cap: none, says: "10 prune"),
        Row(name: "an eleventh is excess", candidates: 11, cap: none, says: "11 withheld by cap"),
        Row(name: "nothing to delete", candidates: 0, cap: none, says: ""),
        Row(name: "excess within max-prunes", candidates: 30, cap: PruneCap(count: 20, share: 100), says: "30 prune"),
        Row(
            name: "one more than max-prunes", candidates: 31, cap: PruneCap(count: 20, share: 100),
            says: "31 withheld by cap"),
        // 20 of 31 points are 64.5 %.
        Row(name: "excess within the share", candidates: 30, cap: PruneCap(count: 999, share: 65), says: "30 prune"),
        Row(
            name: "excess beyond the share", candidates: 30, cap: PruneCap(count: 999, share: 64),
            says: "30 withheld by cap"),
        // The other resources' points keep the share small.
        Row(
            name: "by default fifty", candidates: 172, cap: PruneCap(), says: "172 prune",
            change: { $0.addResources(60) }),
        Row(
            name: "and no more", candidates: 173, cap: PruneCap(), says: "173 withheld by cap",
            change: { $0.addResources(60) }),
        // 11 of 22 points, 12 of 23.
        Row(name: "by default half of the points", candidates: 21, cap: PruneCap(), says: "21 prune"),
        Row(name: "and no greater part", candidates: 22, cap: PruneCap(), says: "22 withheld by cap"),
        Row(
            name: "two for each resource and slot are flow", candidates: 16, cap: none, says: "16 prune",
            change: { $0.addResources(7) }),
        Row(
            name: "and not more", candidates: 17, cap: none, says: "17 withheld by cap", change: { $0.addResources(7) }),
        Row(
            name: "a destination has a flow of its own", candidates: 32, cap: none, says: "32 prune",
            change: { scene in
                scene.addResources(7)
                scene.addDestination(Retention(last: 1))
            }),
        Row(
            name: "no more than its own", candidates: 33, cap: none, says: "33 withheld by cap",
            change: { scene in
                scene.addResources(7)
                scene.addDestination(Retention(last: 1))
            }),
        Row(
            name: "what was deleted for the same slot is spent", candidates: 11, cap: none, says: "11 withheld by cap",
            change: { scene in
                scene.addResources(7)
                scene.memory.tallies[scene.policy.name] = PruneTally(
                    slot: moment("2026-11-20T02:00:00Z"), count: 6, lastPass: moment("2026-11-20T11:00:00Z"))
            }),
        Row(
            name: "what was deleted for an earlier slot is not", candidates: 16, cap: none, says: "16 prune",
            change: { scene in
                scene.addResources(7)
                scene.memory.tallies[scene.policy.name] = PruneTally(
                    slot: moment("2026-11-19T02:00:00Z"), count: 6, lastPass: moment("2026-11-20T01:59:00Z"))
            }),
        Row(
            name: "slots since the last pass that could delete add up", candidates: 48, cap: none, says: "48 prune",
            change: { scene in
                scene.addResources(7)
                scene.memory.tallies[scene.policy.name] = PruneTally(
                    slot: moment("2026-11-17T02:00:00Z"), count: 16, lastPass: moment("2026-11-17T12:00:00Z"))
            }),
        Row(
            name: "and no others", candidates: 49, cap: none, says: "49 withheld by cap",
            change: { scene in
                scene.addResources(7)
                scene.memory.tallies[scene.policy.name] = PruneTally(
                    slot: moment("2026-11-17T02:00:00Z"), count: 16, lastPass: moment("2026-11-17T12:00:00Z"))
            }),
        Row(
            name: "what another rule withholds does not count", candidates: 11, cap: none,
            says: "10 prune, 1 withheld by grace",
            change: { $0.memory.retention = RetentionInForce(text: "", since: $0.points[10].taken) }),
        Row(
            name: "failed members go outside it", candidates: 11, cap: none,
            says: "1 remove-failed, 11 withheld by cap",
            change: { scene in
                scene.addPoint("2026-11-01", states: [.failed, .completed])
            }),
        Row(name: "without a cap worth its name everything goes", candidates: 500, cap: wide, says: "500 prune"),
    ]

    @Test(arguments: rows) func judgesTheExcess(_ row: Row) throws {
        var scene = try PruneCapTests.scene(candidates: row.candidates, cap: row.cap)
        row.change(&scene)
        #expect(PruneCapTests.counts(scene) == row.says)
    }

    @Test func whatItWithholdsSaysHowToLookAndLetGo() throws {
        let scene = try PruneCapTests.scene(candidates: 11, cap: PruneCapTests.none)
        #expect(
            Set(scene.plan().actions.filter { $0.rule == "cap" }.map(\.reason.description)) == [
                "so many at once were never deleted of this policy: look at them with snapwarden prune web, "
                    + "and let them go with --approve"
            ])
    }

    // MARK: Approvals

    /// 40 candidates, of which the oldest 20 are approved.
    private static func approved(until: Moment) throws -> Scene {
        var scene = try scene(candidates: 40, cap: none)
        for point in scene.points.suffix(20) { scene.memory.approvals[point.id] = until }
        return scene
    }

    @Test func approvalLetsGoExactlyWhatWasApproved() throws {
        let scene = try PruneCapTests.approved(until: moment("2026-11-20T12:00:01Z"))
        #expect(PruneCapTests.counts(scene) == "20 prune, 20 withheld by cap")
        let pruned = scene.plan().actions.filter { $0.word == "prune" }.map(\.slot)
        #expect(Set(pruned) == Set(scene.points.suffix(20).map(\.slot)))
    }

    @Test func approvalThatRanOutLetsNothingGo() throws {
        let scene = try PruneCapTests.approved(until: moment("2026-11-20T12:00:00Z"))
        #expect(PruneCapTests.counts(scene) == "40 withheld by cap")
    }

    @Test func approvalOvercomesNoOtherRule() throws {
        var scene = try PruneCapTests.approved(until: moment("2026-11-21T00:00:00Z"))
        scene.memory.pauses[scene.policy.name] = Pause(since: moment("2026-11-20T00:00:00Z"))
        #expect(PruneCapTests.counts(scene) == "40 withheld by not-now")
    }

    @Test func approvalOfAPointThatARuleKeepsDoesNothing() throws {
        var scene = try PruneCapTests.approved(until: moment("2026-11-21T00:00:00Z"))
        scene.memory.approvals = [scene.points[0].id: moment("2026-11-21T00:00:00Z")]
        #expect(scene.keeping().count == 1)
        #expect(PruneCapTests.counts(scene) == "40 withheld by cap")
    }

    @Test func policiesAreCappedOneByOne() throws {
        var scene = try PruneCapTests.scene(candidates: 11, cap: PruneCapTests.none)
        var other = scene.policy
        other.name = PolicyName("db")
        scene.others = [other]
        for day in ["2026-11-18", "2026-11-19", "2026-11-20"] {
            scene.addPoint(day)
            scene.points[scene.points.count - 1].policy = other.name
        }
        scene.memory.firstSeen[Pair(policy: other.name, resource: scene.resource.id)] = moment("2026-01-01T00:00:00Z")
        let actions = scene.plan().actions
        #expect(actions.filter { $0.word == "prune" }.map(\.pair.policy) == [other.name, other.name])
        #expect(actions.filter { $0.rule == "cap" }.count == 11)
    }

    // MARK: The tally

    @Test func tallyAddsUpWithinASlotAndBeginsAnewWithTheNext() throws {
        let policy = try Scene().policy
        let first = PruneTally.after(nil, deleting: 3, policy, now: moment("2026-11-20T02:00:00Z"))
        #expect(
            first
                == PruneTally(slot: moment("2026-11-20T02:00:00Z"), count: 3, lastPass: moment("2026-11-20T02:00:00Z")))
        let second = PruneTally.after(first, deleting: 4, policy, now: moment("2026-11-21T01:59:59Z"))
        #expect(
            second
                == PruneTally(slot: moment("2026-11-20T02:00:00Z"), count: 7, lastPass: moment("2026-11-21T01:59:59Z")))
        let third = PruneTally.after(second, deleting: 5, policy, now: moment("2026-11-21T02:00:00Z"))
        #expect(
            third
                == PruneTally(slot: moment("2026-11-21T02:00:00Z"), count: 5, lastPass: moment("2026-11-21T02:00:00Z")))
    }
}

extension Scene {
    /// So many more resources, each with the one point that it needs.
    fileprivate mutating func addResources(_ count: Int) {
        for number in 0..<count {
            addPoint("2026-11-20")
            points[points.count - 1].resource = ResourceID("i-\(number + 2)")
        }
    }
}
