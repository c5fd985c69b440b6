package import BackupCore

/// A volume from each snapshot of a set, all in one zone; attached to an instance if that is asked for.
package struct EC2VolumesRestore: RestoreWork {
    package var region: Region { source.region }
    package private(set) var remarks: [String]
    private let source: EC2Set
    private let zone: String
    private let instance: String?
    /// Where each snapshot's volume is to be attached.
    private var devices: [SnapshotID: String] = [:]

    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package init(
        _ point: RecoveryPoint, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) {
        source = try await EC2Set(reading: point, order, reading.ec2)
        remarks = source.remarks
        var asked = order.zone
        if case .attach(let id) = order.aim {
            let there = try await source.sight.instance(id)
            instance = id
            guard ["running", "stopped"].contains(there.state.name) else {
                throw .refused(
                    "\(id) is \(there.state.name): volumes can be attached to instances that run or are stopped")
            }
            asked = there.placement?.availabilityZone
            if let zone = order.zone, zone != asked {
                throw .refused(
                    "AvailabilityZone: \(id) is in \(asked ?? "another"), and a volume in \(zone) cannot be attached to it"
                )
            }
        } else {
            instance = nil
        }
        let choice = try ZoneChoice(
            asked: asked, original: source.sidecar[.zone], among: try await source.sight.zones(), in: point.place.region
        )
        zone = choice.zone
        if let remark = choice.remark { remarks.append(remark) }
        if let instance { try await place(on: instance) }
    }

    /// Finds the device of each volume, and refuses those that are taken.
    private mutating func place(on id: String) async throws(RestoreError) {
        let there = try await source.sight.instance(id)
        let own = Set(try await source.sight.volumes(source.marks).map(\.volumeId))
        let taken = Set(
            (there.blockDevices ?? []).filter { !own.contains($0.ebs?.volumeId ?? "") }.map(\.deviceName))
        let originals = Set(source.members.compactMap(\.device))
        let asked = source.order.disks
        if asked[""] != nil, source.members.count > 1 {
            throw .refused(
                "Device: which of \(originals.sorted().joined(separator: ", ")) is meant: say --device /dev/xvda=/dev/sdf"
            )
        }
        if let unknown = asked.keys.sorted().first(where: { !originals.contains($0) && !$0.isEmpty }) {
            throw .refused(
                "Device: no snapshot of the set is of \(unknown); there are \(originals.sorted().joined(separator: ", "))"
            )
        }
        for member in source.members {
            guard let device = asked[member.device ?? ""] ?? asked[""] ?? member.device, !device.isEmpty else {
                throw .refused(
                    "Device: where \(member.snapshot) was attached is not known: say where to, with --device /dev/sdf")
            }
            guard !taken.contains(device) else {
                // AWS's recommendation for data volumes (EC2 user guide, "Device names").
                let used = taken.union(originals).union(asked.values).union(devices.values)
                let free = "fghijklmnop".map { "/dev/sd\($0)" }.first { !used.contains($0) }
                let how = free.map { ": say where else, with --device \(member.device.map { $0 + "=" } ?? "")\($0)" }
                throw .refused(
                    "Device: \(device) of \(id) is taken\(how ?? ", and so are all others for volumes of data")")
            }
            guard !devices.values.contains(device) else { throw .refused("Device: \(device) is there twice") }
            devices[member.snapshot] = device
        }
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let volumes = try await source.sight.volumes(source.marks)
        for member in source.members {
            let volume = volumes.first { $0.snapshotId == member.snapshot.rawValue }
            let what = "the volume of \(member.device ?? member.snapshot.rawValue)"
            if let volume {
                let state = volume.status ?? "unknown"
                outlook.there.append("volume \(volume.volumeId), \(what) (\(state))")
                guard volume.availabilityZone == zone else {
                    throw .refused(
                        "\(volume.volumeId) was restored in \(volume.availabilityZone ?? "another zone"), not in \(zone): remove it "
                            + "with --undo, or give the new ones another name with --as")
                }
                if state == "error" {
                    throw .refused("\(volume.volumeId) is in state error: remove it with --undo, and try again")
                }
                if instance == nil,
                    let holder = volume.attachments?.first(where: { $0.status != "detached" })?.instanceId
                {
                    throw .refused(
                        "\(volume.volumeId) was restored before and is attached to \(holder): give the new ones a name of their "
                            + "own with --as, or remove them with --undo")
                }
                if state == "creating" { outlook.wait(for: "\(volume.volumeId), which is \(state)") }
            } else {
                outlook.add("create \(what)", request(for: member))
            }
            if let instance, let device = devices[member.snapshot] {
                try lookAtAttachment(of: volume, what, to: instance, at: device, into: &outlook)
            }
        }
        return outlook
    }

    private func lookAtAttachment(
        of volume: EC2Volume?, _ what: String, to instance: String, at device: String,
        into outlook: inout RestoreOutlook
    ) throws(RestoreError) {
        let others = (volume?.attachments ?? []).filter { $0.instanceId != instance && $0.status != "detached" }
        if let other = others.first, let volume {
            throw .refused(
                "\(volume.volumeId) was restored before and is attached to \(other.instanceId ?? "another instance"): give the new "
                    + "ones a name of their own with --as")
        }
        let attachment = volume?.attachments?.first { $0.instanceId == instance && $0.status != "detached" }
        if let attachment {
            if attachment.status != "attached" {
                outlook.wait(for: "\(volume?.volumeId ?? what), which is \(attachment.status ?? "")")
            }
            return
        }
        outlook.add(
            "attach it to \(instance) at \(device)",
            AttachVolumeRequest(volumeId: volume?.volumeId ?? "<\(what)>", instanceId: instance, device: device),
            isReady: volume?.status == "available")
    }

    private func request(for member: Member) -> CreateVolumeRequest {
        let kind = source.kind(of: member)
        var request = CreateVolumeRequest(
            availabilityZone: zone, snapshotId: member.snapshot.rawValue,
            clientToken: source.token(member.snapshot.rawValue))
        (request.volumeType, request.iops, request.throughput) = (kind.type, kind.iops, kind.throughput)
        if let key = source.order.ec2.kmsKey { (request.encrypted, request.kmsKeyId) = (true, key) }
        let device = member.device.map { " \($0)" } ?? ""
        request.tagSpecifications = [source.tags("volume", name: source.title + device)]
        return request
    }
}

