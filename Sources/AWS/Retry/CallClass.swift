/// Calls that AWS counts together, and how many of them it takes.
package enum CallClass: String, Sendable, CaseIterable {
    case ec2Reads = "ec2-reads"
    case ec2SnapshotWrites = "ec2-snapshot-writes"
    case ec2OtherWrites = "ec2-other-writes"
    case ec2TagWrites = "ec2-tag-writes"
    case lightsailReads = "lightsail-reads"
    case lightsailWrites = "lightsail-writes"
    /// STS, and KMS, which is asked as rarely.
    case sts
    case s3

    /// How many calls at once, and how many a second in the long run, in one account and region.
    ///
    ///                          at once   a second   source
    ///     ec2-reads              100        20      EC2 developer guide, "Request throttling", reads with filter or pages
    ///     ec2-snapshot-writes    100         5      the same: CreateSnapshots, DeleteSnapshot, ModifySnapshotAttribute
    ///     ec2-other-writes        50         5      the same: CopySnapshot and other writes without a row of their own
    ///     ec2-tag-writes         100        10      the same: CreateTags, DeleteTags
    ///     lightsail-reads         50        10      ours: AWS publishes none for Lightsail
    ///     lightsail-writes        20         5      ours
    ///     sts                    100        20      ours: far below what STS takes
    ///     s3                     100        20      ours: far below what S3 takes of one prefix
    package var published: (atOnce: Double, aSecond: Double) {
        switch self {
        case .ec2Reads, .sts, .s3: (100, 20)
        case .ec2SnapshotWrites: (100, 5)
        case .ec2OtherWrites: (50, 5)
        case .ec2TagWrites: (100, 10)
        case .lightsailReads: (50, 10)
        case .lightsailWrites: (20, 5)
        }
    }
}

extension Operation {
    /// What AWS counts this call with.
    package var callClass: CallClass {
        switch service {
        case .sts, .kms, .sns: .sts
        case .s3: .s3
        case .lightsail: isRead ? .lightsailReads : .lightsailWrites
        case .ec2 where isRead: .ec2Reads
        case .ec2:
            switch name {
            case "CreateSnapshots", "CreateSnapshot", "DeleteSnapshot", "CreateVolume", "ModifySnapshotAttribute":
                .ec2SnapshotWrites
            case "CreateTags", "DeleteTags": .ec2TagWrites
            default: .ec2OtherWrites
            }
        }
    }

    /// AWS names what changes nothing Describe…, Get… or List….
    private var isRead: Bool { ["Describe", "Get", "List"].contains { name.hasPrefix($0) } }

    /// Of two that wait for the same tokens, what protects goes before what deletes.
    var mayStandAside: Bool { name.hasPrefix("Delete") }
}
