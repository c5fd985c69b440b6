import AWS
import BackupCore
import Simulation
import Testing

let home = Region("us-east-1")
let remote = Region("eu-west-1")

/// 2026-11-20T02:00:00Z.
let start = Moment(seconds: 1_795_140_000)

func at(_ seconds: Int64) -> Moment { start + .seconds(seconds) }

/// Two instances at home; snapshots take 100 s and copies 200 s.
let sampleSeed = """
    {
      "regions": ["us-east-1", "eu-west-1"],
      "timings": {"snapshot-seconds": 100, "copy-seconds": 200},
      "bad-keys": ["key-bad"],
      "ec2-instances": [
        {"id": "i-a", "name": "web", "tags": {"env": "prod"}, "volumes": [
          {"id": "vol-root", "device": "/dev/xvda", "boot": true, "size": 8, "tags": {"disk": "root", "aws:x": "1"}},
          {"id": "vol-data", "device": "/dev/sdf", "size": 20, "type": "st1", "tags": {"disk": "data"}},
          {"id": "vol-safe", "device": "/dev/sdg", "size": 30, "encrypted": true, "kms-key": "key-home"}]},
        {"id": "i-b", "state": "stopped", "volumes": [{"id": "vol-b", "device": "/dev/xvda", "boot": true}]},
        {"id": "i-gone", "state": "terminated"}
      ],
      "lightsail-instances": [
        {"name": "blog", "uuid": "u-blog", "tags": {"env": "prod"},
         "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32}],
         "auto-snapshots": [{"date": "2026-11-18"}, {"date": "2026-11-19"}, {"date": "2026-11-20", "status": "Failed"}]},
        {"name": "busy", "uuid": "u-busy", "auto-snapshots": [{"date": "2026-11-20", "status": "InProgress"}]}
      ]
    }
    """

func sampleWorld(_ change: (inout World) -> Void = { _ in }) throws -> World {
    var world = try World(StrictJSON.seed(Array(sampleSeed.utf8)), now: start)
    change(&world)
    return world
}

func createRequest(
    _ instance: String = "i-a", excluding: [String]? = nil, boot: Bool? = nil, tags: [EC2Tag] = [],
    _ change: (inout CreateSnapshotsRequest) -> Void = { _ in }
) -> CreateSnapshotsRequest {
    var request = CreateSnapshotsRequest(
        instanceSpecification: InstanceSpecification(
            instanceId: instance, excludeBootVolume: boot, excludeDataVolumeIds: excluding))
    if !tags.isEmpty { request.tagSpecifications = [TagSpecification(resourceType: "snapshot", tags: tags)] }
    change(&request)
    return request
}

/// `code: message` of what the body throws; nil if it throws nothing.
func refusal(_ body: () throws(AWSError) -> Void) -> String? {
    do throws(AWSError) {
        try body()
        return nil
    } catch {
        return "\(error.code): \(error.message)"
    }
}

/// The code alone.
func code(_ body: () throws(AWSError) -> Void) -> String? {
    do throws(AWSError) {
        try body()
        return nil
    } catch {
        return error.code
    }
}

extension World {
    /// A snapshot of `vol-b`, which must be alone on its instance.
    mutating func snapshotOfB(now: Moment) throws -> String {
        try #require(createSnapshots(createRequest("i-b"), in: home, now: now).snapshots.first).snapshotId
    }

    func snapshot(_ id: String, in region: Region, now: Moment) throws -> EC2Snapshot {
        let request = DescribeSnapshotsRequest(snapshotIds: [id])
        return try #require(describeSnapshots(request, in: region, now: now).snapshots.first)
    }
}

func image(_ json: String) throws -> ImageSeed { try JSONText.read(ImageSeed.self, from: Array(json.utf8)) }
func lock(_ json: String) throws -> LockSeed { try JSONText.read(LockSeed.self, from: Array(json.utf8)) }

/// A clock that stands still.
struct FixedClock: WallClock {
    var now: Moment
    func sleep(until moment: Moment) async throws(CancellationError) {}
}
