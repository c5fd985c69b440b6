import Testing

@testable import BackupCore

/// What `systemctl status` shows in one line.
@Suite struct StatusLineTests {
    private static let away = CopyRule(region: Scene.away.region)

    @Test func nothingIsUnderWay() throws {
        var scene = try Scene(copies: [StatusLineTests.away])
        scene.addPoint("2026-11-20")
        #expect(StatusLineTests.line(scene) == "1 policy, 1 resource protected, 0 late; next web 02:00 UTC")
    }

    @Test func whatRunsAndHowFarItIs() throws {
        var scene = try Scene(copies: [StatusLineTests.away])
        scene.addPoint("2026-11-19", in: Scene.away, states: [.pending, .completed])
        scene.addPoint("2026-11-20", states: [.pending, .pending])
        for index in scene.points.indices {
            scene.points[index].members[0].gibibytes = 30
            scene.points[index].members[1].gibibytes = 10
            scene.points[index].members[0].progress = 40
        }
        // 30 of 40 GiB are at 40 %: with the other 10 complete that is 55, with them not begun 30.
        #expect(
            StatusLineTests.line(scene)
                == "1 policy, 1 resource protected, 0 late; taking 1 (30 %); copying 1 (55 %); next web 02:00 UTC")
    }

    @Test(arguments: [
        (false, false, "next web 02:00 UTC"),
        (false, true, "the config has problems: the one before stays in force; next web 02:00 UTC"),
        (
            true, false,
            "the config has problems: the one last applied is in force, nothing is deleted; next web 02:00 UTC"
        ),
    ])
    func troubleWithTheConfig(isStandIn: Bool, isOutdated: Bool, rest: String) throws {
        let scene = try Scene()
        var configuration = scene.configuration
        (configuration.isStandIn, configuration.isOutdated) = (isStandIn, isOutdated)
        let line = configuration.statusLine(scene.inventory, scene.memory, now: scene.now)
        #expect(line == "1 policy, 1 resource protected, 0 late; " + rest)
        configuration.policies = []
        let bare = configuration.statusLine(scene.inventory, scene.memory, now: scene.now)
        #expect(bare.hasPrefix(rest.hasPrefix("next") ? "no policies configured" : "the config has problems"))
    }

    @Test func whatIsFarOffHasADate() throws {
        var scene = try Scene()
        scene.policy.schedules = [try cron("0 2 1 * *", "Europe/Berlin")]
        #expect(StatusLineTests.line(scene).hasSuffix("next web 2026-12-01 02:00 Europe/Berlin"))
    }

    private static func line(_ scene: Scene) -> String {
        scene.configuration.statusLine(scene.inventory, scene.memory, now: scene.now)
    }
}
