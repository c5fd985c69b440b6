import BackupCore
import Testing

@Suite struct PointTests {
    @Test(
        arguments: [
            ("web/i-1/2026-11-20T02:00:00Z", true), ("web/i-1/2026-11-20T03:00:00+01:00", true),
            ("web/i-1/2026-11-20T02:00:00.000Z", true), ("set-2026-11-20", true),
            ("web/i-1/2026-11-21T02:00:00Z", false),
            ("web/i-2/2026-11-20T02:00:00Z", false), ("db/i-1/2026-11-20T02:00:00Z", false), ("web/i-1", false),
            ("/web/i-1/2026-11-20T02:00:00Z", false), ("", false), ("set-2026-11-2", false),
        ])
    func references(text: String, isMeant: Bool) throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        #expect(PointReference(text).means(scene.points[0]) == isMeant)
    }

    @Test func aHoldIsATextThatMayBeEmpty() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        var point = scene.points[0]
        #expect(!point.isHeld && point.hold == nil)
        point.isHeld = true
        #expect(point.hold == "")
        point.hold = "audit"
        point.isHeld = true
        #expect(point.hold == "audit")
        point.isHeld = false
        #expect(point.hold == nil)
    }

    /// What this process made is bridged over AWS's delay; a lock that was set meanwhile is known from the reading.
    @Test func joiningKeepsTheProtectionsThatWereRead() throws {
        var scene = try Scene()
        scene.addPoint("2026-11-20")
        let made = scene.points[0]
        scene.points[0].members[0].lock = SnapshotLock(state: "governance")
        scene.points[0].members[1].image = ImageID("ami-1")
        var inventory = scene.inventory
        var stale = made
        stale.members[1].lock = SnapshotLock(state: "released since")
        inventory.join(stale)
        #expect(inventory.points == scene.points)
    }
}
