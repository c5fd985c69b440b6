import BackupConfig
import BackupCore
import Testing

/// Where what no snapshot holds is put down.
@Suite struct SidecarConfigTests {
    private func reading(_ text: String) -> (bucket: SidecarBucket?, problems: [String]) {
        let reading = ConfigurationFile.read(ConfigurationTests.minimal + "\nsidecar: \(text)", file: "c.yaml")
        return (reading.configuration?.sidecarBucket, reading.problems.map(\.description))
    }

    @Test(arguments: [
        ("s3://dr-records", "dr-records", "", "acme/s.json"), ("s3://a1.b/x", "a1.b", "x", "x/acme/s.json"),
        ("s3://abc/x/Y_z.1", "abc", "x/Y_z.1", "x/Y_z.1/acme/s.json"),
    ])
    func buckets(text: String, name: String, prefix: String, key: String) throws {
        let reading = reading(text)
        #expect(reading.problems == [])
        let bucket = try #require(reading.bucket)
        #expect(bucket.name == name && bucket.prefix == prefix)
        #expect(bucket.key(of: SetID("s"), FleetName("acme")) == key)
    }

    @Test(arguments: [
        ("dr-records", "expected a bucket"), ("https://dr-records", "expected a bucket"),
        ("s3://ab", "is no bucket's name"), ("s3://", "is no bucket's name"), ("s3://Records", "is no bucket's name"),
        ("s3://-records", "is no bucket's name"), ("s3://re..cords", "is no bucket's name"),
        ("s3://records/", ""), ("s3://records//x", "cannot begin"), ("s3://records/x/", "cannot begin"),
        ("s3://records/..", "cannot begin"), ("s3://records/x y", "cannot begin"), ("s3://records/ä", "cannot begin"),
    ])
    func badBuckets(text: String, problem: String) throws {
        let problems = reading("\"\(text)\"").problems
        guard !problem.isEmpty else {
            #expect(problems == [], "a slash alone is no prefix")
            return
        }
        #expect(problems.count == 1)
        let found = try #require(problems.first)
        #expect(found.hasPrefix("c.yaml:7:11: sidecar: ") && found.contains(problem), "\(found)")
    }
}
