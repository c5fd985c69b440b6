package import BackupCore

/// Removes what was restored of a Lightsail point: whatever bears the restore's mark, and the disks that came with it.
package struct LightsailUndo: RestoreWork {
    package let region: Region
    package let remarks: [String] = []
    private let lightsail: any LightsailRestoreReading
    private let marks: RestoreMarks
    /// Only what is called so; all if empty.
    private var names: [String] = []

    package init(_ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading) {
        region = point.place.region
        lightsail = reading.lightsail
        marks = .one(order.mark ?? point.set.rawValue)
        names = order.names
    }

    /// Of all restores with these marks.
    init(_ marks: RestoreMarks, in region: Region, _ reading: RestoreReading) {
        (self.region, lightsail, self.marks) = (region, reading.lightsail, marks)
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let (lightsail, region) = (lightsail, region)
        let instances = try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getInstances(LightsailPageRequest(pageToken: token), in: region)
            return (reply.instances ?? [], reply.nextPageToken)
        }.filter { isOurs($0.name, $0.tags) }
        let disks = try await LightsailStock.disks(in: region, lightsail).values.sorted {
            ($0.name ?? "") < ($1.name ?? "")
        }
        // A disk that came with an instance bears no mark at first: it gets one before the instance goes that proves it.
        let unmarked = disks.filter { disk in
            disk.tags.dictionary[RestoreTag.key] == nil
                && instances.contains { $0.name == disk.attachedTo && $0.brought(disk) }
        }
        for disk in unmarked {
            let mark = instances.first { $0.name == disk.attachedTo }?.tags.dictionary[RestoreTag.key]
            let tag = LightsailTag(key: RestoreTag.key, value: mark)
            let name = disk.name ?? ""
            outlook.add(
                "mark the disk \(name), which came with \(disk.attachedTo ?? "")",
                LightsailTagResourceRequest(resourceName: name, tags: [tag]))
        }
        for instance in instances {
            let state = instance.state?.name ?? "unknown"
            outlook.there.append("instance \(instance.name) (\(state))")
            let isBusy = ["pending", "shutting-down", "terminating"].contains(state)
            if isBusy { outlook.wait(for: "\(instance.name), which is \(state)") }
            outlook.add(
                "delete the instance \(instance.name)",
                DeleteInstanceRequest(instanceName: instance.name, forceDeleteAddOns: true),
                isReady: unmarked.isEmpty && !isBusy)
        }
        for disk in disks where isOurs(disk.name ?? "", disk.tags) || unmarked.contains(disk) {
            outlook.there.append("disk \(disk.name ?? "") (\(disk.state ?? "unknown"))")
            // Someone may have attached it to an instance of theirs: it is let go by hand, as Lightsail wants that one stopped.
            let isFree = disk.isAttached != true && disk.state == "available"
            if let holder = disk.attachedTo, disk.isAttached == true, !instances.contains(where: { $0.name == holder })
            {
                throw .refused(
                    "the disk \(disk.name ?? "") is attached to \(holder): detach it there (the instance must be stopped)"
                )
            }
            outlook.add(
                "delete the disk \(disk.name ?? "")",
                DeleteDiskRequest(diskName: disk.name ?? "", forceDeleteAddOns: true), isReady: isFree)
            if !isFree, instances.isEmpty {
                outlook.wait(for: "the disk \(disk.name ?? ""), which is \(disk.state ?? "unknown")")
            }
        }
        try await lookAtDatabases(into: &outlook)
        if !instances.isEmpty, outlook.steps.allSatisfy({ !$0.isReady }) { outlook.wait(for: "the instances to go") }
        return outlook
    }

    private func lookAtDatabases(into outlook: inout RestoreOutlook) async throws(RestoreError) {
        let (lightsail, region) = (lightsail, region)
        let databases = try await pages { (token) async throws(AWSError) in
            let reply = try await lightsail.getDatabases(LightsailPageRequest(pageToken: token), in: region)
            return (reply.relationalDatabases ?? [], reply.nextPageToken)
        }
        for database in databases where isOurs(database.name, database.tags) {
            let state = database.state ?? "unknown"
            outlook.there.append("database \(database.name) (\(state))")
            outlook.add(
                "delete the database \(database.name)",
                DeleteDatabaseRequest(relationalDatabaseName: database.name, skipFinalSnapshot: true),
                isReady: state == "available")
            if state != "available" { outlook.wait(for: "the database \(database.name), which is \(state)") }
        }
    }

    private func isOurs(_ name: String, _ tags: [LightsailTag]?) -> Bool {
        marks.contains(tags.dictionary[RestoreTag.key])
            && (names.isEmpty || names.contains { name == $0 || name.hasPrefix("\($0)-") })
    }
}

extension LightsailInstance {
    /// Whether a disk was made with it, and not attached to it by somebody later.
    fileprivate func brought(_ disk: LightsailDisk) -> Bool {
        guard let own = createdAt?.moment, let its = disk.createdAt?.moment else { return false }
        return abs((its - own).inSeconds) <= 300
    }
}
