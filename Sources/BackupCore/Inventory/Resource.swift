/// Something a policy can protect, as AWS describes it now.
package struct Resource: Sendable, Equatable {
    package var id: ResourceID
    package var kind: ResourceKind
    package var site: Site
    /// The Name tag of an EC2 instance or volume; a Lightsail resource's name.
    package var name: String?
    /// The whole ARN of a Lightsail resource: its identity in our names.
    ///
    /// Nil for EC2.
    package var arn: String?
    package var tags: [String: String]
    /// The attached volumes of an EC2 instance, or an EBS volume itself; for Lightsail empty, as its snapshots hold the
    /// disks in one.
    package var volumes: [AttachedVolume]
    /// Of an EBS volume or a Lightsail disk: the instances that it is attached to, by their ids, in Lightsail by name.
    package var attachedTo: Set<String>
    /// Whether Lightsail takes automatic snapshots of it; nil for what has none.
    package var automatic: AutomaticSetting?
    /// The state in the provider's word, such as `running` or `stopped`.
    package var state: String
    /// What no snapshot of it will hold; nil if that was not read.
    package var sidecar: Sidecar?

    package init(
        id: ResourceID, kind: ResourceKind, site: Site, name: String? = nil, arn: String? = nil,
        tags: [String: String] = [:], volumes: [AttachedVolume] = [], attachedTo: Set<String> = [],
        state: String = "running"
    ) {
        self.id = id
        self.kind = kind
        self.site = site
        self.name = name
        self.arn = arn
        self.tags = tags
        self.volumes = volumes
        self.attachedTo = attachedTo
        self.state = state
    }

    package var provider: Provider { kind.provider }
    package var place: Place { Place(provider, site) }

    /// Where each attached volume is attached.
    package var devices: [VolumeID: String] {
        let attached = volumes.filter { !$0.device.isEmpty }
        return Dictionary(attached.map { ($0.id, $0.device) }, uniquingKeysWith: { first, _ in first })
    }

    /// By what the volumes or disks that are attached to it name it; nil if nothing can be attached to it.
    var attachmentName: String? {
        switch kind {
        case .ec2Instance: id.rawValue
        case .lightsailInstance: name
        case .ec2Volume, .lightsailDisk, .lightsailDatabase: nil
        }
    }

    /// What a person calls it: the name with the id, or the id alone.
    package var title: String { name.map { "\($0) (\(id))" } ?? id.rawValue }
}

/// An EBS volume attached to an instance.
package struct AttachedVolume: Sendable, Equatable {
    package var id: VolumeID
    /// Empty for a volume that stands alone.
    package var device: String
    package var isBoot: Bool
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
