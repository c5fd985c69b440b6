/// What a policy can protect; the raw value is its word in the config.
package enum ResourceKind: String, Sendable, CaseIterable {
    case ec2Instance = "ec2-instances"
    case ec2Volume = "ec2-volumes"
    case lightsailInstance = "lightsail-instances"
    case lightsailDisk = "lightsail-disks"
    case lightsailDatabase = "lightsail-databases"

    /// In which place such resources and their points are listed.
    package var provider: Provider {
        switch self {
        case .ec2Instance, .ec2Volume: .ec2
        case .lightsailInstance: .lightsail
        case .lightsailDisk: .lightsailDisks
        case .lightsailDatabase: .lightsailDatabases
        }
    }
}

extension RecoveryPoint {
    /// What kind of resource it is of: EC2 lists instances and volumes in one place, and only the ids tell them apart.
    package var resourceKind: ResourceKind {
        switch place.provider {
        case .ec2: resource.rawValue.hasPrefix("vol-") ? .ec2Volume : .ec2Instance
        case .lightsail: .lightsailInstance
        case .lightsailDisks: .lightsailDisk
        case .lightsailDatabases: .lightsailDatabase
        }
    }
}
