import BackupCore
import Testing

/// Lightsail's automatic snapshots: copied by our rules, never deleted, marked or made.
@Suite struct AutomaticTests {
    private static let home = Place(.lightsail, Region("us-east-1"))
    private static let away = Place(.lightsail, Region("eu-west-1"))

    /// A policy that copies a blog's automatic snapshots of the last seven days.
    private static func scene(_ retention: Retention = Retention(last: 3)) throws -> Scene {
        var scene = try Scene(retention: retention, copies: [CopyRule(region: away.region)])
        scene.resource = Resource(
            id: ResourceID("u-blog"), kind: .lightsailInstance, site: Site(home.region), name: "blog", arn: "arn")
        scene.resource.automatic = .daily(hour: 6)
        scene.policy.selection = Selection(lightsailInstances: ResourceSelector(names: [Glob("*")]))
        scene.policy.source = .automatic
        scene.policy.schedules = [try cron("0 0 * * *", "UTC")]
        scene.now = moment("2026-11-20T12:00:00Z")
        scene.memory.firstSeen[scene.pair] = moment("2026-01-01T00:00:00Z")
        scene.memory.retention = RetentionInForce(
            text: scene.configuration.retentionText, since: moment("2026-01-01T00:00:00Z"))
        for day in 14...20 { scene.addAutomatic("2026-11-\(day)") }
        return scene
    }

    @Test func theNewestThatTheRulesKeepAreCopied() throws {
        let scene = try AutomaticTests.scene()
        // Two at once, as Lightsail's limit has it.
        #expect(scene.actions() == ["copy eu-west-1 2026-11-19", "copy eu-west-1 2026-11-20"])
    }

    @Test func onlyCopiesAreEverDeleted() throws {
        var scene = try AutomaticTests.scene(Retention(last: 1))
        scene.memory.candidates = Dictionary(
            scene.points.map { ($0.id, moment("2026-01-01T00:00:00Z")) }
        ) { first, _ in first }
        for day in 18...20 { scene.addCopy("2026-11-\(day)") }
        #expect(scene.actions() == ["prune eu-west-1 2026-11-18", "prune eu-west-1 2026-11-19"])
        #expect(scene.plan().candidates.allSatisfy { $0.place == AutomaticTests.away })
        #expect(scene.plan().kept.keys.allSatisfy { $0.place == AutomaticTests.away })
    }

    /// A failed one is nothing to remove, one in progress nothing to copy, one that is gone from home no loss.
    @Test func whatIsNotUsableIsLeftAlone() throws {
        var scene = try AutomaticTests.scene(Retention(last: 1))
        scene.points = []
        scene.addAutomatic("2026-11-19", .failed)
        scene.addAutomatic("2026-11-20", .pending)
        scene.addCopy("2026-11-10")
        #expect(scene.actions() == [])
    }

    @Test func aDischargedDebtNeverRevives() throws {
        var scene = try AutomaticTests.scene(Retention(last: 1))
        let copy = PointID(place: AutomaticTests.away, set: SetID("set-2026-11-20"))
        scene.memory.copiesSeen[copy] = scene.now
        #expect(scene.actions() == [])
    }

    @Test func nothingIsMadeOrMarkedAtHome() throws {
        var scene = try AutomaticTests.scene(Retention(last: 9))
        for day in 14...20 { scene.addCopy("2026-11-\(day)") }
        for eagerness in [Eagerness.scheduled, .newestSlot, .byHand(scene.policy.name, nil)] {
            #expect(scene.plan(eagerness).actions.isEmpty)
        }
        #expect(scene.plan().nextStart == nil)
    }

    @Test func whatIsNotSelectedIsNotCopied() throws {
        var scene = try AutomaticTests.scene()
        scene.policy.selection = Selection(lightsailInstances: ResourceSelector(names: [Glob("other")]))
        #expect(scene.actions() == [])
    }

    /// An untagged copy is claimed by its home point, and is no automatic snapshot itself.
    @Test func anUntaggedCopyIsClaimed() throws {
        let scene = try AutomaticTests.scene()
        var inventory = scene.inventory
        var found = try #require(scene.points.last)
        found.place = AutomaticTests.away
        found.isAutomatic = false
        inventory.listings[AutomaticTests.away] = Listing(untagged: [found.set: found], read: scene.now)
        let claimed = try #require(inventory.claimingLookalikes().point(found.id))
        #expect(claimed.isCopy && claimed.lacksTags && !claimed.isAutomatic && claimed.taken == found.taken)
    }

    struct Missing: Sendable, CustomTestStringConvertible {
        let name: String
        let now: String
        let days: ClosedRange<Int>
        let missed: String?
        var testDescription: String { name }
    }