/// The root volume of an instance that is there becomes one from the set's; the instance reboots.
package struct EC2RootRestore: RestoreWork {
    package var region: Region { source.region }
    package private(set) var remarks: [String]
    private let source: EC2Set
    private let request: CreateReplaceRootVolumeTaskRequest

    /// - Throws: ``RestoreError`` if it cannot be done as asked; nothing was changed then.
    package init(
        _ point: RecoveryPoint, of instance: String, _ order: RestoreOrder, _ reading: RestoreReading
    ) async throws(RestoreError) {
        source = try await EC2Set(reading: point, order, reading.ec2)
        guard !point.isCopy else {
            throw .refused(
                "CreateReplaceRootVolumeTask takes snapshots of the instance's own root volume alone, and this is a copy: "
                    + "restore it with --new-instance")
        }
        let there = try await source.sight.instance(instance)
        let device = there.rootDeviceName
        guard let root = source.members.first(where: { $0.device == device && device != nil }) else {
            throw .refused(
                "the set holds no snapshot of \(device ?? "the root device"), the root volume of \(instance)")
        }
        guard there.state.name == "running" else {
            throw .refused("\(instance) is \(there.state.name): its root volume can be replaced only while it runs")
        }
        var request = CreateReplaceRootVolumeTaskRequest(
            instanceId: instance, snapshotId: root.snapshot.rawValue, clientToken: source.token("root of \(instance)"))
        if order.ec2.deletesReplacedRoot { request.deleteReplacedRootVolume = true }
        request.tagSpecifications = [source.tags("replace-root-volume-task", name: source.title)]
        self.request = request
        remarks = [
            "\(instance) reboots, and what was written to its root volume since \(point.taken) is not on the new one"
        ]
        if !order.ec2.deletesReplacedRoot {
            remarks.append("the old root volume stays, attached to nothing: delete it when it is not needed")
        }
        let others = source.members.count - 1
        if others > 0 { remarks.append("\(others) other volumes of the set are left alone") }
    }

    package func look() async throws(RestoreError) -> RestoreOutlook {
        var outlook = RestoreOutlook()
        let (ec2, region, instance) = (source.sight.ec2, region, request.instanceId)
        let tasks = try await pages { (token) async throws(AWSError) in
            let reply = try await ec2.describeReplaceRootVolumeTasks(
                DescribeReplaceRootVolumeTasksRequest(
                    filters: [EC2Filter("instance-id", [instance])], nextToken: token), in: region)
            return (reply.tasks ?? [], reply.nextToken)
        }
        let own = tasks.first { $0.tags.dictionary[RestoreTag.key] == source.mark }
        guard let own else {
            outlook.add("replace the root volume of \(instance)", request)
            return outlook
        }
        let state = own.taskState ?? "unknown"
        outlook.there.append("replacement \(own.replaceRootVolumeTaskId) of the root volume of \(instance) (\(state))")
        switch state {
        case "succeeded": break
        case "failed":
            throw .refused("\(own.replaceRootVolumeTaskId) failed: \(instance) has its old root volume again")
        case "failed-detached":
            throw .refused(
                "\(own.replaceRootVolumeTaskId) failed, and \(instance) is without a root volume: attach one by hand")
        default: outlook.wait(for: "\(own.replaceRootVolumeTaskId), which is \(state)")
        }
        return outlook
    }
}
