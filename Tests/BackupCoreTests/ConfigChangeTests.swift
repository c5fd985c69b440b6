import BackupCore
import Testing

/// A config that was just changed deletes nothing at once that the one before kept.
@Suite struct ConfigChangeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Policy) throws -> Void

        init(_ what: String, _ change: @escaping @Sendable (inout Policy) throws -> Void) {
            (testDescription, self.change) = (what, change)
        }
    }

    /// Everything that says which points stay must show in the text that changes are noticed by.
    @Test(arguments: [
        Row("a rule") { $0.retention = Retention(daily: 2) },
        Row("the floor") { $0.retention = Retention(daily: 3, atLeast: 2) },
        Row("when-resource-gone") { $0.whenResourceGone = .fade(after: CalendarSpan(days: 1), keepLast: 0) },
        Row("adopts") { $0.adopts = [PolicyName("old")] },
        Row("the zone") { $0.schedules[0].zone = try zone("Europe/Berlin") },
        Row("the regions") { $0.regions.append(Region("us-west-2")) },
        Row("a destination") { $0.copies.append(CopyRule(region: Region("eu-north-1"))) },
        Row("which") { $0.copies[0].which = .weekly },
        Row("a destination's rule") { $0.copies[0].retention = Retention(daily: 1) },
    ])
    func showsInTheText(row: Row) throws {
        let scene = try Scene(retention: Retention(daily: 3), copies: [CopyRule(region: Scene.away.region)])
        var changed = scene.configuration
        try row.change(&changed.policies[0])
        #expect(changed.retentionText != scene.configuration.retentionText)
    }

    /// What owed a copy to a destination was no longer kept by a rule: its grace begins with the change all the same.
    @Test func graceCountsFromTheChangeAndNotFromWhatWasWithheldBefore() throws {
        var scene = try Scene(retention: Retention(last: 1))
        scene.addPoint("2026-11-18")
        scene.addPoint("2026-11-20")
        let old = PointID(place: Scene.home, set: SetID("set-2026-11-18"))
        scene.memory.candidates = [old: moment("2026-11-18T12:00:00Z")]
        scene.memory.retention = RetentionInForce(text: "", since: scene.now - .seconds(3600))
        #expect(scene.actions() == ["withhold us-east-1 2026-11-18"])
        scene.now = scene.now + .seconds(23 * 3600 - 1)
        #expect(scene.actions().contains("withhold us-east-1 2026-11-18"))
        scene.now = scene.now + .seconds(1)
        #expect(scene.actions().contains("prune us-east-1 2026-11-18"))
    }
}
