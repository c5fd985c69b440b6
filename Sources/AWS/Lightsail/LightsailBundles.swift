/// GetBundles and GetRelationalDatabaseBundles: what instances and databases there are to be had; active ones unless all are
/// asked for.
package struct GetBundlesRequest: Codable, Sendable, Equatable {
    package var includeInactive: Bool?
    package var pageToken: String?

    package init(includeInactive: Bool? = nil, pageToken: String? = nil) {
        self.includeInactive = includeInactive
        self.pageToken = pageToken
    }
}

/// One page of GetBundles.
package struct GetBundlesReply: Codable, Sendable, Equatable {
    package var bundles: [LightsailBundle]?
    package var nextPageToken: String?

    package init(bundles: [LightsailBundle]?, nextPageToken: String? = nil) {
        self.bundles = bundles
        self.nextPageToken = nextPageToken
    }
}

/// A size of instance, with its price.
package struct LightsailBundle: Codable, Sendable, Equatable {
    /// US dollars a month.
    package var price: Double?
    package var cpuCount: Int?
    /// Of the system disk.
    package var diskSizeInGb: Int?
    package var bundleId: String
    package var isActive: Bool?
    package var name: String?
    package var ramSizeInGb: Double?
    package var transferPerMonthInGb: Int?
    /// `LINUX_UNIX`, `WINDOWS`.
    package var supportedPlatforms: [String]?
    /// 0 of those for IPv6 alone.
    package var publicIpv4AddressCount: Int?

    package init(
        _ bundleId: String, price: Double, cpuCount: Int, ramSizeInGb: Double, diskSizeInGb: Int,
        platform: String = "LINUX_UNIX", isActive: Bool = true, publicIpv4AddressCount: Int = 1
    ) {
        self.bundleId = bundleId
        self.price = price
        self.cpuCount = cpuCount
        self.ramSizeInGb = ramSizeInGb
        self.diskSizeInGb = diskSizeInGb
        supportedPlatforms = [platform]
        self.isActive = isActive
        self.publicIpv4AddressCount = publicIpv4AddressCount
    }
}

/// One page of GetRelationalDatabaseBundles.
package struct GetDatabaseBundlesReply: Codable, Sendable, Equatable {
    package var bundles: [LightsailDatabaseBundle]?
    package var nextPageToken: String?

    package init(bundles: [LightsailDatabaseBundle]?, nextPageToken: String? = nil) {
        self.bundles = bundles
        self.nextPageToken = nextPageToken
    }
}

/// A size of database, with its price.
package struct LightsailDatabaseBundle: Codable, Sendable, Equatable {
    package var bundleId: String
    package var name: String?
    /// US dollars a month.
    package var price: Double?
    package var ramSizeInGb: Double?
    package var diskSizeInGb: Int?
    package var cpuCount: Int?
    package var isEncrypted: Bool?
    package var isActive: Bool?

    package init(_ bundleId: String, price: Double, cpuCount: Int, ramSizeInGb: Double, diskSizeInGb: Int) {
        self.bundleId = bundleId
        self.price = price
        self.cpuCount = cpuCount
        self.ramSizeInGb = ramSizeInGb
        self.diskSizeInGb = diskSizeInGb
        (isEncrypted, isActive) = (true, true)
    }
}

/// GetRegions, with zones only if asked for.
package struct GetRegionsRequest: Codable, Sendable, Equatable {
    package var includeAvailabilityZones: Bool?
    package var includeRelationalDatabaseAvailabilityZones: Bool?

    package init(includeAvailabilityZones: Bool? = nil, includeRelationalDatabaseAvailabilityZones: Bool? = nil) {
        self.includeAvailabilityZones = includeAvailabilityZones
        self.includeRelationalDatabaseAvailabilityZones = includeRelationalDatabaseAvailabilityZones
    }
}

/// GetRegions' answer, which is not paged.
package struct GetRegionsReply: Codable, Sendable, Equatable {
    package struct Place: Codable, Sendable, Equatable {
        package var name: String?
        package var displayName: String?
        package var availabilityZones: [Zone]?
        package var relationalDatabaseAvailabilityZones: [Zone]?

        package init(name: String?, availabilityZones: [Zone]?, relationalDatabaseAvailabilityZones: [Zone]?) {
            self.name = name
            self.availabilityZones = availabilityZones
            self.relationalDatabaseAvailabilityZones = relationalDatabaseAvailabilityZones
        }
    }

    package struct Zone: Codable, Sendable, Equatable {
        /// `us-east-2a`.
        package var zoneName: String?
        /// `available`.
        package var state: String?
        package init(zoneName: String?, state: String?) { (self.zoneName, self.state) = (zoneName, state) }
    }

    package var regions: [Place]?
    package init(regions: [Place]?) { self.regions = regions }
}
