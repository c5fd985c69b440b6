import BackupCore
import Testing

@Suite struct PartitionTests {
    @Test(arguments: [
        ("us-east-1", "aws"), ("eu-west-9", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-west-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-new-7", "aws-iso-f"), ("eusc-de-east-1", "aws-eusc"), ("nowhere", "aws"), ("", "aws"),
    ])
    func ofRegions(_ region: String, _ partition: String) {
        #expect(Region(region).partition.name == partition)
    }

    @Test func everyRegionIsInTheOneThatListsIt() {
        for partition in Partition.all {
            for region in partition.regions { #expect(Region(region).partition == partition) }
        }
    }
}
