import AWS
import Simulation
import Testing

@testable import BackupCore
@testable import BackupDaemon

/// The runner before snapshots that AWS, or a person, wants kept.
@Suite struct ProtectionTests {
    private static let start = Moment(seconds: 1_795_140_000)
    private static let home = Region("us-east-1")

    /// Events as they came.
    private final class Ears: EventSink {
        private let heard = Guarded<[Event]>([])
        func emit(_ event: Event) { heard.withLock { $0.append(event) } }
        var events: [Event] { heard.withLock { $0 } }
        func of(_ kind: EventKind) -> [String] { events.filter { $0.kind == kind }.map(\.message) }
    }

    private struct Site: Sendable {
        let aws: SimulatedAWS
        let runner: PlanRunner
        let ears = Ears()
        let instructions = MemoryInstructions()
        let turn: VirtualTurn

        var configuration: Configuration {
            var policy = Policy(
                name: PolicyName("web"), regions: [home],
                selection: Selection(ec2Instances: ResourceSelector(names: [Glob("*")])), schedules: [],
                retention: Retention(last: 1))
            policy.copies = []
            var configuration = Configuration(fleet: FleetName("acme"), policies: [policy])
            configuration.timing.pruneGrace = .zero
            return configuration
        }

        init(turn: VirtualTurn) throws {
            self.turn = turn
            let points = (1...3).map { day in
                let slot = start - .seconds(Int64(day) * 86_400)
                return """
                    {"id": "snap-\(day)", "volume": "vol-1", "start": "-\(day)d",
                     "description": "snapwarden acme/web/i-1/\(slot)", "tags": {
                       "snapwarden:fleet": "acme", "snapwarden:policy": "web", "snapwarden:resource": "i-1",
                       "snapwarden:slot": "\(slot)", "snapwarden:set": "set-\(day)", "snapwarden:members": "1",
                       "Name": "x"}}
                    """
            }
            let seed = #"{"ec2-instances": [{"id": "i-1"}], "snapshots": [\#(points.joined(separator: ","))]}"#
            aws = SimulatedAWS(try World(StrictJSON.seed(Array(seed.utf8)), now: start), clock: turn)
            runner = PlanRunner(on: aws, fleet: FleetName("acme"), turn, instructions: instructions, events: ears)
        }

        func change(_ json: String) async throws {
            let change = try StrictJSON.change(Array(json.utf8))
            await aws.change { world in
                do throws(SeedError) { try world.apply(change, now: start) } catch { Issue.record("\(error)") }
            }
        }

        func snapshots() async throws -> [String] {
            try await aws.world.describeSnapshots(DescribeSnapshotsRequest(), in: home, now: turn.now)
                .snapshots.map(\.snapshotId)
        }

        func calls(_ operation: String) async -> Int { await aws.log.filter { $0.operation == operation }.count }
    }

    private static func onSite(_ body: @escaping @Sendable (Site) async throws -> Void) throws {
        let turn = VirtualTurn(now: start)
        let site = try Site(turn: turn)
        let hasEnded = turn.run { () async -> Bool in
            do {
                await site.runner.open()
                try await body(site)
            } catch {
                Issue.record("\(error)")
            }
            return true
        }
        #expect(hasEnded == true, "it waits for ever")
    }

    @Test func whatNothingProtectsIsPruned() throws {
        try ProtectionTests.onSite { site in
            let report = try await site.runner.runToEnd(site.configuration, .newestSlot)
            #expect(report.done == 2 && report.failures.isEmpty)
            #expect(try await site.snapshots() == ["snap-1"])
        }
    }

