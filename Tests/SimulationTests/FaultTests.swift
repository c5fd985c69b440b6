import AWS
import BackupCore
import Simulation
import Testing

@Suite struct FaultTests {
    private static func cloud(_ faults: [Fault]) throws -> SimulatedAWS {
        SimulatedAWS(try sampleWorld { $0.faults = faults }, clock: FixedClock(now: start))
    }

    private static func create(_ cloud: SimulatedAWS) async -> AWSError? {
        do throws(AWSError) {
            _ = try await cloud.createSnapshots(createRequest("i-b"), in: home)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (Fault.Kind.throttle, nil, nil, ["RequestLimitExceeded", "ok"], 1),
            (.unavailable, "Unavailable", AWSError.Fate.outcomeUnknown, ["Unavailable"], 0),
            (.internal, "InternalError", .outcomeUnknown, ["InternalError"], 0),
            (.dropBefore, "ConnectionClosed", .outcomeUnknown, ["dropped before"], 0),
            (.dropAfter, "ConnectionClosed", .outcomeUnknown, ["dropped after"], 1),
            (.failLater, nil, nil, ["ok"], 1),
        ] as [(Fault.Kind, String?, AWSError.Fate?, [String], Int)])
    func onACreate(kind: Fault.Kind, code: String?, fate: AWSError.Fate?, outcomes: [String], made: Int) async throws {
        let cloud = try FaultTests.cloud([Fault(kind, on: "CreateSnapshots")])
        let error = await FaultTests.create(cloud)
        #expect(error?.code == code)
        #expect(error?.fate == fate)
        #expect(await cloud.log.map(\.outcome) == outcomes)
        let dump = await cloud.world.dump(now: at(100))
        #expect(
            dump.regions.last?.snapshots.map(\.state)
                == Array(repeating: kind == .failLater ? "error" : "completed", count: made))
    }

    @Test(arguments: Fault.Kind.allCases)
    func onARead(kind: Fault.Kind) async throws {
        let cloud = try FaultTests.cloud([Fault(kind, on: "*", count: 3)])
        let reply = try await cloud.describeInstances(DescribeInstancesRequest(), in: home)
        #expect(reply.reservations?.count == 3)
        #expect(await cloud.log.count == (kind == .failLater ? 1 : 4))
        #expect(await cloud.log.allSatisfy { !$0.mutating })
    }

    @Test func everySingleOneGivesUpInTheEnd() async throws {
        let cloud = try FaultTests.cloud([Fault(.throttle, on: "*", count: 1000)])
        let error = await FaultTests.create(cloud)
        #expect(error?.code == "RequestLimitExceeded")
        #expect(error?.fate == .notPerformed)
        #expect(await cloud.log.count == 8)
    }

    @Test func skipServiceAndRegionSelect() async throws {
        let faults = [
            Fault(.dropBefore, on: "CopySnapshot", service: .lightsail),
            Fault(.dropBefore, on: "CreateSnapshots", region: remote),
            Fault(.internal, on: "CreateSnapshots", skip: 1),
        ]
        let cloud = try FaultTests.cloud(faults)
        #expect(await FaultTests.create(cloud) == nil)
        let other = createRequest("i-a")
        let error = await #expect(throws: AWSError.self) { try await cloud.createSnapshots(other, in: home) }
        #expect(error?.code == "InternalError")
        #expect(await cloud.world.faults == Array(faults.prefix(2)))
    }

    @Test func theLogSaysWhatWasAsked() async throws {
        let cloud = try FaultTests.cloud([])
        _ = await FaultTests.create(cloud)
        _ = try await cloud.getCallerIdentity(in: home)
        _ = try? await cloud.deleteInstanceSnapshot(InstanceSnapshotNameRequest(instanceSnapshotName: "x"), in: remote)
        let log = await cloud.log
        #expect(log.map(\.operation) == ["CreateSnapshots", "GetCallerIdentity", "DeleteInstanceSnapshot"])
        #expect(log.map(\.service) == ["ec2", "sts", "lightsail"])
        #expect(log.map(\.region) == ["us-east-1", "us-east-1", "eu-west-1"])
        #expect(log.map(\.mutating) == [true, false, true])
        #expect(log.map(\.outcome) == ["ok", "ok", "NotFoundException"])
        #expect(log.allSatisfy { $0.time == "2026-11-20T02:00:00Z" && $0.digest.count == 16 })
        #expect(Set(log.map(\.digest)).count == 3)
    }

    @Test func anEncryptedSourceIsPresignedAsTheClientDoes() async throws {
        let cloud = try FaultTests.cloud([])
        let seed = #"{"snapshots": [{"id": "snap-e", "volume": "vol-e", "start": "-1d", "encrypted": true}]}"#
        let planted = await cloud.change { world in
            Result { try world.plant(StrictJSON.seed(Array(seed.utf8)), now: start) }
        }
        try planted.get()
        let request = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: "snap-e")
        let id = try await cloud.copySnapshot(request, in: remote).snapshotId
        #expect(try await cloud.world.snapshot(id, in: remote, now: at(200)).state == "completed")
    }
}
