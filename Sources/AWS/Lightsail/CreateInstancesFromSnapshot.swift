import BackupCore

/// CreateInstancesFromSnapshot: new instances, with their disks, from a manual or an automatic snapshot.
///
/// No idempotency token: a second call under the same names is refused, so that the names are the key. What a snapshot does
/// not hold comes back as the API's default: firewall, static IP and add-ons. Source: Lightsail API reference,
/// CreateInstancesFromSnapshot.
package struct CreateInstancesFromSnapshotRequest: Codable, Sendable, Equatable {
    /// Which of the snapshot's disks becomes which new disk.
    package struct DiskMap: Codable, Sendable, Equatable {
        /// The path at which the original was attached: `/dev/xvdf`.
        package var originalDiskPath: String?
        package var newDiskName: String?

        package init(originalDiskPath: String?, newDiskName: String?) {
            self.originalDiskPath = originalDiskPath
            self.newDiskName = newDiskName
        }
    }

    package var instanceNames: [String]
    /// By the name of a new instance; the reference does not say so, but where there are several names nothing else makes sense.
    package var attachedDiskMapping: [String: [DiskMap]]?
    /// `us-east-2a`.
    package var availabilityZone: String
    /// A manual snapshot; excludes the three fields below it.
    package var instanceSnapshotName: String?
    /// The instance whose automatic snapshot is meant; needs exactly one of the next two.
    package var sourceInstanceName: String?
    /// `YYYY-MM-DD`.
    package var restoreDate: String?
    package var useLatestRestorableAutoSnapshot: Bool?
    /// The original's bundle, or a larger one.
    package var bundleId: String
    /// A script that runs at the first start.
    package var userData: String?
    /// The API's default key pair if nil.
    package var keyPairName: String?
    package var tags: [LightsailTag]?
    package var addOns: [LightsailAddOnRequest]?
    /// `dualstack` (the API's default), `ipv4` or `ipv6`.
    package var ipAddressType: String?

    package init(instanceNames: [String], availabilityZone: String, bundleId: String) {
        self.instanceNames = instanceNames
        self.availabilityZone = availabilityZone
        self.bundleId = bundleId
    }

    /// What the API would refuse in this request, in the API's own words for the parameters; nil if nothing.
    package var fault: String? {
        sourceFault ?? nameFault ?? diskFault ?? placeFault ?? addOns?.lazy.compactMap(\.fault).first
            ?? LightsailTag.fault(in: tags ?? [])
    }

    private var sourceFault: String? {
        LightsailSource(
            snapshot: ("instanceSnapshotName", instanceSnapshotName),
            resource: ("sourceInstanceName", sourceInstanceName), restoreDate: restoreDate,
            useLatestRestorableAutoSnapshot: useLatestRestorableAutoSnapshot
        ).fault
    }

    private var nameFault: String? {
        if instanceNames.isEmpty { return "instanceNames: at least one name is needed" }
        if let twice = instanceNames.firstTwice { return "instanceNames: \"\(twice)\" is there twice" }
        let named = instanceNames.map { ("instanceNames", $0) } + [("keyPairName", keyPairName)].present
        return (named + [("instanceSnapshotName", instanceSnapshotName)].present)
            .lazy.compactMap { LightsailResourceName.fault($0, $1) }.first
    }

    private var diskFault: String? {
        var names = Set(instanceNames)
        for (instance, maps) in (attachedDiskMapping ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard instanceNames.contains(instance) else {
                return "attachedDiskMapping: \"\(instance)\" is none of instanceNames"
            }
            if let twice = maps.compactMap(\.originalDiskPath).firstTwice {
                return "attachedDiskMapping: originalDiskPath \"\(twice)\" is there twice for \"\(instance)\""
            }
            for map in maps {
                guard let path = map.originalDiskPath, !path.allSatisfy(\.isWhitespace) else {
                    return "attachedDiskMapping: each entry needs an originalDiskPath, such as /dev/xvdf"
                }
                guard let name = map.newDiskName else {
                    return "attachedDiskMapping: \(path) needs a newDiskName"
                }
                if let fault = LightsailResourceName.fault("newDiskName", name) {
                    return "attachedDiskMapping: \(fault)"
                }
                if !names.insert(name).inserted {
                    return "attachedDiskMapping: newDiskName \"\(name)\" is there twice: names are unique in a region"
                }
            }
        }
        return nil
    }

    private var placeFault: String? {
        if availabilityZone.allSatisfy(\.isWhitespace) {
            return "availabilityZone: a zone of the region is needed, such as us-east-2a"
        }
        if bundleId.allSatisfy(\.isWhitespace) { return "bundleId: a bundle is needed, such as small_3_0" }
        let types = ["dualstack", "ipv4", "ipv6"]
        guard let type = ipAddressType, !types.contains(type) else { return nil }
        return "ipAddressType must be dualstack, ipv4 or ipv6, not \"\(type)\""
    }
}

extension Array where Element == String {
    /// An element that is there more than once.
    fileprivate var firstTwice: String? {
        var seen: Set<String> = []
        return first { !seen.insert($0).inserted }
    }
}

extension Array where Element == (String, String?) {
    /// Those that are given.
    fileprivate var present: [(String, String)] { compactMap { name, value in value.map { (name, $0) } } }
}
