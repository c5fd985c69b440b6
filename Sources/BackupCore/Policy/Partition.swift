/// One of AWS's worlds, which share neither accounts nor keys: nothing is copied out of one into another.
///
/// Source: botocore's `partitions.json` (1.43).
package struct Partition: Hashable, Sendable {
    /// As the names of its resources begin after `arn:`.
    package let name: String
    /// What the names of its services' hosts end in.
    package let domain: String
    /// The same of hosts that answer over IPv6, too; nil where botocore refuses to look for any (`endpoints.json`).
    package let dualStackDomain: String?
    /// Its regions' names without compass point and number: `us-gov` of `us-gov-west-1`.
    private let stems: Set<String>
    /// The regions that are known, the main one first.
    package let regions: [String]

    package static let all: [Partition] = [commercial, china, government, sovereign] + secret

    private static let commercial = Partition(
        name: "aws", domain: "amazonaws.com", dualStackDomain: "api.aws",
        stems: ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
        regions: [
            "us-east-1", "us-east-2", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-east-2",
            "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1",
            "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
            "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
            "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
            "sa-east-1",
        ])
    private static let china = Partition(
        name: "aws-cn", domain: "amazonaws.com.cn", dualStackDomain: "api.amazonwebservices.com.cn", stems: ["cn"],
        regions: ["cn-north-1", "cn-northwest-1"])
    private static let government = Partition(
        name: "aws-us-gov", domain: "amazonaws.com", dualStackDomain: "api.aws", stems: ["us-gov"],
        regions: ["us-gov-west-1", "us-gov-east-1"])
    private static let sovereign = Partition(
        name: "aws-eusc", domain: "amazonaws.eu", dualStackDomain: "api.amazonwebservices.eu", stems: ["eusc-de"],
        regions: ["eusc-de-east-1"])
    private static let secret = [
        Partition(
            name: "aws-iso", domain: "c2s.ic.gov", dualStackDomain: "api.aws.ic.gov", stems: ["us-iso"],
            regions: ["us-iso-east-1", "us-iso-west-1"]),
        Partition(
            name: "aws-iso-b", domain: "sc2s.sgov.gov", dualStackDomain: "api.aws.scloud", stems: ["us-isob"],
            regions: ["us-isob-east-1", "us-isob-west-1"]),
        Partition(
            name: "aws-iso-e", domain: "cloud.adc-e.uk", dualStackDomain: nil, stems: ["eu-isoe"],
            regions: ["eu-isoe-west-1"]),
        Partition(
            name: "aws-iso-f", domain: "csp.hci.ic.gov", dualStackDomain: nil, stems: ["us-isof"],
            regions: ["us-isof-south-1", "us-isof-east-1"]),
    ]

    /// The one of a region, which need not be known: its name tells, and what tells nothing is in `aws`.
    fileprivate static func of(_ region: String) -> Partition {
        let parts = region.split(separator: "-", omittingEmptySubsequences: false)
        let stem = parts.dropLast(2).joined(separator: "-")
        return all.first { $0.stems.contains(stem) } ?? commercial
    }
}

extension Partition: CustomStringConvertible {
    package var description: String { name }
}

extension Region {
    package var partition: Partition { Partition.of(rawValue) }
}
