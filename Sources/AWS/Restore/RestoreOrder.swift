/// What a person asks of a restore besides the point; nil or empty where the original's is to be taken, or what fits.
///
/// The parameters of the AWS calls bear their names there in the comments.
package struct RestoreOrder: Sendable, Equatable {
    /// What becomes of the snapshots of an EC2 instance.
    package enum Aim: Sendable, Equatable {
        case volumesOnly
        /// To an instance that is there.
        case attach(to: String)
        case newInstance
        case replaceRootVolume(of: String)
    }

    /// `instanceNames`, `diskName`, `relationalDatabaseName`, the tag `Name`: several for Lightsail's instances alone.
    package var names: [String] = []
    /// What whatever is made is marked with in the point's stead: a drill's own mark.
    package var mark: String?
    /// `availabilityZone`.
    package var zone: String?
    /// Besides the original's and ours.
    package var tags: [String: String] = [:]
    /// Whether the original's tags come too.
    package var takesTags = true
    /// The original device or path of a volume or disk, and what it becomes: in EC2 the new device, in Lightsail the new disk's
    /// name (`attachedDiskMapping`).
    package var disks: [String: String] = [:]
    /// `keyPairName`, `KeyName`.
    package var keyPair: String?
    /// `userData`: as it is, not in Base64; for Lightsail a text.
    package var userData: [UInt8]?
    /// Nil where what was asked for says it; needed for what can become several things.
    package var aim: Aim?
    package var lightsail = Lightsail()
    package var ec2 = EC2()

    /// For Lightsail alone.
    package struct Lightsail: Sendable, Equatable {
        /// `bundleId`.
        package var bundle: String?
        /// `addOns`; nil takes the original's.
        package var addOns: [LightsailAddOnRequest]?
        /// `ipAddressType`.
        package var addressType: String?
        /// The static address that the new instance is to have (AttachStaticIp).
        package var staticIP: String?
        /// `useLatestRestorableAutoSnapshot`, whatever the date of the point is.
        package var takesLatestAutomatic = false
        /// GiB of a disk that is made larger than it was (`sizeInGb`).
        package var gibibytes: Int?

        package init() {}
    }

    /// For EC2 alone.
    package struct EC2: Sendable, Equatable {
        package var instanceType: String?
        package var subnet: String?
        package var securityGroups: [String] = []
        /// A name or an ARN.
        package var profile: String?
        /// An id or a name, perhaps with `:version`; what it says is not taken from the original.
        package var launchTemplate: String?
        package var volumeType: String?
        package var iops: Int?
        package var throughput: Int?
        package var kmsKey: String?
        /// Takes a set that has lost members for what it is.
        package var takesIncomplete = false
        package var keepsImage = false
        package var deletesReplacedRoot = false

        package init() {}
    }

    package init() {}
}