    /// Another account's image shows only when AWS refuses.
    @Test func aRefusedDeleteIsWithheldAndNoFailure() throws {
        try ProtectionTests.onSite { site in
            try await site.change(
                #"{"register-images": [{"id": "ami-9", "snapshots": ["snap-3"], "owner": "999999999999"}]}"#)
            let report = try await site.runner.runToEnd(site.configuration, .newestSlot)
            #expect(report.failures.isEmpty && report.done == 1, "the other one goes")
            #expect(try await site.snapshots() == ["snap-1", "snap-3"])
            #expect(await site.calls("DeleteSnapshot") == 2, "it is asked for once, not until the end of days")
            let events = site.ears.events.filter { $0.kind == .withheld }
            #expect(
                events.map(\.message) == [
                    "web/i-1/2026-11-17T02:00:00Z is not deleted in us-east-1: AWS refuses to delete it: "
                        + "InvalidSnapshot.InUse: The snapshot snap-3 is currently in use by ami-9"
                ])
            #expect(events.first?.kind.priority == .notice && events.first?.fields.errorCode == "InvalidSnapshot.InUse")
            #expect(site.ears.of(.actionFailed).isEmpty)
            let memory = await site.runner.memory
            #expect(memory.setbacks.isEmpty && memory.open.isEmpty)

            let again = try await site.runner.runToEnd(site.configuration, .newestSlot)
            #expect(again.failures.isEmpty && again.done == 0)
            #expect(await site.calls("DeleteSnapshot") == 3, "a new reading asks again")
            #expect(site.ears.of(.withheld).count == 1, "and says nothing new")

            try await site.change(#"{"deregister-images": ["ami-9"]}"#)
            #expect(try await site.runner.runToEnd(site.configuration, .newestSlot).done == 1)
            #expect(try await site.snapshots() == ["snap-1"])
        }
    }

    /// The lock comes between the reading of locks and the delete: the reading shows none.
    @Test func aLockThatWasNotReadYetIsNoFailureEither() throws {
        try ProtectionTests.onSite { site in
            _ = await site.runner.pass(site.configuration, .following(PolicyName("web")))
            try await site.change(#"{"lock": {"snap-2": {"mode": "governance"}}}"#)
            let plan = Planner(
                configuration: site.configuration, inventory: await site.runner.inventory,
                memory: await site.runner.memory, now: site.turn.now
            ).plan()
            let report = await site.runner.perform(plan.actions, site.configuration)
            #expect(report.done == 1 && report.failures.isEmpty)
            #expect(try await site.snapshots() == ["snap-1", "snap-2"])
            #expect(
                site.ears.of(.withheld) == [
                    "web/i-1/2026-11-18T02:00:00Z is not deleted in us-east-1: AWS refuses to delete it: "
                        + "OperationNotPermitted: The snapshot snap-2 is locked and can't be deleted."
                ])
        }
    }

    /// A person's hold counts from the moment it is set, also for a daemon that last read AWS a while ago.
    @Test func aHoldSetSinceTheLastReadingIsHeeded() throws {
        try ProtectionTests.onSite { site in
            let web = PolicyName("web")
            site.instructions.pause(web, Pause(since: site.turn.now, until: nil))
            _ = await site.runner.refreshInstructions()
            _ = await site.runner.pass(site.configuration)
            #expect(site.ears.of(.withheld).count == 2 && site.ears.of(.pruned).isEmpty)
            _ = try await site.aws.createTags(
                CreateTagsRequest(resources: ["snap-2"], tags: [EC2Tag(key: "snapwarden:hold", value: "why")]),
                in: ProtectionTests.home)
            site.instructions.pause(web, nil)
            _ = await site.runner.refreshInstructions()
            let report = await site.runner.pass(site.configuration, reading: .nothing)
            #expect(report.done == 1)
            #expect(try await site.snapshots() == ["snap-1", "snap-2"])
            let reads = await site.calls("DescribeSnapshots")
            _ = await site.runner.pass(site.configuration, reading: .nothing)
            #expect(await site.calls("DescribeSnapshots") == reads, "what deletes nothing reads nothing")
        }
    }

    @Test(arguments: ["DescribeLockedSnapshots", "DescribeImages"])
    func withoutKnowingTheProtectionsNothingIsDeleted(operation: String) throws {
        try ProtectionTests.onSite { site in
            try await site.change(#"{"denied": ["ec2:\#(operation)"]}"#)
            for _ in 0..<2 {
                let report = try await site.runner.runToEnd(site.configuration, .newestSlot)
                #expect(report.done == 0 && report.failures.isEmpty)
            }
            #expect(await site.calls("DeleteSnapshot") == 0)
            let said = site.ears.of(.inventoryIncomplete)
            #expect(said.count == 1, "once, not with each reading")
            #expect(
                said.first?.hasPrefix(
                    "the locks and AMIs of ec2/us-east-1 could not be read, so that nothing is deleted there: "
                        + "ec2:\(operation) in us-east-1: UnauthorizedOperation") == true)
            #expect(
                site.ears.of(.withheld).allSatisfy {
                    $0.hasSuffix(
                        "the locks and AMIs of ec2/us-east-1 could not be read (ec2:\(operation): UnauthorizedOperation)"
                    )
                })
            #expect(site.ears.of(.withheld).count == 2)
            try await site.change(#"{"denied": []}"#)
            #expect(try await site.runner.runToEnd(site.configuration, .newestSlot).done == 2)
        }
    }
}
