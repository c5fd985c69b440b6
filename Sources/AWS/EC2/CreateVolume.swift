/// CreateVolume: a volume in one zone, from a snapshot.
///
/// Repeated with the same `clientToken` it gives the same volume. Source: EC2 API reference, CreateVolume.
package struct CreateVolumeRequest: Codable, Sendable, Equatable {
    package var availabilityZone: String
    package var snapshotId: String
    package var clientToken: String
    /// GiB; the snapshot's if nil.
    package var size: Int?
    /// `gp3`, `io2` and so on; the API's default is `gp2`.
    package var volumeType: String?
    package var iops: Int?
    /// MiB a second; of gp3 alone.
    package var throughput: Int?
    package var encrypted: Bool?
    package var kmsKeyId: String?
    package var multiAttachEnabled: Bool?
    package var outpostArn: String?
    /// MiB a second at which the snapshot's blocks are brought in; costs extra.
    package var volumeInitializationRate: Int?
    package var tagSpecifications: [TagSpecification]?
    /// Checks the permission only: `DryRunOperation` is the good answer.
    package var dryRun: Bool?

    package init(availabilityZone: String, snapshotId: String, clientToken: String) {
        self.availabilityZone = availabilityZone
        self.snapshotId = snapshotId
        self.clientToken = clientToken
    }

    enum CodingKeys: String, CodingKey {
        case availabilityZone, snapshotId, clientToken, size, volumeType, iops, throughput, encrypted, kmsKeyId
        case multiAttachEnabled, outpostArn, volumeInitializationRate
        case tagSpecifications = "TagSpecification"
        case dryRun
    }
}

/// AttachVolume: gives a volume to an instance of its zone.
package struct AttachVolumeRequest: Codable, Sendable, Equatable {
    package var device: String
    package var instanceId: String
    package var volumeId: String
    package var dryRun: Bool?

    package init(volumeId: String, instanceId: String, device: String) {
        self.volumeId = volumeId
        self.instanceId = instanceId
        self.device = device
    }
}

/// DetachVolume.
package struct DetachVolumeRequest: Codable, Sendable, Equatable {
    package var volumeId: String
    package var instanceId: String?
    package var dryRun: Bool?

    package init(volumeId: String, instanceId: String? = nil) {
        self.volumeId = volumeId
        self.instanceId = instanceId
    }
}

/// DeleteVolume: of one that no instance has.
package struct DeleteVolumeRequest: Codable, Sendable, Equatable {
    package var volumeId: String
    package var dryRun: Bool?
    package init(volumeId: String) { self.volumeId = volumeId }
}
