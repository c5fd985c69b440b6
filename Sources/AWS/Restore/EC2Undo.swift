package import BackupCore

/// Removes what was restored of EC2 sets: instances, images and volumes that bear the marks meant; no snapshot.
package struct EC2Undo: RestoreWork {
    package var region: Region { sight.region }
    package private(set) var remarks: [String] = []
    private let sight: EC2Sight
    private let marks: RestoreMarks
    /// The set, if its restore may be begun again.
    private var set: EC2Set?

    /// Of one restore of a point.
    ///
    /// - Throws: ``RestoreError`` if none of its snapshots is left to tell by.
    package init(_ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading) throws(RestoreError) {
        var order = order
        order.ec2.takesIncomplete = true
        let set = try EC2Set(point, order, reading.ec2)
        (sight, marks, self.set) = (set.sight, .one(set.mark), set)
        remarks = ["a root volume that was replaced is not put back: attach the old one by hand"]
    }

    /// Of the restore with that mark, which never comes again.
    init(_ mark: String, in region: Region, _ reading: RestoreReading) {
        (sight, marks) = (EC2Sight(region: region, ec2: reading.ec2), .one(mark))
    }

    package var isRemoval: Bool { true }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let instances = try await sight.instances(marks).filter { $0.state.name != "terminated" }
        let images = try await sight.images(marks)
        let volumes = try await sight.volumes(marks)
        let mapped = instances.flatMap { $0.blockDevices ?? [] }.compactMap(\.ebs)
        let taken = Set(mapped.filter { $0.deleteOnTermination == true }.map(\.volumeId))
        let staying = volumes.filter { !taken.contains($0.volumeId) }
        let ids = instances.map(\.instanceId) + images.map(\.imageId) + volumes.map(\.volumeId)
        // The one that goes last.
        guard let last = staying.last?.volumeId ?? instances.last?.instanceId ?? ids.last else { return outlook }
        let isNoted = try await note(last, ids, &outlook)
        for instance in instances { look(at: instance, isNoted, into: &outlook) }
        for image in images {
            outlook.there.append("image \(image.imageId) (\(image.state ?? "unknown"))")
            outlook.add(
                "deregister \(image.imageId): its snapshots stay", DeregisterImageRequest(imageId: image.imageId),
                isReady: isNoted)
        }
        for volume in volumes {
            // What goes with its instance needs no call of its own.
            if taken.contains(volume.volumeId) {
                outlook.there.append("volume \(volume.volumeId), which goes with its instance")
            } else {
                look(at: volume, Set(instances.map(\.instanceId)), isNoted, into: &outlook)
            }
        }
        return outlook
    }

    /// EC2 remembers client tokens of what is gone: the same restore begun again must bear others.
    private func note(
        _ last: String, _ ids: [String], _ outlook: inout RestoreOutlook
    ) async throws(RestoreError) -> Bool {
        guard let set else { return true }
        if let noted = try await set.readUndone(), ids.contains(noted) { return true }
        outlook.add("note on the snapshots that \(last) is undone", set.noteUndone(last))
        return false
    }

    private func look(at instance: EC2Instance, _ isNoted: Bool, into outlook: inout RestoreOutlook) {
        let (id, state) = (instance.instanceId, instance.state.name)
        outlook.there.append("instance \(id) (\(state))")
        if state == "shutting-down" { return outlook.wait(for: "\(id), which is shutting down") }
        outlook.add("terminate \(id)", TerminateInstancesRequest(instanceIds: [id]), isReady: isNoted)
    }

    private func look(
        at volume: EC2Volume, _ going: Set<String>, _ isNoted: Bool, into outlook: inout RestoreOutlook
    ) {
        let (id, state) = (volume.volumeId, volume.status ?? "unknown")
        outlook.there.append("volume \(id) (\(state))")
        let holders = (volume.attachments ?? []).filter { $0.status != "detached" }
        for holder in holders {
            let instance = holder.instanceId ?? ""
            if going.contains(instance) {
                outlook.wait(for: "\(id), which goes with \(instance) or is let go by it")
            } else if holder.status == "detaching" {
                outlook.wait(for: "\(id), which \(instance) is letting go of: if this lasts, unmount it there")
            } else {
                outlook.add(
                    "detach \(id) from \(instance)", DetachVolumeRequest(volumeId: id, instanceId: instance),
                    isReady: isNoted)
            }
        }
        outlook.add(
            "delete \(id)", DeleteVolumeRequest(volumeId: id),
            isReady: isNoted && holders.isEmpty && ["available", "error"].contains(state))
        if state == "creating" { outlook.wait(for: "\(id), which is creating") }
    }
}
