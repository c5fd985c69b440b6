import AWS
import BackupCore

/// What EBS makes of a snapshot, and what it refuses to.
///
/// Source: EC2 API reference, CreateVolume; EBS user guide, "Amazon EBS volume types".
extension World {
    /// A volume from a snapshot, as a request that was checked wants it.
    mutating func volume(
        _ wanted: EC2BlockDeviceRequest.Volume, of snapshot: SimulatedSnapshot, in region: Region, zone: String,
        usable: Moment
    ) -> SimulatedVolume {
        let type = wanted.volumeType ?? "gp2"
        let size = wanted.volumeSize ?? snapshot.size
        var made = SimulatedVolume(
            id: generator.identifier("vol"), sequence: nextSequence(), size: size, type: type,
            kmsKey: wanted.kmsKeyId.map { keyARN($0, in: region) } ?? snapshot.kmsKey,
            isEncrypted: snapshot.isEncrypted || wanted.encrypted == true, zone: zone,
            speed: SimulatedVolume.Speed(of: type, size: size, wanted.iops, wanted.throughput), usableAt: usable,
            visibleAt: .longAgo, tags: TagList())
        made.snapshot = snapshot.id
        return made
    }
}

/// The bounds of a type of volume.
private struct VolumeType {
    /// GiB.
    let sizes: ClosedRange<Int>
    var iops: ClosedRange<Int>?
    /// MiB a second.
    var throughput: ClosedRange<Int>?
    var needsIOPS = false

    static let all = [
        "standard": VolumeType(sizes: 1...1024), "gp2": VolumeType(sizes: 1...16_384),
        "gp3": VolumeType(sizes: 1...65_536, iops: 3000...80_000, throughput: 125...2000),
        "io1": VolumeType(sizes: 4...16_384, iops: 100...64_000, needsIOPS: true),
        "io2": VolumeType(sizes: 4...65_536, iops: 100...256_000, needsIOPS: true),
        "st1": VolumeType(sizes: 125...16_384), "sc1": VolumeType(sizes: 125...16_384),
    ]
}

extension Refusal {
    /// Refuses a volume that cannot be made from a snapshot; one that is too small with a code that differs by call.
    func check(_ wanted: EC2BlockDeviceRequest.Volume, of snapshot: SimulatedSnapshot, tooSmall: String)
        throws(AWSError)
    {
        let (size, name) = (wanted.volumeSize ?? snapshot.size, wanted.volumeType ?? "gp2")
        guard size >= snapshot.size else {
            throw self(
                tooSmall,
                "Volume of \(size)GiB is smaller than snapshot '\(snapshot.id)', expect size >= \(snapshot.size)GiB")
        }
        guard let type = VolumeType.all[name] else {
            throw self("UnknownVolumeType", "Unsupported volume type '\(name)' for volume creation.")
        }
        guard type.sizes.contains(size) else {
            throw invalid("Volume size \(size) is out of the range \(type.sizes) of \(name).")
        }
        try check("iops", wanted.iops, within: type.iops, of: name)
        try check("throughput", wanted.throughput, within: type.throughput, of: name)
        guard wanted.iops != nil || !type.needsIOPS else { throw missing("iops") }
        guard wanted.encrypted != false || !snapshot.isEncrypted else {
            throw invalid("A volume from the encrypted snapshot '\(snapshot.id)' is encrypted.")
        }
        guard wanted.kmsKeyId == nil || wanted.encrypted == true else {
            throw self(
                "InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
        }
    }

    private func check(_ parameter: String, _ value: Int?, within range: ClosedRange<Int>?, of type: String)
        throws(AWSError)
    {
        guard let value else { return }
        guard let range else {
            throw self(
                "InvalidParameterCombination", "The parameter \(parameter) is not supported for \(type) volumes.")
        }
        guard range.contains(value) else {
            throw invalid("The value \(value) of \(parameter) is out of the range \(range) of \(type).")
        }
    }

    /// What only CreateVolume takes.
    func check(_ request: CreateVolumeRequest) throws(AWSError) {
        let type = request.volumeType ?? "gp2"
        guard request.multiAttachEnabled != true || type.hasPrefix("io") else {
            throw self(
                "InvalidParameterCombination", "The parameter MultiAttachEnabled is not supported for \(type) volumes.")
        }
        guard request.volumeInitializationRate.map({ (100...300).contains($0) }) ?? true else {
            throw invalid("VolumeInitializationRate is 100 to 300 MiB a second.")
        }
    }

    /// The tags of one kind of resource in a request that may tag several.
    func tags(of type: String, in specifications: [TagSpecification]?, _ allowed: Set<String>) throws(AWSError)
        -> [(key: String, value: String?)]
    {
        for specification in specifications ?? [] where !allowed.contains(specification.resourceType) {
            throw invalid("'\(specification.resourceType)' is not a valid taggable resource type for this operation.")
        }
        let tags = (specifications ?? []).filter { $0.resourceType == type }.flatMap(\.tags)
        try check(tags)
        try checkLimit(tags.count)
        return tags.map { ($0.key, $0.value) }
    }

    /// A snapshot that is complete; what is another's here is shared.
    func readable(_ id: String, in state: RegionState, _ now: Moment) throws(AWSError) -> SimulatedSnapshot {
        guard let found = state.snapshots.first(where: { $0.id == id && $0.visibleAt <= now }) else {
            throw noSnapshot(id)
        }
        guard found.status(at: now) == "completed" else {
            throw self("IncorrectState", "Snapshot '\(id)' is not 'completed': it is \(found.status(at: now)).")
        }
        return found
    }
}