    static let missing = [
        Missing(name: "today's is still to come", now: "2026-11-20T20:00:00Z", days: 13...19, missed: nil),
        Missing(name: "yesterday's may still be made", now: "2026-11-20T02:59:00Z", days: 12...18, missed: nil),
        Missing(
            name: "yesterday's did not come", now: "2026-11-20T03:01:00Z", days: 12...18,
            missed: "1 2026-11-19T00:00:00Z"),
        Missing(
            name: "none for days", now: "2026-11-20T12:00:00Z", days: 14...16, missed: "3 2026-11-19T00:00:00Z"),
    ]

    @Test(arguments: missing) func whatLightsailDidNotTakeIsMissed(_ row: Missing) throws {
        var scene = try AutomaticTests.scene()
        scene.points = []
        for day in row.days { scene.addAutomatic("2026-11-\(day)") }
        scene.now = moment(row.now)
        #expect(scene.plan().missed[scene.pair].map { "\($0.count) \($0.newest)" } == row.missed)
    }

    // MARK: The setting

    struct Setting: Sendable, CustomTestStringConvertible {
        let name: String
        var wanted: AutomaticSetting?
        var found: AutomaticSetting?
        let reason: String?
        var testDescription: String { name }
    }

    static let settings = [
        Setting(name: "not asked for", found: .off, reason: nil),
        Setting(name: "as it is", wanted: .daily(hour: 2), found: .daily(hour: 2), reason: nil),
        Setting(
            name: "on", wanted: .daily(hour: 2), found: .off,
            reason: "automatic-snapshots is 02:00 UTC, and Lightsail's are off"),
        Setting(
            name: "another hour", wanted: .daily(hour: 2), found: .daily(hour: 14),
            reason: "automatic-snapshots is 02:00 UTC, and Lightsail's are 14:00 UTC"),
        Setting(
            name: "off", wanted: .off, found: .daily(hour: 14),
            reason: "automatic-snapshots is off, and Lightsail's are 14:00 UTC"),
    ]

    @Test(arguments: settings) func theSettingIsMade(_ row: Setting) throws {
        var scene = try AutomaticTests.scene(Retention(last: 1))
        scene.points = []
        scene.policy.automatic = row.wanted
        scene.resource.automatic = row.found
        let actions = scene.plan().actions
        #expect(actions.map(\.word) == (row.reason == nil ? [] : ["set-automatic"]))
        #expect(actions.first?.reason.description == row.reason)
        #expect(actions.allSatisfy { $0.pointSlot == nil })
        // Neither a pause nor a reading that is not whole lets it happen, nor what a person asks for by hand.
        scene.gaps = [AutomaticTests.home]
        #expect(scene.plan().actions.isEmpty)
        scene.gaps = []
        #expect(scene.plan(.byHand(scene.policy.name, nil)).actions.isEmpty)
        scene.memory.pauses[scene.policy.name] = Pause(since: scene.now - .seconds(60), until: nil)
        #expect(scene.plan().actions.isEmpty)
    }

    /// Two policies that disagree would set it to and fro for ever.
    @Test func theFirstPolicyByNameDecides() throws {
        var scene = try AutomaticTests.scene(Retention(last: 1))
        scene.points = []
        scene.policy.automatic = .daily(hour: 6)
        var other = scene.policy
        other.name = PolicyName("zz")
        other.automatic = .off
        scene.others = [other]
        #expect(scene.plan().actions.isEmpty)
        other.name = PolicyName("aa")
        scene.others = [other]
        #expect(scene.plan().actions.map(\.pair.policy.rawValue) == ["aa"])
    }

    @Test func timesAreWholeHours() {
        #expect(AutomaticSetting(time: "00:00") == .daily(hour: 0) && AutomaticSetting(time: "23:00")?.time == "23:00")
        for text in ["24:00", "2:00", "02:30", "+2:00", "off", "", "02:000"] {
            #expect(AutomaticSetting(time: text) == nil)
        }
    }
}

extension Scene {
    fileprivate mutating func addAutomatic(_ day: String, _ state: MemberState = .completed) {
        let slot = moment(day + "T00:00:00Z")
        let member = Member(snapshot: SnapshotID("blog/\(day)"), state: state, started: slot + .seconds(6 * 3600))
        var point = RecoveryPoint(
            policy: policy.name, resource: resource.id, slot: slot, kind: .scheduled, set: SetID("set-\(day)"),
            place: resource.place, home: resource.site, taken: member.started, declaredMembers: 1, members: [member])
        point.isAutomatic = true
        points.append(point)
    }

    fileprivate mutating func addCopy(_ day: String) {
        let slot = moment(day + "T00:00:00Z")
        let member = Member(snapshot: SnapshotID("set-\(day)"), state: .completed, started: slot + .seconds(8 * 3600))
        points.append(
            RecoveryPoint(
                policy: policy.name, resource: resource.id, slot: slot, kind: .scheduled, set: SetID("set-\(day)"),
                place: Place(.lightsail, Region("eu-west-1")), home: resource.site,
                taken: slot + .seconds(6 * 3600), declaredMembers: 1, members: [member]))
    }
}
