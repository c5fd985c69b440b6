/// DescribeVolumes.
package struct DescribeVolumesRequest: Codable, Sendable, Equatable {
    package var volumeIds: [String]?
    package var filters: [EC2Filter]?
    package var maxResults: Int?
    package var nextToken: String?

    package init(
        volumeIds: [String]? = nil, filters: [EC2Filter]? = nil, maxResults: Int? = nil, nextToken: String? = nil
    ) {
        self.volumeIds = volumeIds
        self.filters = filters
        self.maxResults = maxResults
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case volumeIds = "VolumeId"
        case filters = "Filter"
        case maxResults, nextToken
    }
}

/// One page.
package struct DescribeVolumesReply: Codable, Sendable, Equatable {
    package var volumes: [EC2Volume]?
    package var nextToken: String?

    package init(volumes: [EC2Volume]?, nextToken: String? = nil) {
        self.volumes = volumes
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case volumes = "volumeSet"
        case nextToken
    }
}

/// A volume.
package struct EC2Volume: Codable, Sendable, Equatable {
    package var volumeId: String
    package var size: Int?
    package var volumeType: String?
    package var status: String?
    package var encrypted: Bool?
    package var availabilityZone: String?
    package var iops: Int?
    /// MiB a second; of gp3 alone.
    package var throughput: Int?
    package var kmsKeyId: String?
    package var multiAttachEnabled: Bool?
    /// What it was made from.
    package var snapshotId: String?
    /// MiB a second at which the snapshot's blocks are brought in.
    package var volumeInitializationRate: Int?
    /// Several where Multi-Attach is on.
    package var attachments: [EC2VolumeAttachment]?
    package var tags: [EC2Tag]?

    package init(volumeId: String) { self.volumeId = volumeId }

    enum CodingKeys: String, CodingKey {
        case volumeId, size, volumeType, status, encrypted, availabilityZone, iops, throughput, kmsKeyId
        case multiAttachEnabled, snapshotId, volumeInitializationRate
        case attachments = "attachmentSet"
        case tags = "tagSet"
    }
}

/// Where a volume is attached.
package struct EC2VolumeAttachment: Codable, Sendable, Equatable {
    package var volumeId: String?
    /// None if a service of AWS's own has it attached.
    package var instanceId: String?
    package var device: String?
    /// `attaching`, `attached`, `detaching`, `detached` or `busy`.
    package var status: String?

    package init(volumeId: String, instanceId: String, device: String, status: String) {
        self.volumeId = volumeId
        self.instanceId = instanceId
        self.device = device
        self.status = status
    }
}
