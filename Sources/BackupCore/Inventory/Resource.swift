/// Something a policy can protect, as AWS describes it now.
package struct Resource: Sendable, Equatable {
    package var id: ResourceID
    package var provider: Provider
    package var region: Region
    /// The Name tag of an EC2 instance; a Lightsail instance's name.
    package var name: String?
    /// The whole ARN of a Lightsail instance: its identity in our names.
    ///
    /// Nil for EC2.
    package var arn: String?
    package var tags: [String: String]
    /// The attached volumes of an EC2 instance; for Lightsail empty, as its snapshots hold the disks in one.
    package var volumes: [AttachedVolume]
    /// The state in the provider's word, such as `running` or `stopped`.
    package var state: String

    package init(
        id: ResourceID, provider: Provider, region: Region, name: String? = nil, arn: String? = nil,
        tags: [String: String] = [:], volumes: [AttachedVolume] = [], state: String = "running"
    ) {
        self.id = id
        self.provider = provider
        self.region = region
        self.name = name
        self.arn = arn
        self.tags = tags
        self.volumes = volumes
        self.state = state
    }

    package var place: Place { Place(provider, region) }

    /// Where each attached volume is attached.
    package var devices: [VolumeID: String] {
        Dictionary(volumes.map { ($0.id, $0.device) }, uniquingKeysWith: { first, _ in first })
    }

    /// What a person calls it: the name with the id, or the id alone.
    package var title: String { name.map { "\($0) (\(id))" } ?? id.rawValue }
}

/// An EBS volume attached to an instance.
package struct AttachedVolume: Sendable, Equatable {
    package var id: VolumeID
    package var device: String
    package var isBoot: Bool
    /// Read only where a policy excludes volumes by tag, else empty.
    package var tags: [String: String]
    /// Throughput-optimised and cold disks (`st1`, `sc1`), of which AWS snapshots one at a time.
    package var isMagnetic: Bool

    package init(
        id: VolumeID, device: String, isBoot: Bool, tags: [String: String] = [:], isMagnetic: Bool = false
    ) {
        self.id = id
        self.device = device
        self.isBoot = isBoot
        self.tags = tags
        self.isMagnetic = isMagnetic
    }

    /// How many snapshots of it may be under way at once (EBS quotas).
    var pendingLimit: Int { isMagnetic ? 1 : 5 }
}
