/// All that was noted of a resource when a point of it was taken, also what tags have no room for.
package struct SidecarRecord: Sendable, Equatable {
    package var kind: ResourceKind
    package var sidecar: Sidecar
    package var noted: Moment

    package init(kind: ResourceKind, sidecar: Sidecar, noted: Moment) {
        (self.kind, self.sidecar, self.noted) = (kind, sidecar, noted)
    }
}

/// A bucket of S3 that keeps these records where they survive the home region.
package struct SidecarBucket: Sendable, Equatable {
    package var name: String
    /// What the keys begin with, without a slash at its end; empty for none.
    package var prefix: String
    /// Where it is looked for first; S3 says if it is elsewhere.
    package var region: Region

    package init(name: String, prefix: String, region: Region) {
        (self.name, self.prefix, self.region) = (name, prefix, region)
    }

    /// `backups/acme/` of a fleet; what is put there has the set's id for a name.
    package func folder(of fleet: FleetName) -> String { prefix.isEmpty ? "\(fleet)/" : "\(prefix)/\(fleet)/" }

    package func key(of set: SetID, _ fleet: FleetName) -> String { "\(folder(of: fleet))\(set).json" }

    /// As people write it: `s3://bucket/backups/acme/0f3a….json`.
    package func address(of set: SetID, _ fleet: FleetName) -> String { "s3://\(name)/\(key(of: set, fleet))" }
}

/// Where records are kept besides the ledger.
package protocol SidecarStore: Sendable {
    /// Puts down what was noted of a home point; what was put down before stays as it is.
    func keep(
        _ record: SidecarRecord, of point: RecoveryPoint, fleet: FleetName, in bucket: SidecarBucket
    ) async throws(CloudError)
    /// What was put down of a set, or nil if nothing was.
    func find(_ set: SetID, fleet: FleetName, in bucket: SidecarBucket) async throws(CloudError) -> Sidecar?
}

extension CreateOrder {
    /// What should be put down before a point is made: everything if there is a bucket for it, else what the tags may lack.
    package func record(for bucket: SidecarBucket?, now: Moment) -> SidecarRecord? {
        guard let sidecar = resource.sidecar, !sidecar.isEmpty else { return nil }
        // Beside that many other tags there may be no room for these.
        let copied = policy.tags.copyFromVolume ? volumes.map(\.tags.count).max() ?? 0 : 0
        let hasRoom = sidecar.fitsTags && policy.tags.add.count + copied < CreateOrder.manyTags
        return bucket == nil && hasRoom ? nil : SidecarRecord(kind: resource.kind, sidecar: sidecar, noted: now)
    }

    /// Of the 50 that a snapshot takes (EC2 user guide, "Tag restrictions") at most 25 are ours.
    private static let manyTags = 25
}

extension Memory {
    /// What the ledger holds of the home point that this one is, or is a copy of.
    package func sidecar(of point: RecoveryPoint) -> Sidecar? { sidecars[point.beginning]?.sidecar }
}

extension RecoveryPoint {
    /// What its home point was asked for as.
    package var beginning: Intent.Key {
        Intent.Key(verb: .create, pair: Pair(policy: policy, resource: resource), slot: slot, site: home)
    }

    /// Whether more was known of the resource than its tags say.
    package var lacksSidecar: Bool {
        // Nothing is noted of what Lightsail takes by itself.
        guard !isAutomatic else { return false }
        guard let sidecar else { return true }
        return !sidecar.isWhole || sidecar.bootsByUEFI
    }
}
