package import BackupCore

/// What restores a point, or removes what was restored of it.
package enum Restores {
    /// The restore that was asked for; `settled` is how long AWS may take to show what it has made.
    ///
    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package static func restore(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading, clock: any WallClock,
        settled: Duration
    ) async throws(RestoreError) -> any RestoreWork {
        switch point.place.provider {
        case .lightsail:
            return try await LightsailInstanceRestore(
                point, order, reading, clock: clock, settled: settled)
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
    ) async throws(RestoreError) -> any RestoreWork {
        switch point.place.provider {
        case .lightsail, .lightsailDisks, .lightsailDatabases: return try await LightsailUndo(point, order, reading)
        case .ec2: return try EC2Undo(point, order, reading)
        }
    }

    /// Of these points of one resource in one place, those of which a restore as asked for has made something already.
    package static func begun(
        _ points: [RecoveryPoint], _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) -> [RecoveryPoint] {
        guard let place = points.first?.place else { return [] }
        let marks = try await marks(in: place, reading)
        return points.filter { marks.contains(order.mark(of: $0.set)) }
    }

    /// The marks of restores and drills that something in a place bears.
    package static func marks(in place: Place, _ reading: RestoreReading) async throws(RestoreError) -> Set<String> {
        let region = place.region
        if place.provider == .ec2 {
            let sight = EC2Sight(region: region, ec2: reading.ec2)
            let any = RestoreMarks.beginning("", except: [])
            let instances = try await sight.instances(any).filter { $0.state.name != "terminated" }
            let tags =
                instances.map(\.tags) + (try await sight.images(any)).map(\.tags)
                + (try await sight.volumes(any)).map(\.tags)
            return Set(tags.compactMap { $0.dictionary[RestoreTag.key] })
        }
        let tags =
            try await LightsailStock.instances(in: region, reading.lightsail).map(\.tags)
            + LightsailStock.disks(in: region, reading.lightsail).values.map(\.tags)
            + LightsailStock.databases(in: region, reading.lightsail).map(\.tags)
        return Set(tags.compactMap { $0.dictionary[RestoreTag.key] })
    }

    /// What resources are called by whom only points are left: by their names in our snapshots' names, or in their tags.
    package static func names(of points: [RecoveryPoint]) -> [ResourceID: String] {
        let named = points.compactMap { point -> (ResourceID, String)? in
            let name =
                point.place.provider.isLightsail
                ? point.sidecar?[.name] ?? LightsailName(point.set.rawValue)?.instance : point.sidecar?.tags["Name"]
            return name.map { (point.resource, $0) }
        }
        return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }
}
