import BackupConfig
import BackupCore
import Testing

/// What is where, and what gets where.
@Suite struct PlaceTests {
    private static func config(
        regions: String = "[us-east-1]", kind: String = "ec2-instances", copies: String? = nil
    ) -> String {
        let copies = copies.map { "\n    copies: \($0)" } ?? ""
        return """
            fleet: acme
            policies:
              web:
                regions: \(regions)
                select: { \(kind): { names: ["*"] } }
                schedule: { every: 6h }
            """ + copies
    }

    private static let all =
        "ap-northeast-1, ap-northeast-2, ap-south-1, ap-southeast-1, ap-southeast-2, ap-southeast-3, ap-southeast-5, "
        + "ca-central-1, eu-central-1, eu-north-1, eu-west-1, eu-west-2, eu-west-3, us-east-1, us-east-2, us-west-2"

    @Test(arguments: [
        ("[us-east-1, us-west-1]", "us-west-1 (did you mean \"us-west-2\"?)", 26),
        ("ca-west-1", "ca-west-1", 14), ("[me-south-1]", "me-south-1", 15),
        ("ap-south-2", "ap-south-2 (did you mean \"ap-south-1\"?)", 14),
    ])
    func lightsailIsNotEverywhere(_ regions: String, _ text: String, _ column: Int) {
        for kind in ["lightsail-instances", "lightsail-disks", "lightsail-databases"] {
            let region = text.prefix { $0 != " " }
            #expect(
                problems(PlaceTests.config(regions: regions, kind: kind)) == [
                    "c.yaml:4:\(column): regions: there is no Lightsail in \(text): take \(kind) or \(region) out of this "
                        + "policy; Lightsail is in \(PlaceTests.all)"
                ])
        }
        #expect(problems(PlaceTests.config(regions: regions)) == [])
    }

    @Test func copiesOfLightsailGoWhereItIs() {
        let there = PlaceTests.config(
            kind: "lightsail-disks", copies: "[{ region: eu-west-1 }, { region: eu-south-1 }]")
        #expect(
            problems(there) == [
                "c.yaml:7:47: copies: there is no Lightsail in eu-south-1 (did you mean \"eu-north-1\"?): take "
                    + "lightsail-disks or eu-south-1 out of this policy; Lightsail is in \(PlaceTests.all)"
            ])
    }

    @Test(arguments: [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-iso-east-1", "aws-iso")])
    func lightsailIsInOnePartition(_ region: String, _ partition: String) {
        #expect(
            problems(PlaceTests.config(regions: "[\(region)]", kind: "lightsail-instances")) == [
                "c.yaml:4:15: regions: there is no Lightsail in the partition \(partition), to which \(region) belongs: take "
                    + "lightsail-instances or \(region) out of this policy"
            ])
        #expect(problems(PlaceTests.config(regions: "[\(region)]")) == [])
    }

    @Test func nothingIsCopiedBetweenPartitions() {
        #expect(
            problems(PlaceTests.config(copies: "[{ region: eu-west-1 }, { region: cn-north-1 }]")) == [
                "c.yaml:7:47: copies: AWS copies nothing from us-east-1, which is in the partition aws, to cn-north-1 in "
                    + "aws-cn: name a region of aws"
            ])
        #expect(
            problems(
                PlaceTests.config(regions: "[us-gov-east-1, us-east-1]", copies: "[{ region: us-gov-west-1 }]")) == [
                    "c.yaml:7:24: copies: AWS copies nothing from us-east-1, which is in the partition aws, to "
                        + "us-gov-west-1 in aws-us-gov: make a policy for each partition"
                ])
        #expect(problems(PlaceTests.config(regions: "[cn-north-1]", copies: "[{ region: cn-northwest-1 }]")) == [])
    }

    // MARK: Keys

    private static let id = "1234abcd-12ab-34cd-56ef-1234567890ab"

    @Test(arguments: [
        "alias/dr", "alias/aws/ebs", id, "mrk-1234abcd12ab34cd56ef1234567890ab",
        "arn:aws:kms:eu-west-1:111122223333:key/" + id, "arn:aws:kms:eu-west-1:999999999999:alias/dr",
    ])
    func keysArrive(_ key: String) {
        let text = PlaceTests.config(copies: "[{ region: eu-west-1, kms-key: \"\(key)\" }]")
        let reading = ConfigurationFile.read(text, file: "c.yaml")
        #expect(reading.problems == [])
        #expect(reading.configuration?.policies.first?.copies.first?.kmsKey == key)
    }

    @Test(arguments: [
        (
            "us-east-1", "eu-west-1", "dr",
            "\"dr\" is no key's name: write alias/dr if that is its alias, else its id, such as \(id), or its ARN"
        ),
        (
            "us-east-1", "eu-west-1", "arn:aws:kms:us-east-1:111122223333:key/" + id,
            "\"arn:aws:kms:us-east-1:111122223333:key/\(id)\" is in us-east-1, and copies in eu-west-1 need a key of "
                + "eu-west-1: name one of that region"
        ),
        (
            "cn-north-1", "cn-northwest-1", "arn:aws:kms:cn-northwest-1:111122223333:alias/dr",
            "an ARN of cn-northwest-1 begins with arn:aws-cn:, not with arn:aws:"
        ),
        (
            "us-east-1", "eu-west-1", "alias/aws/s3",
            "alias/aws/s3 is the key of another service: name a key of yours, or alias/aws/ebs"
        ),
        (
            "us-east-1", "eu-west-1",
            "arn:aws:kms:eu-west-1:111122223333:alias/" + String(repeating: "a", count: 240),
            "longer than the 256 characters of a tag, in which copies carry it: leave out the ARN"
        ),
    ])
    func keysThatCopiesCannotBeUnder(_ home: String, _ region: String, _ key: String, _ problem: String) {
        let text = PlaceTests.config(
            regions: "[\(home)]", copies: "[{ region: \(region), kms-key: \"\(key)\" }]")
        let column = 36 + region.count
        #expect(problems(text) == ["c.yaml:7:\(column): kms-key: \(problem)"])
    }
}
