/// DescribeImages, asked only for the snapshots that AMIs use.
///
/// Source: EC2 API reference, DescribeImages.
package struct DescribeImagesRequest: Codable, Sendable, Equatable {
    package var imageIds: [String]?
    package var owners: [String]?
    /// An owner sees its deprecated images whatever stands here.
    package var includeDeprecated: Bool?
    /// Disabled images are left out otherwise, though they hold their snapshots all the same.
    package var includeDisabled: Bool?
    package var maxResults: Int?
    package var nextToken: String?
    package var dryRun: Bool?
    package var filters: [EC2Filter]?

    package init(
        imageIds: [String]? = nil, owners: [String]? = nil, includeDisabled: Bool? = nil, filters: [EC2Filter]? = nil,
        maxResults: Int? = nil, nextToken: String? = nil
    ) {
        self.imageIds = imageIds
        self.owners = owners
        self.includeDisabled = includeDisabled
        self.filters = filters
        self.maxResults = maxResults
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case imageIds = "ImageId"
        case owners = "Owner"
        case includeDeprecated, includeDisabled, maxResults, nextToken, dryRun
        case filters = "Filter"
    }
}

/// One page.
package struct DescribeImagesReply: Codable, Sendable, Equatable {
    package var images: [EC2Image]?
    package var nextToken: String?

    package init(images: [EC2Image]?, nextToken: String? = nil) {
        self.images = images
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case images = "imagesSet"
        case nextToken
    }
}

/// An AMI.
package struct EC2Image: Codable, Sendable, Equatable {
    package struct BlockDevice: Codable, Sendable, Equatable {
        package struct Volume: Codable, Sendable, Equatable {
            package var snapshotId: String?
            package var volumeSize: Int?
            package var deleteOnTermination: Bool?
            package var encrypted: Bool?
            package var volumeType: String?
            package var iops: Int?
            package var throughput: Int?
            package init(snapshotId: String?) { self.snapshotId = snapshotId }
        }

        package var deviceName: String?
        /// Absent for an instance store volume.
        package var ebs: Volume?
        package init(deviceName: String?, ebs: Volume?) {
            self.deviceName = deviceName
            self.ebs = ebs
        }
    }

    package var imageId: String
    package var name: String?
    /// `available`, `disabled`, `deregistered` and others; on the wire `imageState`.
    package var state: String?
    package var ownerId: String?
    package var creationDate: String?
    package var rootDeviceName: String?
    package var rootDeviceType: String?
    package var blockDevices: [BlockDevice]?
    package var tags: [EC2Tag]?
    package var description: String?
    package var architecture: String?
    package var virtualizationType: String?
    package var enaSupport: Bool?
    package var sriovNetSupport: String?
    package var bootMode: String?
    package var tpmSupport: String?
    package var imdsSupport: String?

    package init(imageId: String) { self.imageId = imageId }

    enum CodingKeys: String, CodingKey {
        case imageId, name
        case state = "imageState"
        case ownerId = "imageOwnerId"
        case creationDate, rootDeviceName, rootDeviceType
        case blockDevices = "blockDeviceMapping"
        case tags = "tagSet"
        case description, architecture, virtualizationType, enaSupport, sriovNetSupport, bootMode, tpmSupport
        case imdsSupport
    }
}
