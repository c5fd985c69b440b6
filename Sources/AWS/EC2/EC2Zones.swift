/// DescribeAvailabilityZones: those of the region that the account may use; not paged.
package struct DescribeAvailabilityZonesRequest: Codable, Sendable, Equatable {
    package var filters: [EC2Filter]?
    package init(filters: [EC2Filter]? = nil) { self.filters = filters }

    enum CodingKeys: String, CodingKey { case filters = "Filter" }
}

/// DescribeAvailabilityZones' answer.
package struct DescribeAvailabilityZonesReply: Codable, Sendable, Equatable {
    package struct Zone: Codable, Sendable, Equatable {
        /// `us-east-1a`.
        package var zoneName: String?
        /// `available`, `impaired`, `unavailable` and others; on the wire `zoneState`.
        package var state: String?
        /// `availability-zone`, `local-zone` or `wavelength-zone`.
        package var zoneType: String?

        package init(zoneName: String?, state: String?, zoneType: String?) {
            self.zoneName = zoneName
            self.state = state
            self.zoneType = zoneType
        }

        enum CodingKeys: String, CodingKey {
            case zoneName
            case state = "zoneState"
            case zoneType
        }
    }

    package var zones: [Zone]?
    package init(zones: [Zone]?) { self.zones = zones }

    enum CodingKeys: String, CodingKey { case zones = "availabilityZoneInfo" }
}

/// DescribeSubnets.
package struct DescribeSubnetsRequest: Codable, Sendable, Equatable {
    package var subnetIds: [String]?
    package var filters: [EC2Filter]?
    package var maxResults: Int?
    package var nextToken: String?

    package init(subnetIds: [String]? = nil, filters: [EC2Filter]? = nil, nextToken: String? = nil) {
        self.subnetIds = subnetIds
        self.filters = filters
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case subnetIds = "SubnetId"
        case filters = "Filter"
        case maxResults, nextToken
    }
}

/// One page.
package struct DescribeSubnetsReply: Codable, Sendable, Equatable {
    package struct Subnet: Codable, Sendable, Equatable {
        package var subnetId: String
        package var vpcId: String?
        package var availabilityZone: String?
        /// Whether it is the one that is taken where none is named.
        package var defaultForAz: Bool?

        package init(subnetId: String, vpcId: String?, availabilityZone: String?, defaultForAz: Bool?) {
            self.subnetId = subnetId
            self.vpcId = vpcId
            self.availabilityZone = availabilityZone
            self.defaultForAz = defaultForAz
        }
    }

    package var subnets: [Subnet]?
    package var nextToken: String?

    package init(subnets: [Subnet]?, nextToken: String? = nil) {
        self.subnets = subnets
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case subnets = "subnetSet"
        case nextToken
    }
}
