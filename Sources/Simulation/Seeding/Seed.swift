/// What a world begins with, as JSON: instances and, if wanted, snapshots that are there already.
///
/// An entry without `region` lies in the first of `regions`, or of the world's where the seed names none. Times are RFC 3339, or relative to the moment of seeding
/// as `-90s`, `-15m`, `-26h`, `+3d`. Keys that are not known are refused, so that a typing error is not overlooked.
package struct Seed: Codable, Sendable {
    package var account: String?
    /// What other accounts begin with, by their twelve digits; settings of the whole world are not read there.
    package var accounts: [String: Seed]?
    package var regions: [String]?
    package var timings: Timings?
    /// The public address of every instance that is made, so that something can answer there; else one that nobody has.
    package var instanceAddress: String?
    package var badKeys: [String]?
    package var denied: [String]?
    package var roles: [RoleSeed]?
    package var ec2Instances: [EC2InstanceSeed]?
    package var ec2Volumes: [EC2VolumeSeed]?
    package var lightsailInstances: [LightsailInstanceSeed]?
    package var lightsailDisks: [LightsailDiskSeed]?
    package var lightsailDatabases: [LightsailDatabaseSeed]?
    package var lightsailStaticIPs: [LightsailStaticIPSeed]?
    package var lightsailKeyPairs: [LightsailKeyPairSeed]?
    package var snapshots: [SnapshotSeed]?
    package var images: [ImageSeed]?
    package var lightsailSnapshots: [LightsailSnapshotSeed]?

    package init() {}

    enum CodingKeys: String, CodingKey {
        case account, accounts, regions, timings
        case instanceAddress = "instance-address"
        case badKeys = "bad-keys"
        case denied, roles
        case ec2Instances = "ec2-instances"
        case ec2Volumes = "ec2-volumes"
        case lightsailInstances = "lightsail-instances"
        case lightsailDisks = "lightsail-disks"
        case lightsailDatabases = "lightsail-databases"
        case lightsailStaticIPs = "lightsail-static-ips"
        case lightsailKeyPairs = "lightsail-key-pairs"
        case snapshots, images
        case lightsailSnapshots = "lightsail-snapshots"
    }
}

/// A role that can be taken on.
package struct RoleSeed: Codable, Sendable {
    package var arn: String
    /// Without it, none is asked for.
    package var externalID: String?
    /// Of its longest session; 3600 if not given.
    package var longestSeconds: Int?
    /// The token by which a web identity, and nobody else, takes it on.
    package var webIdentityToken: String?

    enum CodingKeys: String, CodingKey {
        case arn
        case externalID = "external-id"
        case longestSeconds = "longest-seconds"
        case webIdentityToken = "web-identity-token"
    }
}

/// An EC2 instance with its volumes.
package struct EC2InstanceSeed: Codable, Sendable {
    package var region: String?
    package var id: String
    /// Becomes the tag `Name`.
    package var name: String?
    package var tags: [String: String]?
    /// `running` if not given.
    package var state: String?
    package var outpost: String?
    package var localZone: String?
    /// `a`, `b` or `c`; `a` if not given.
    package var zone: String?
    /// `m7i.large` if not given.
    package var type: String?
    /// `x86_64` if not given.
    package var architecture: String?
    package var keyName: String?
    package var subnet: String?
    package var securityGroups: [String]?
    /// An instance profile's ARN.
    package var profile: String?
    /// `Linux/UNIX` if not given.
    package var platform: String?
    package var bootMode: String?
    package var tpmSupport: String?
    package var uefiData: String?
    package var volumes: [VolumeSeed]?

    enum CodingKeys: String, CodingKey {
        case region, id, name, tags, state, outpost
        case localZone = "local-zone"
        case zone, type, architecture
        case keyName = "key-name"
        case subnet
        case securityGroups = "security-groups"
        case profile, platform
        case bootMode = "boot-mode"
        case tpmSupport = "tpm-support"
        case uefiData = "uefi-data"
        case volumes
    }
}

/// A volume of an instance.
package struct VolumeSeed: Codable, Sendable {
    package var id: String
    package var device: String
    package var boot: Bool?
    /// GiB; 8 if not given.
    package var size: Int?
    /// `gp3` if not given.
    package var type: String?
    package var tags: [String: String]?
    package var encrypted: Bool?
    package var kmsKey: String?
    package var iops: Int?
    package var throughput: Int?

    enum CodingKeys: String, CodingKey {
        case id, device, boot, size, type, tags, encrypted, iops, throughput
        case kmsKey = "kms-key"
    }
}

/// A volume that no instance has attached.
package struct EC2VolumeSeed: Codable, Sendable {
    package var region: String?
    package var id: String
    /// Becomes the tag `Name`.
    package var name: String?
    package var tags: [String: String]?
    /// GiB; 8 if not given.
    package var size: Int?
    /// `gp3` if not given.
    package var type: String?
    package var encrypted: Bool?
    package var kmsKey: String?

    enum CodingKeys: String, CodingKey {
        case region, id, name, tags, size, type, encrypted
        case kmsKey = "kms-key"
    }
}

/// An EBS snapshot that is there already.
package struct SnapshotSeed: Codable, Sendable {
    package var region: String?
    package var id: String?
    package var tags: [String: String]?
    package var description: String?
    /// The volume's id; a copy has `vol-ffffffff`.
    package var volume: String
    package var start: String
    /// `completed` (if not given), `pending` or `error`.
    package var state: String?
    package var size: Int?
    package var encrypted: Bool?
    package var kmsKey: String?
    /// Another account's, shared with us, if not our own.
    package var owner: String?
    package var locked: LockSeed?

    enum CodingKeys: String, CodingKey {
        case region, id, tags, description, volume, start, state, size, encrypted
        case kmsKey = "kms-key"
        case owner, locked
    }
}

/// A lock on a snapshot, set at the moment of seeding.
package struct LockSeed: Codable, Sendable {
    /// `governance` or `compliance`.
    package var mode: String
    /// When it expires; left out, AWS does not say.
    package var until: String?
    /// Of compliance mode: how long it can still be taken off.
    package var coolOffHours: Int?

    enum CodingKeys: String, CodingKey {
        case mode, until
        case coolOffHours = "cool-off-hours"
    }
}

/// An AMI and the snapshots it uses, which must be there.
package struct ImageSeed: Codable, Sendable {
    package var region: String?
    package var id: String
    /// The id if not given.
    package var name: String?
    package var snapshots: [String]
    /// Another account's, which it made from what we shared, if not our own.
    package var owner: String?
    /// `available` (if not given) or `disabled`.
    package var state: String?
}

/// What is wrong with a seed, a change or a fault, and where.
package struct SeedError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
