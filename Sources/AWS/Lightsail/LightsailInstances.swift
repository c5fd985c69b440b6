/// One page of GetInstances.
package struct GetInstancesReply: Codable, Sendable, Equatable {
    package var instances: [LightsailInstance]?
    package var nextPageToken: String?

    package init(instances: [LightsailInstance]?, nextPageToken: String? = nil) {
        self.instances = instances
        self.nextPageToken = nextPageToken
    }
}

/// A Lightsail instance.
///
/// Its identity is the UUID at the end of its ARN: a name can be given again.
package struct LightsailInstance: Codable, Sendable, Equatable {
    package struct State: Codable, Sendable, Equatable {
        package var code: Int?
        package var name: String?
        package init(code: Int?, name: String?) {
            self.code = code
            self.name = name
        }
    }

    package struct Hardware: Codable, Sendable, Equatable {
        package var cpuCount: Int?
        package var disks: [LightsailDisk]?
        package var ramSizeInGb: Double?
        package init(cpuCount: Int?, disks: [LightsailDisk]?, ramSizeInGb: Double?) {
            self.cpuCount = cpuCount
            self.disks = disks
            self.ramSizeInGb = ramSizeInGb
        }
    }

    package struct Networking: Codable, Sendable, Equatable {
        package var ports: [LightsailPort]?
        package init(ports: [LightsailPort]?) { self.ports = ports }
    }

    package var name: String
    package var arn: String
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var tags: [LightsailTag]?
    package var addOns: [LightsailAddOn]?
    package var blueprintId: String?
    package var bundleId: String?
    package var state: State?
    package var hardware: Hardware?
    package var networking: Networking?
    package var isStaticIp: Bool?
    package var privateIpAddress: String?
    package var publicIpAddress: String?
    package var ipv6Addresses: [String]?
    /// `dualstack`, `ipv4` or `ipv6`.
    package var ipAddressType: String?
    package var username: String?
    package var sshKeyName: String?

    package init(name: String, arn: String) {
        self.name = name
        self.arn = arn
    }
}

/// A disk, as GetDisks, an instance's hardware and a snapshot's `fromAttachedDisks` list it.
package struct LightsailDisk: Codable, Sendable, Equatable {
    package var name: String?
    package var arn: String?
    package var supportCode: String?
    package var createdAt: EpochTime?
    package var location: LightsailLocation?
    package var resourceType: String?
    package var tags: [LightsailTag]?
    package var addOns: [LightsailAddOn]?
    package var sizeInGb: Int?
    package var isSystemDisk: Bool?
    package var iops: Int?
    package var path: String?
    package var state: String?
    package var attachedTo: String?
    package var isAttached: Bool?
    package var attachmentState: String?
    package var gbInUse: Int?
    package var autoMountStatus: String?

    package init(name: String?, path: String?, sizeInGb: Int?, isSystemDisk: Bool?) {
        self.name = name
        self.path = path
        self.sizeInGb = sizeInGb
        self.isSystemDisk = isSystemDisk
    }
}
