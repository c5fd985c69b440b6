import BackupCore

/// The regions that a config can name.
enum Regions {
    static let known: [String] = Partition.all.flatMap(\.regions)

    /// Where Lightsail is: in one partition, and not in all of its regions.
    ///
    /// Source: botocore's `endpoints.json` (1.43). Lightsail's own model lists us-west-1 as well, where it has no
    /// endpoint.
    static let ofLightsail: [String] = [
        "us-east-1", "us-east-2", "us-west-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
        "eu-west-3", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
        "ap-southeast-3", "ap-southeast-5",
    ]
}
