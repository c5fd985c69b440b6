import AWS
import BackupCore
import Simulation
import Testing

/// What is not read again must say what it would if it were.
@Suite struct SnapshotReadingsTests {
    /// Two of ours, of which one is being made, one of another fleet, and one that nobody marked.
    private static let seed = """
        {"regions": ["us-east-1"], "timings": {"snapshot-seconds": 100, "visible-after": 30}, "snapshots": [
          {"id": "snap-1", "volume": "vol-1", "start": "-1d", "description": "snapwarden acme/web/i-1/2026-11-19T02:00:00Z",
           "tags": {\(tags("s-1"))}},
          {"id": "snap-2", "volume": "vol-1", "start": "-10s", "state": "pending",
           "description": "snapwarden acme/web/i-1/2026-11-19T02:00:00Z", "tags": {\(tags("s-2"))}},
          {"id": "snap-3", "volume": "vol-1", "start": "-1d", "description": "snapwarden other/web/i-1/2026-11-19T02:00:00Z",
           "tags": {\(tags("s-3", fleet: "other"))}},
          {"id": "snap-4", "volume": "vol-1", "start": "-1d", "description": "by hand"}]}
        """

    private static func tags(_ set: String, fleet: String = "acme") -> String {
        [
            ("fleet", fleet), ("policy", "web"), ("resource", "i-1"), ("slot", "2026-11-19T02:00:00Z"), ("set", set),
            ("members", "1"),
        ].map { "\"snapwarden:\($0)\": \"\($1)\"" }.joined(separator: ", ")
    }

    @Test func eachReadingIsThatOfAReaderWithoutMemory() async throws {
        let clock = SetClock()
        let world = try World(StrictJSON.seed(Array(SnapshotReadingsTests.seed.utf8)), now: start)
        let aws = SimulatedAWS(world, clock: clock)
        var seen: [Int64: [String]] = [:]
        for moment in [0, 1, 300, 301, 330, 400, 430, 431, 2] as [Int64] {
            clock.now = at(moment)
            if moment == 300 { try await hold("snap-1", aws) }
            if moment == 400 { try await hold("snap-2", aws) }
            if moment == 431 { _ = try await aws.deleteSnapshot(DeleteSnapshotRequest(snapshotId: "snap-1"), in: home) }
            for fleet in [FleetName("acme"), FleetName("other")] {
                let read = await points(of: fleet, aws, clock)
                let fresh = await points(of: fleet, SimulatedAWS(aws.world, clock: clock), clock)
                #expect(read == fresh, "\(fleet) after \(moment) s")
                guard fleet.rawValue == "acme" else { continue }
                seen[moment] = read.map { "\($0.set) \($0.state)\($0.isHeld ? " held" : "")" }
            }
        }
        #expect(seen[0] == ["s-1 usable", "s-2 pending"])
        #expect(seen[301] == ["s-1 usable", "s-2 usable"])
        #expect(seen[330] == ["s-1 usable held", "s-2 usable"])
        #expect(seen[430] == ["s-1 usable held", "s-2 usable held"])
        #expect(seen[431] == ["s-2 usable held"])
        // The clock may be set back.
        #expect(seen[2] == ["s-2 pending"])
    }

    private func hold(_ id: String, _ aws: SimulatedAWS) async throws {
        let request = CreateTagsRequest(resources: [id], tags: [EC2Tag(key: "snapwarden:hold", value: "for Ada")])
        _ = try await aws.createTags(request, in: home)
    }

    private func points(of fleet: FleetName, _ aws: SimulatedAWS, _ clock: SetClock) async -> [RecoveryPoint] {
        await AWSCloudReader(ec2: aws, lightsail: aws, fleet: fleet, clock: clock)
            .listing(of: Place(.ec2, home), scope: Scope()).points
    }
}

/// A clock that stands where it is put.
private final class SetClock: WallClock {
    private let moment = Guarded(start)

    var now: Moment {
        get { moment.withLock { $0 } }
        set { moment.withLock { $0 = newValue } }
    }

    func sleep(until moment: Moment) async throws(CancellationError) {}
}
