import Testing

@testable import BackupCore

/// Points under the name of a policy that the config does not hold any more.
@Suite struct AdoptionTests {
    private static func old(_ scene: inout Scene, days: [String]) {
        for day in days {
            scene.addPoint(day)
            scene.points[scene.points.count - 1].policy = PolicyName("old-web")
        }
    }

    @Test func adoptedPointsSatisfyTheirSlots() throws {
        var scene = try Scene()
        AdoptionTests.old(&scene, days: ["2026-11-20"])
        #expect(scene.actions() == ["create us-east-1 2026-11-20"])
        scene.policy.adopts = [PolicyName("old-web")]
        #expect(scene.actions() == [])
    }

    @Test func adoptedPointsArePrunedByTheNewRulesBesideItsOwn() throws {
        var scene = try Scene(retention: Retention(last: 2))
        scene.policy.adopts = [PolicyName("old-web")]
        AdoptionTests.old(&scene, days: ["2026-11-17", "2026-11-18", "2026-11-19"])
        scene.addPoint("2026-11-20")
        #expect(scene.keeping() == ["us-east-1 2026-11-19: keep-last 2/2", "us-east-1 2026-11-20: keep-last 1/2"])
        #expect(
            scene.pruning() == [
                "prune us-east-1 2026-11-17: no rule keeps it", "prune us-east-1 2026-11-18: no rule keeps it",
            ])
        #expect(scene.plan().actions.allSatisfy { $0.pair == scene.pair })
        #expect(scene.plan().orphans == [])
    }

    @Test func adoptedPointsOweTheCopiesOfTheirNewPolicy() throws {
        var scene = try Scene(copies: [CopyRule(region: Scene.away.region)])
        scene.policy.adopts = [PolicyName("old-web")]
        AdoptionTests.old(&scene, days: ["2026-11-20"])
        #expect(scene.actions() == ["copy eu-west-1 2026-11-20"])
        scene.points[0].copiedTo = [Scene.away.site]
        #expect(scene.actions() == [])
    }

    @Test func severalNamesOfOldAreAdopted() throws {
        var scene = try Scene(retention: Retention(last: 1))
        scene.policy.adopts = [PolicyName("old-web"), PolicyName("older-web")]
        AdoptionTests.old(&scene, days: ["2026-11-18", "2026-11-19", "2026-11-20"])
        scene.points[0].policy = PolicyName("older-web")
        #expect(scene.pruning().count == 2)
        #expect(scene.keeping() == ["us-east-1 2026-11-20: keep-last 1/1"])
    }

    @Test func orphansAreReportedAndNeverTouched() throws {
        var scene = try Scene(retention: Retention(last: 1), copies: [CopyRule(region: Scene.away.region)])
        scene.addPoint("2026-11-20")
        scene.points[0].copiedTo = [Scene.away.site]
        AdoptionTests.old(&scene, days: ["2026-11-17", "2026-11-18"])
        scene.addPoint("2026-11-16", states: [.failed, .completed])
        scene.addPoint("2026-11-15", states: [.completed])
        scene.addPoint("2026-11-14", in: Scene.away)
        for index in 3...5 { scene.points[index].policy = PolicyName("old-web") }
        scene.points[4].lacksTags = true
        #expect(scene.actions() == [])
        #expect(
            scene.plan().orphans.map(\.id.description) == [
                "ec2/eu-west-1/set-2026-11-14", "ec2/us-east-1/set-2026-11-15", "ec2/us-east-1/set-2026-11-16",
                "ec2/us-east-1/set-2026-11-17", "ec2/us-east-1/set-2026-11-18",
            ])
        #expect(scene.keeping() == ["us-east-1 2026-11-20: keep-last 1/1"])
    }

    @Test func orphansCountForNoOneElsesFloor() throws {
        var scene = try Scene(retention: Retention(last: 1))
        AdoptionTests.old(&scene, days: ["2026-11-20"])
        scene.addPoint("2026-11-19")
        #expect(scene.keeping() == ["us-east-1 2026-11-19: keep-last 1/1"])
        #expect(scene.pruning() == [])
    }
}
