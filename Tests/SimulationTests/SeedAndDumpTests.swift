import AWS
import BackupCore
import Simulation
import Testing

@Suite struct SeedAndDumpTests {
    private static func message(_ seed: String) -> String? {
        do throws(SeedError) {
            _ = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        arguments: [
            ("empty", "{}", nil),
            ("a null is nothing", #"{"ec2-instances": null}"#, nil),
            ("unknown key", #"{"ec2-instance": []}"#, #""ec2-instance" is not known here"#),
            (
                "unknown key inside",
                #"{"ec2-instances": [{"id": "i-1", "volumes": [{"id": "vol-1", "device": "d", "sise": 1}]}]}"#,
                #""ec2-instances.0.volumes.0.sise" is not known here"#
            ),
            ("unknown timing", #"{"timings": {"copy-second": 1}}"#, #""timings.copy-second" is not known here"#),
            ("no id", #"{"ec2-instances": [{}]}"#, #"ec2-instances.0: "id" is missing"#),
            ("wrong id", #"{"ec2-instances": [{"id": "web"}]}"#, "web: an instance's id begins with i-"),
            ("twice", #"{"ec2-instances": [{"id": "i-1"}, {"id": "i-1"}]}"#, "i-1 is there twice"),
            (
                "state", #"{"ec2-instances": [{"id": "i-1", "state": "asleep"}]}"#,
                #"i-1: no instance is ever in state "asleep""#
            ),
            (
                "region", #"{"ec2-instances": [{"id": "i-1", "region": "mars-1"}]}"#,
                #"i-1: region mars-1 is not among "regions""#
            ),
            (
                "time", #"{"snapshots": [{"volume": "vol-1", "start": "yesterday"}]}"#,
                #""yesterday" is no time: write 2026-11-20T02:00:00Z, or -26h for 26 hours ago"#
            ),
            (
                "snapshot's state", #"{"snapshots": [{"volume": "vol-1", "start": "-1d", "state": "available"}]}"#,
                #"a snapshot's state is completed, pending or error, not "available""#
            ),
            (
                "name taken",
                #"{"lightsail-instances": [{"name": "a1"}], "lightsail-snapshots": [{"name": "a1", "from": "a1", "created": "-1d"}]}"#,
                "a1 is there twice"
            ),
        ] as [(String, String, String?)])
    func seeds(name: String, seed: String, expected: String?) {
        #expect(SeedAndDumpTests.message(seed) == expected)
    }

    @Test(arguments: [
        ("-90s", -90), ("-15m", -900), ("-26h", -93_600), ("-3d", -259_200), ("2026-11-20T01:59:59Z", -1),
    ])
    func times(text: String, seconds: Int64) throws {
        let seed = #"{"snapshots": [{"id": "snap-1", "volume": "vol-1", "start": "\#(text)"}]}"#
        let world = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
        let shown = try world.snapshot("snap-1", in: home, now: start)
        #expect(shown.startTime == ISOTime(at(seconds)))
        #expect(shown.state == "completed")
    }

    @Test func lightsailSnapshotsKnowTheirInstance() throws {
        let seed = """
            {"regions": ["us-east-1", "eu-west-1"],
             "lightsail-instances": [{"name": "blog", "uuid": "u-1"}],
             "lightsail-snapshots": [
               {"name": "home-1", "from": "blog", "created": "-1d"},
               {"name": "dr-1", "region": "eu-west-1", "created": "-1d", "state": "error",
                "from": "arn:aws:lightsail:us-east-1:123456789012:Instance/u-1"}]}
            """
        let world = try World(StrictJSON.seed(Array(seed.utf8)), now: start)
        for (region, name, state) in [(home, "home-1", "available"), (remote, "dr-1", "error")] {
            let shown = try world.getInstanceSnapshot(
                InstanceSnapshotNameRequest(instanceSnapshotName: name), in: region, now: start)
            #expect(shown.instanceSnapshot?.fromInstanceArn == "arn:aws:lightsail:us-east-1:123456789012:Instance/u-1")
            #expect(shown.instanceSnapshot?.fromInstanceName == "blog")
            #expect(shown.instanceSnapshot?.state == state)
        }
    }

    @Test func aChangeIsMadeWholeOrNotAtAll() throws {
        var world = try sampleWorld()
        let change = try StrictJSON.change(
            Array(#"{"terminate": ["i-a", "nobody"], "timings": {"copy-seconds": 7}}"#.utf8))
        let error = #expect(throws: SeedError.self) { try world.apply(change, now: start) }
        #expect(error?.description == "there is no nobody in this world")
        #expect(world.timings.copySeconds == 200)
        #expect(world.dump(now: start) == (try sampleWorld().dump(now: start)))
    }

    @Test func faultsAreRead() throws {
        let text =
            #"[{"operation": "CreateSnapshots", "kind": "dropAfter"}, {"operation": "*", "region": "eu-west-1", "kind": "throttle", "skip": 2, "count": 3}]"#
        #expect(
            try StrictJSON.faults(Array(text.utf8)) == [
                Fault(.dropAfter, on: "CreateSnapshots"), Fault(.throttle, on: "*", region: remote, skip: 2, count: 3),
            ])
        #expect(throws: SeedError.self) { try StrictJSON.faults(Array(#"[{"operation": "*", "kind": "flood"}]"#.utf8)) }
    }

    /// The same work with other ids and other times: a set at home, a copy of it, a deleted source.
    private static func worked(number: UInt64, from moment: Moment, nonce: String, deleting: Bool = true) throws
        -> World
    {
        var world = try World(StrictJSON.seed(Array(sampleSeed.utf8)), now: moment, number: number)
        let tags = [EC2Tag(key: "snapwarden:set", value: nonce), EC2Tag(key: "snapwarden:slot", value: "s")]
        let id = try #require(
            world.createSnapshots(createRequest("i-b", tags: tags), in: home, now: moment).snapshots.first
        ).snapshotId
        var copy = CopySnapshotRequest(sourceRegion: "us-east-1", sourceSnapshotId: id)
        copy.tagSpecifications = [
            TagSpecification(
                resourceType: "snapshot",
                tags: [
                    EC2Tag(key: "snapwarden:source", value: "us-east-1/\(id)"),
                    EC2Tag(key: "snapwarden:taken", value: moment.description),
                ])
        ]
        _ = try world.copySnapshot(copy, in: remote, now: moment + .seconds(100))
        if deleting {
            _ = try world.deleteSnapshot(
                DeleteSnapshotRequest(snapshotId: id), in: home, now: moment + .seconds(200))
        }
        return world
    }

    @Test func twoRunsGiveTheSamePlainDump() throws {
        let one = try SeedAndDumpTests.worked(number: 1, from: start, nonce: "n1")
        let two = try SeedAndDumpTests.worked(number: 2, from: at(77), nonce: "n2")
        #expect(one.dump(.plain, now: at(1000)) == two.dump(.plain, now: at(1000)))
        #expect(one.dump(.full, now: at(1000)) != two.dump(.full, now: at(1000)))
        let copy = try #require(one.dump(.plain, now: at(1000)).regions.first?.snapshots.first)
        #expect(copy.source == "us-east-1/snapshot of vol-b")
        #expect(copy.tags == ["snapwarden:source": "us-east-1/snapshot of vol-b", "snapwarden:taken": "*"])
        #expect(copy.id == nil && copy.start == nil && copy.progress == nil)
    }

    @Test func otherWorkGivesAnotherDump() throws {
        let one = try SeedAndDumpTests.worked(number: 1, from: start, nonce: "n")
        let two = try SeedAndDumpTests.worked(number: 1, from: start, nonce: "n", deleting: false)
        #expect(one.dump(.plain, now: at(1000)) != two.dump(.plain, now: at(1000)))
        let early = one.dump(.plain, now: at(150))
        #expect(early != one.dump(.plain, now: at(1000)))
    }

    @Test func theSameNumberGivesTheSameIds() throws {
        let one = try SeedAndDumpTests.worked(number: 5, from: start, nonce: "n")
        let two = try SeedAndDumpTests.worked(number: 5, from: start, nonce: "n")
        #expect(one.dump(now: at(1000)).json == two.dump(now: at(1000)).json)
    }

    @Test func splitMix() {
        var generator = SplitMix64(seed: 1_234_567)
        let first = (0..<3).map { _ in generator.next() }
        #expect(first == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
        let uuid = Array(generator.uuid())
        #expect(uuid.count == 36)
        #expect(uuid[14] == "4")
        #expect("89ab".contains(uuid[19]))
    }
}
