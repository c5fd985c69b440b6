extension EC2InstanceSeed {
    /// A running instance.
    package init(region: String, id: String, name: String, tags: [String: String], volumes: [VolumeSeed]) {
        self.region = region
        self.id = id
        self.name = name
        self.tags = tags
        self.volumes = volumes
    }
}

extension VolumeSeed {
    /// A volume of the usual type.
    package init(id: String, device: String, boot: Bool, size: Int) {
        self.id = id
        self.device = device
        self.boot = boot
        self.size = size
    }
}

extension EC2VolumeSeed {
    /// A volume of the usual type.
    package init(region: String, id: String, name: String, tags: [String: String], size: Int) {
        self.region = region
        self.id = id
        self.name = name
        self.tags = tags
        self.size = size
    }
}

extension LightsailDiskSeed {
    package init(region: String, name: String, tags: [String: String]) {
        self.region = region
        self.name = name
        self.tags = tags
    }
}

extension LightsailDatabaseSeed {
    package init(region: String, name: String, tags: [String: String]) {
        self.region = region
        self.name = name
        self.tags = tags
    }
}

extension LightsailInstanceSeed {
    /// An instance of the smallest bundle.
    package init(region: String, name: String, tags: [String: String]) {
        self.region = region
        self.name = name
        self.tags = tags
    }
}
