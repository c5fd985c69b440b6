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
    }
}
