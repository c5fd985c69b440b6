package import BackupCore

/// Removes what was restored of Lightsail's points: whatever bears the marks meant, and the disks that came with it.
package struct LightsailUndo: RestoreWork {
    package let region: Region
    package let remarks: [String] = []
    package var isRemoval: Bool { true }
    private let lightsail: any LightsailRestoreReading
    private let marks: RestoreMarks
    /// Names of disks that the restore gives; others that came with an instance bear its name first.
    private var diskNames: Set<String> = []

    /// Of one restore of a point.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) {
        (region, lightsail, marks) = (point.place.region, reading.lightsail, .one(order.mark(of: point.set)))
        diskNames = Set(order.disks.values)
        // The snapshot may be gone by now.
        if let origin = try? await LightsailOrigin(point, reading.lightsail, order) {
            diskNames.formUnion(origin.disks.compactMap(\.name).map(LightsailNaming.plain))
        }
    }

    /// Of the restore with that mark.
    init(_ mark: String, in region: Region, _ reading: RestoreReading) {
        (self.region, lightsail, marks) = (region, reading.lightsail, .one(mark))
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let instances = try await LightsailStock.instances(in: region, lightsail).filter { isMeant($0.tags) }
        let disks = try await LightsailStock.disks(in: region, lightsail).values.sorted {
            ($0.name ?? "") < ($1.name ?? "")
        }
        // A disk that came with an instance bears no mark at first: it gets one before the instance goes that proves it.
        let unmarked = disks.filter { disk in instances.contains { brought(disk, $0) } }
        for disk in unmarked {
            let mark = instances.first { $0.name == disk.attachedTo }?.tags.dictionary[RestoreTag.key]
            let name = disk.name ?? ""
            outlook.add(
                "mark the disk \(name), which came with \(disk.attachedTo ?? "")",
                LightsailTagResourceRequest(
                    resourceName: name, tags: [LightsailTag(key: RestoreTag.key, value: mark)]))
        }
        for instance in instances { look(at: instance, isProven: unmarked.isEmpty, into: &outlook) }
        for disk in disks where isMeant(disk.tags) || unmarked.contains(disk) {
            try look(at: disk, Set(instances.map(\.name)), into: &outlook)
        }
        try await lookAtDatabases(into: &outlook)
        return outlook
    }

    private func isMeant(_ tags: [LightsailTag]?) -> Bool { marks.contains(tags.dictionary[RestoreTag.key]) }

    /// Whether a disk without a mark was made with that instance, and not attached to it by somebody later.
    private func brought(_ disk: LightsailDisk, _ instance: LightsailInstance) -> Bool {
        guard disk.attachedTo == instance.name, disk.tags.dictionary[RestoreTag.key] == nil, let name = disk.name,
            let own = instance.createdAt?.moment, let its = disk.createdAt?.moment
        else { return false }
        return abs((its - own).inSeconds) <= 60 && (diskNames.contains(name) || name.hasPrefix("\(instance.name)-"))
    }

    private func look(at instance: LightsailInstance, isProven: Bool, into outlook: inout RestoreOutlook) {
        let (name, state) = (instance.name, instance.state?.name ?? "unknown")
        outlook.there.append("instance \(name) (\(state))")
        let isBusy = ["pending", "shutting-down", "terminating"].contains(state)
        if isBusy { outlook.wait(for: "\(name), which is \(state)") }
        outlook.add(
            "delete the instance \(name)", DeleteInstanceRequest(instanceName: name, forceDeleteAddOns: true),
            isReady: isProven && !isBusy)
    }

    private func look(
        at disk: LightsailDisk, _ going: Set<String>, into outlook: inout RestoreOutlook
    ) throws(RestoreError) {
        let (name, state) = (disk.name ?? "", disk.state ?? "unknown")
        outlook.there.append("disk \(name) (\(state))")
        if let holder = disk.attachedTo, disk.isAttached == true {
            guard going.contains(holder) else {
                throw .refused(
                    "the disk \(name) is attached to \(holder): detach it there (the instance must be stopped)")
            }
            outlook.wait(for: "the disk \(name), which is let go by \(holder)")
        } else if !["available", "error"].contains(state) {
            outlook.wait(for: "the disk \(name), which is \(state)")
        }
        outlook.add(
            "delete the disk \(name)", DeleteDiskRequest(diskName: name, forceDeleteAddOns: true),
            isReady: disk.isAttached != true && ["available", "error"].contains(state))
    }

    /// States in which a database cannot be deleted, and which pass (Lightsail developer guide, "Database states").
    private static let passingStates = ["creating", "backing-up", "modifying", "rebooting", "starting", "stopping"]

    private func lookAtDatabases(into outlook: inout RestoreOutlook) async throws(RestoreError) {
        for database in try await LightsailStock.databases(in: region, lightsail) where isMeant(database.tags) {
            let (name, state) = (database.name, database.state ?? "unknown")
            outlook.there.append("database \(name) (\(state))")
            if state == "deleting" {
                outlook.wait(for: "the database \(name), which is deleting")
                continue
            }
            let isBusy = LightsailUndo.passingStates.contains(state)
            if isBusy { outlook.wait(for: "the database \(name), which is \(state)") }
            outlook.add(
                "delete the database \(name)",
                DeleteDatabaseRequest(relationalDatabaseName: name, skipFinalSnapshot: true), isReady: !isBusy)
        }
    }
}
