package import BackupCore

/// Removes what was restored of an EC2 set: instances, images and volumes that bear the restore's mark; no snapshot.
package struct EC2Undo: RestoreWork {
    package var region: Region { source.region }
    package let remarks: [String]
    private let source: EC2Set

    /// - Throws: ``RestoreError`` if the set cannot be read.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) throws(RestoreError) {
        var order = order
        order.ec2.takesIncomplete = true
        source = try EC2Set(point, order, reading.ec2)
        remarks = ["a root volume that was replaced is not put back: attach the old one by hand"]
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let instances = try await source.instances([source.ownFilter])
        let images = try await source.images()
        let volumes = try await source.volumes([source.ownFilter])
        let ids = instances.map(\.instanceId) + images.map(\.imageId) + volumes.map(\.volumeId)
        // The one that goes last.
        guard let last = ids.last else { return outlook }
        // EC2 remembers client tokens of what is gone: the same restore begun again must bear others.
        let isNoted = try await source.readUndone().map(ids.contains) == true
        if !isNoted { outlook.add("note on the snapshots that \(last) is undone", source.noteUndone(last)) }
        for instance in instances {
            let state = instance.state.name
            outlook.there.append("instance \(instance.instanceId) (\(state))")
            let isGoing = state == "shutting-down"
            if isGoing {
                outlook.wait(for: "\(instance.instanceId), which is shutting down")
            } else {
                outlook.add(
                    "terminate \(instance.instanceId)", TerminateInstancesRequest(instanceIds: [instance.instanceId]),
                    isReady: isNoted)
            }
        }
        for image in images {
            outlook.there.append("image \(image.imageId) (\(image.state ?? "unknown"))")
            outlook.add(
                "deregister \(image.imageId): its snapshots stay", DeregisterImageRequest(imageId: image.imageId),
                isReady: isNoted)
        }
        for volume in volumes { look(at: volume, Set(instances.map(\.instanceId)), isNoted, into: &outlook) }
        return outlook
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
            isReady: isNoted && holders.isEmpty && state == "available")
        if state == "creating" { outlook.wait(for: "\(id), which is creating") }
    }
}
