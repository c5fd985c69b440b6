package import BackupCore

/// What restores a point, or removes what was restored of it.
package enum Restores {
    /// The restore that was asked for.
    ///
    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package static func restore(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) -> any RestoreWork {
        switch point.place.provider {
        case .lightsail: return try await LightsailInstanceRestore(point, order, reading)
        case .lightsailDisks: return try await LightsailDiskRestore(point, order, reading)
        case .lightsailDatabases: return try await LightsailDatabaseRestore(point, order, reading)
        case .ec2: break
        }
        switch order.aim ?? (point.resourceKind == .ec2Volume ? .volumesOnly : nil) {
        case .volumesOnly, .attach: return try await EC2VolumesRestore(point, order, reading)
        case .newInstance: return try await EC2InstanceRestore(point, order, reading)
        case .replaceRootVolume(let instance): return try await EC2RootRestore(point, of: instance, order, reading)
        case nil:
            throw .refused(
                "what becomes of the snapshots of an instance is to be said: --new-instance, --attach-to INSTANCE, "
                    + "--replace-root-volume INSTANCE or --volumes-only")
        }
    }

    /// The removal of what an earlier restore of that point made.
    ///
    /// - Throws: ``RestoreError`` if that cannot be told.
    package static func undo(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) throws(RestoreError) -> any RestoreWork {
        switch point.place.provider {
        case .lightsail, .lightsailDisks, .lightsailDatabases: LightsailUndo(point, order, reading)
        case .ec2: try EC2Undo(point, order, reading)
        }
    }

    /// What resources are called by whom only points are left: by their names in our snapshots' names, or in their tags.
    package static func names(of points: [RecoveryPoint]) -> [ResourceID: String] {
        let named = points.compactMap { point -> (ResourceID, String)? in
            let name =
                point.place.provider.isLightsail
                ? LightsailName(point.set.rawValue)?.instance : point.sidecar?.tags["Name"]
            return name.map { (point.resource, $0) }
        }
        return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }
}
