/// A volume of an image, or of an instance to be started.
///
/// Source: EC2 API reference, BlockDeviceMapping and EbsBlockDevice.
package struct EC2BlockDeviceRequest: Codable, Sendable, Equatable {
    package struct Volume: Codable, Sendable, Equatable {
        package var snapshotId: String?
        /// GiB; the snapshot's if nil.
        package var volumeSize: Int?
        package var volumeType: String?
        package var iops: Int?
        package var throughput: Int?
        package var encrypted: Bool?
        package var kmsKeyId: String?
        package var deleteOnTermination: Bool?

        package init(snapshotId: String?) { self.snapshotId = snapshotId }
    }

    package var deviceName: String
    package var ebs: Volume?

    package init(deviceName: String, ebs: Volume?) {
        self.deviceName = deviceName
        self.ebs = ebs
    }
}

/// RegisterImage: an AMI from snapshots, so that an instance can be started from them.
///
/// No idempotency token: a second call under the same name is refused, so that the name is the key. What the snapshots do not
/// hold has to be said: architecture, drivers, boot mode. Source: EC2 API reference, RegisterImage.
package struct RegisterImageRequest: Codable, Sendable, Equatable {
    package var name: String
    package var description: String?
    /// `x86_64`, `arm64`, `i386`.
    package var architecture: String?
    package var rootDeviceName: String?
    package var blockDevices: [EC2BlockDeviceRequest]?
    /// `hvm`; the API's default is `paravirtual`, which no current type of instance runs.
    package var virtualizationType: String?
    package var enaSupport: Bool?
    /// `simple`.
    package var sriovNetSupport: String?
    /// `legacy-bios`, `uefi` or `uefi-preferred`.
    package var bootMode: String?
    /// `v2.0`.
    package var tpmSupport: String?
    /// Base64, as GetInstanceUefiData gives it.
    package var uefiData: String?
    /// `v2.0`.
    package var imdsSupport: String?
    package var tagSpecifications: [TagSpecification]?
    package var dryRun: Bool?

    package init(name: String) { self.name = name }

    enum CodingKeys: String, CodingKey {
        case name, description, architecture, rootDeviceName
        case blockDevices = "BlockDeviceMapping"
        case virtualizationType, enaSupport, sriovNetSupport, bootMode, tpmSupport, uefiData, imdsSupport
        case tagSpecifications = "TagSpecification"
        case dryRun
    }
}

/// RegisterImage's answer.
package struct RegisterImageReply: Codable, Sendable, Equatable {
    package var imageId: String
    package init(imageId: String) { self.imageId = imageId }
}

/// DeregisterImage, which leaves the snapshots alone: the parameter that would delete them is not there.
package struct DeregisterImageRequest: Codable, Sendable, Equatable {
    package var imageId: String
    package var dryRun: Bool?
    package init(imageId: String) { self.imageId = imageId }
}

/// GetInstanceUefiData: what is stored in the firmware of an instance that boots by UEFI.
package struct GetInstanceUEFIDataRequest: Codable, Sendable, Equatable {
    package var instanceId: String
    package init(instanceId: String) { self.instanceId = instanceId }
}

/// GetInstanceUefiData's answer.
package struct GetInstanceUEFIDataReply: Codable, Sendable, Equatable {
    package var instanceId: String?
    /// Base64.
    package var uefiData: String?
    package init(instanceId: String?, uefiData: String?) {
        self.instanceId = instanceId
        self.uefiData = uefiData
    }
}
