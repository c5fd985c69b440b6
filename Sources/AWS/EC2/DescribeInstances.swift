/// DescribeInstances, with what a backup needs to know of an instance.
package struct DescribeInstancesRequest: Codable, Sendable, Equatable {
    package var instanceIds: [String]?
    package var filters: [EC2Filter]?
    package var maxResults: Int?
    package var nextToken: String?

    package init(
        instanceIds: [String]? = nil, filters: [EC2Filter]? = nil, maxResults: Int? = nil, nextToken: String? = nil
    ) {
        self.instanceIds = instanceIds
        self.filters = filters
        self.maxResults = maxResults
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case instanceIds = "InstanceId"
        case filters = "Filter"
        case maxResults, nextToken
    }
}

/// One page.
package struct DescribeInstancesReply: Codable, Sendable, Equatable {
    package var reservations: [EC2Reservation]?
    package var nextToken: String?

    package init(reservations: [EC2Reservation]?, nextToken: String? = nil) {
        self.reservations = reservations
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case reservations = "reservationSet"
        case nextToken
    }
}

/// What one launch made.
package struct EC2Reservation: Codable, Sendable, Equatable {
    package var reservationId: String?
    package var ownerId: String?
    package var instances: [EC2Instance]?

    package init(reservationId: String?, ownerId: String?, instances: [EC2Instance]?) {
        self.reservationId = reservationId
        self.ownerId = ownerId
        self.instances = instances
    }

    enum CodingKeys: String, CodingKey {
        case reservationId, ownerId
        case instances = "instancesSet"
    }
}

/// An instance.
package struct EC2Instance: Codable, Sendable, Equatable {
    package struct State: Codable, Sendable, Equatable {
        package var code: Int?
        package var name: String
        package init(code: Int?, name: String) {
            self.code = code
            self.name = name
        }
    }

    package struct BlockDevice: Codable, Sendable, Equatable {
        package struct Volume: Codable, Sendable, Equatable {
            package var volumeId: String
            package var status: String?
            package var deleteOnTermination: Bool?
            package init(volumeId: String, status: String?) {
                self.volumeId = volumeId
                self.status = status
            }
        }

        package var deviceName: String
        package var ebs: Volume?
        package init(deviceName: String, ebs: Volume?) {
            self.deviceName = deviceName
            self.ebs = ebs
        }
    }

    package var instanceId: String
    package var state: State
    package var rootDeviceName: String?
    package var blockDevices: [BlockDevice]?
    package var tags: [EC2Tag]?
    package var imageId: String?
    package var instanceType: String?
    /// `x86_64`, `arm64`, `i386`.
    package var architecture: String?
    package var keyName: String?
    package var subnetId: String?
    package var vpcId: String?
    package var securityGroups: [SecurityGroup]?
    package var iamInstanceProfile: Profile?
    package var placement: Placement?
    package var ebsOptimized: Bool?
    package var enaSupport: Bool?
    package var sriovNetSupport: String?
    package var virtualizationType: String?
    /// `legacy-bios`, `uefi` or `uefi-preferred`; absent where the type's default holds.
    package var bootMode: String?
    /// `v2.0`.
    package var tpmSupport: String?
    /// `Linux/UNIX`, `Windows`, `Red Hat Enterprise Linux` and others: what is paid for.
    package var platformDetails: String?
    package var privateIpAddress: String?
    package var ipAddress: String?
    /// Of the call that made it.
    package var clientToken: String?
    /// Why it is in the state it is in, as `Client.InternalError`.
    package var stateReason: StateReason?

    package init(
        instanceId: String, state: State, rootDeviceName: String?, blockDevices: [BlockDevice]?, tags: [EC2Tag]?
    ) {
        self.instanceId = instanceId
        self.state = state
        self.rootDeviceName = rootDeviceName
        self.blockDevices = blockDevices
        self.tags = tags
    }

    enum CodingKeys: String, CodingKey {
        case instanceId
        case state = "instanceState"
        case rootDeviceName
        case blockDevices = "blockDeviceMapping"
        case tags = "tagSet"
        case imageId, instanceType, architecture, keyName, subnetId, vpcId
        case securityGroups = "groupSet"
        case iamInstanceProfile, placement, ebsOptimized, enaSupport, sriovNetSupport, virtualizationType, bootMode
        case tpmSupport, platformDetails, privateIpAddress, ipAddress, clientToken, stateReason
    }
}

extension EC2Instance {
    package struct SecurityGroup: Codable, Sendable, Equatable {
        package var groupId: String
        package var groupName: String?
        package init(groupId: String, groupName: String?) { (self.groupId, self.groupName) = (groupId, groupName) }
    }

    package struct Profile: Codable, Sendable, Equatable {
        package var arn: String?
        package init(arn: String?) { self.arn = arn }
    }

    package struct StateReason: Codable, Sendable, Equatable {
        package var code: String?
        package var message: String?
        package init(code: String?, message: String?) { (self.code, self.message) = (code, message) }
    }

    package struct Placement: Codable, Sendable, Equatable {
        package var availabilityZone: String?
        package init(availabilityZone: String?) { self.availabilityZone = availabilityZone }
    }
}
