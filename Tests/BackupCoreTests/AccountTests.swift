import BackupCore
import Testing

/// Copies into another account: what is shared for them, and until when.
@Suite struct AccountTests {
    private static let vault = AccountID("222233334444")
    private static let there = Place(.ec2, Region("eu-west-1"), account: vault)
    private static let here = Place(.ec2, Region("us-east-1"), account: vault)
    private static let day = "2026-11-20"

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let actions: [String]
        let change: @Sendable (inout Scene) -> Void

        init(_ name: String, _ actions: [String], change: @escaping @Sendable (inout Scene) -> Void) {
            (testDescription, self.actions, self.change) = (name, actions, change)
        }
    }

    private static let copy = "copy 222233334444/eu-west-1 2026-11-20"
    private static let unshare = "unshare us-east-1 2026-11-20"

    /// A usable home point of today, owed to the vault's other region.
    static let rows: [Row] = [
        Row("a point owes a copy to another account", [copy]) { _ in },
        Row("a member that cannot be shared is refused", ["refuse 222233334444/eu-west-1 2026-11-20"]) {
            $0.points[0].members[1].isUnshareable = true
        },
        Row("what has its copy is shared no more", ["repair us-east-1 2026-11-20", unshare]) {
            $0.share()
            $0.addPoint(day, in: there)
        },
        Row("a share stays while the copy pends", []) {
            $0.share()
            $0.addPoint(day, in: there, states: [.pending, .completed])
        },
        Row("a share stays for a copy that is about to be made", [copy]) { $0.share() },
        Row(
            "a share stays for a copy that failed, and is made again",
            ["remove-failed 222233334444/eu-west-1 2026-11-20"]
        ) {
            $0.share()
            $0.addPoint(day, in: there, states: [.failed, .failed])
        },
        Row(
            "a share stays while one member pends and another failed",
            ["remove-failed 222233334444/eu-west-1 2026-11-20"]
        ) {
            $0.share()
            $0.points[0].copiedTo = [there.site]
            $0.addPoint(day, in: there, states: [.failed, .pending])
        },
        Row("a share stays while a reply is lost", []) {
            $0.share()
            let key = Intent.Key(verb: .copy, pair: $0.pair, slot: $0.points[0].slot, site: there.site)
            $0.memory.open[SetID("n")] = Intent(
                id: SetID("n"), key: key, set: $0.points[0].set, began: $0.now - .seconds(5))
        },
        Row("a share stays while the other account is not read", ["repair us-east-1 2026-11-20"]) {
            $0.share()
            $0.gaps = [there]
            $0.addPoint(day, in: there)
        },
        Row("a share with an account that nothing is copied to is left over", [copy, unshare]) {
            $0.points[0].members[0].sharedWith = [AccountID("999988887777")]
        },
        Row("of a policy that copies nothing any more too", [unshare]) {
            $0.policy.copies = []
            $0.share()
        },
        Row("of a point that is no policy's any more too", ["create us-east-1 2026-11-20", unshare].sorted()) {
            $0.points[0].policy = PolicyName("old")
            $0.share()
        },
        Row("another account's same region is another place", ["copy 222233334444/us-east-1 2026-11-20"]) {
            $0.policy.copies = [CopyRule(region: Region("us-east-1"), account: vault)]
        },
        Row("a copy there is one", ["repair us-east-1 2026-11-20"]) {
            $0.policy.copies = [CopyRule(region: Region("us-east-1"), account: vault)]
            $0.addPoint(day, in: here)
        },
        Row("a mark of our own account's region is none of the other's", [copy]) {
            $0.points[0].copiedTo = [Site(Region("eu-west-1"))]
        },
        Row("its mark is", []) { $0.points[0].copiedTo = [there.site] },
    ]

    @Test(arguments: rows) func sharesOnlyWhatIsBeingCopied(_ row: Row) throws {
        var scene = try Scene(copies: [CopyRule(region: Region("eu-west-1"), account: AccountTests.vault)])
        scene.addPoint(AccountTests.day)
        row.change(&scene)
        // A copy of a place that a scene does not know by itself is read as well.
        var planner = Planner(
            configuration: scene.configuration, inventory: scene.inventory, memory: scene.memory, now: scene.now)
        for place in [AccountTests.there, AccountTests.here] where planner.inventory.listings[place] == nil {
            planner.inventory.listings[place] = Listing(read: scene.now)
        }
        let actions = planner.plan().actions.map { "\($0.word) \($0.site) \($0.slot.description.prefix(10))" }
        #expect(actions.sorted() == row.actions)
    }

    /// Two copies of one set in two accounts are two places: each has its own floor and its own rules.
    @Test func eachAccountKeepsByItsOwnRules() throws {
        let vault = AccountTests.vault
        var scene = try Scene(
            retention: Retention(last: 1),
            copies: [
                CopyRule(region: Region("us-east-1"), account: vault, retention: Retention(last: 2)),
                CopyRule(region: Region("eu-west-1")),
            ])
        for day in ["2026-11-17", "2026-11-18", "2026-11-19"] {
            scene.addPoint(day)
            scene.addPoint(day, in: AccountTests.here)
            scene.addPoint(day, in: Scene.away)
        }
        scene.addPoint("2026-11-20")
        scene.timing.pruneGrace = .zero
        let pruned = scene.plan().actions.compactMap { action -> String? in
            guard case .prune(let point) = action.work else { return nil }
            return "\(point.site) \(point.slot.description.prefix(10))"
        }
        #expect(pruned.filter { $0.hasPrefix("222233334444/") } == ["222233334444/us-east-1 2026-11-17"])
        #expect(pruned.filter { $0.hasPrefix("us-east-1") }.count == 3)
    }

    @Test(arguments: [
        ("eu-west-1", AccountID.standard, "eu-west-1"),
        ("222233334444/eu-west-1", AccountID("222233334444"), "222233334444/eu-west-1"),
    ]) func aSiteIsItsText(_ text: String, _ account: AccountID, _ description: String) {
        let site = Site(text)
        #expect(site.account == account && site.region == Region("eu-west-1") && site.description == description)
        #expect(Site(site.text(near: AccountTests.vault), near: AccountTests.vault) == site)
    }

    @Test func aPolicySelectsInItsOwnAccountAlone() throws {
        var scene = try Scene()
        #expect(scene.policy.selects(scene.resource))
        scene.policy.account = AccountTests.vault
        #expect(!scene.policy.selects(scene.resource))
        #expect(scene.configuration.usedAccounts == [AccountTests.vault])
        #expect(scene.actions() == [])
    }
}

extension Scene {
    /// The one home point, shared with the vault.
    fileprivate mutating func share() {
        for index in points[0].members.indices { points[0].members[index].sharedWith = [AccountID("222233334444")] }
    }
}
