package import AWS

/// A Lightsail instance; its system disk is made from the bundle.
package struct LightsailInstanceSeed: Codable, Sendable {
    package struct Disk: Codable, Sendable {
        package var name: String
        package var path: String
        package var size: Int
        package var tags: [String: String]?
    }

    package var region: String?
    package var name: String
    package var uuid: String?
    package var tags: [String: String]?
    package var bundle: String?
    package var blueprint: String?
    /// Attached block storage disks, which are disks of their own besides.
    package var disks: [Disk]?
    package var autoSnapshots: [AutoSnapshotSeed]?
    /// `06:00`: automatic snapshots are on, at that whole hour UTC.
    package var automatic: String?
    /// The firewall: SSH and HTTP from anywhere if not given.
    package var ports: [LightsailPort]?
    /// The default one if not given.
    package var keyPair: String?
    /// `dualstack` if not given.
    package var ipAddressType: String?
    package var stopOnIdle: LightsailAddOnRequest.StopInstanceOnIdle?
    /// `a`, `b` or `c`; `a` if not given.
    package var zone: String?

    enum CodingKeys: String, CodingKey {
        case region, name, uuid, tags, bundle, blueprint, disks
        case autoSnapshots = "auto-snapshots"
        case automatic, ports
        case keyPair = "key-pair"
        case ipAddressType = "ip-address-type"
        case stopOnIdle = "stop-on-idle"
        case zone
    }
}

/// A static address of Lightsail.
package struct LightsailStaticIPSeed: Codable, Sendable {
    package var region: String?
    package var name: String
    package var address: String?
    /// The instance that has it.
    package var attachedTo: String?

    enum CodingKeys: String, CodingKey {
        case region, name, address
        case attachedTo = "attached-to"
    }
}

/// A key pair of Lightsail.
package struct LightsailKeyPairSeed: Codable, Sendable {
    package var region: String?
    package var name: String
}

/// An automatic snapshot that is there already, or that is to be otherwise than it would come by itself.
package struct AutoSnapshotSeed: Codable, Sendable {
    /// `2026-11-20`.
    package var date: String
    /// `Success` if not given; or `Failed`, `InProgress`, `NotFound`.
    package var status: String?
    /// 06:20 of its date if not given.
    package var created: String?

    package init(date: String, status: String?) {
        self.date = date
        self.status = status
    }
}

/// A Lightsail disk that no instance has attached.
package struct LightsailDiskSeed: Codable, Sendable {
    package var region: String?
    package var name: String
    package var uuid: String?
    package var tags: [String: String]?
    /// GiB; 32 if not given.
    package var size: Int?
    package var autoSnapshots: [AutoSnapshotSeed]?
    package var automatic: String?

    enum CodingKeys: String, CodingKey {
        case region, name, uuid, tags, size
        case autoSnapshots = "auto-snapshots"
        case automatic
    }
}

/// A Lightsail managed database.
package struct LightsailDatabaseSeed: Codable, Sendable {
    package var region: String?
    package var name: String
    package var uuid: String?
    package var tags: [String: String]?
    /// GiB; 40 if not given.
    package var size: Int?
    /// `available` if not given.
    package var state: String?
}

/// A manual Lightsail snapshot that is there already, of whatever `from` is.
package struct LightsailSnapshotSeed: Codable, Sendable {
    package var region: String?
    package var name: String
    /// The name of an instance, disk or database, or its ARN if it is in another region or gone.
    package var from: String
    package var created: String
    package var tags: [String: String]?
    /// `available` (if not given; of a disk too), `pending` or `error`.
    package var state: String?
}
