package import AWS
package import BackupCore

/// A replacement of a root volume.
struct SimulatedReplacement: Sequenced {
    var id: String
    var sequence: Int
    var instance: String
    var snapshot: String
    var request: CreateReplaceRootVolumeTaskRequest
    var life: Life
    var deletesOld: Bool
    var tags: TagList
}

extension World {
    /// Replaces the volume at once; the task says so once it is over.
    package mutating func createReplaceRootVolumeTask(
        _ request: CreateReplaceRootVolumeTaskRequest, in region: Region, now: Moment
    ) throws(AWSError) -> CreateReplaceRootVolumeTaskReply {
        let refuse = try admit(EC2.createReplaceRootVolumeTask, in: region)
        var state = state(of: region, now: now)
        if let made = state.replacements.first(where: { $0.request.clientToken == request.clientToken }) {
            guard made.request == request else { throw refuse.otherParameters }
            return CreateReplaceRootVolumeTaskReply(task: made.described(at: now))
        }
        guard let index = state.instances.firstIndex(where: { $0.id == request.instanceId }) else {
            throw refuse.noInstance(request.instanceId)
        }
        let instance = state.instances[index]
        guard instance.state(at: now) == "running" else {
            throw refuse("IncorrectInstanceState", "The instance '\(instance.id)' is not running.")
        }
        let snapshot = try refuse.readable(request.snapshotId, in: state, now)
        guard
            let old = state.volumes.firstIndex(where: {
                $0.attachment?.instance == instance.id && $0.attachment?.isRoot == true
            })
        else { throw refuse("IncorrectState", "The instance '\(instance.id)' has no root volume.") }
        let root = state.volumes[old]
        // Of the current or an earlier root, and no copy (EC2 user guide, "Replace the root volume").
        let roots = instance.roots.union([root.id])
        guard roots.contains(snapshot.dataOf), snapshot.copiedFrom == nil else {
            throw refuse.invalid("The snapshot '\(snapshot.id)' is not of a root volume of '\(instance.id)'.")
        }
        let type = "replace-root-volume-task"
        let tags = try refuse.tags(of: type, in: request.tagSpecifications, [type])
        if request.dryRun == true { throw refuse.dryRun }
        var wanted = EC2BlockDeviceRequest.Volume(snapshotId: snapshot.id)
        (wanted.volumeType, wanted.iops, wanted.throughput) = (root.type, root.speed.iops, root.speed.throughput)
        wanted.volumeSize = max(root.size, snapshot.size)
        let life = life(seconds: timings.instanceSeconds, now: now)
        let deletesOld = request.deleteReplacedRootVolume ?? false
        // Of a task that fails "the original root volume is still attached" (EC2 API reference, ReplaceRootVolumeTask).
        if !isDoomed {
            var fresh = volume(wanted, of: snapshot, in: region, zone: root.zone, usable: now)
            (fresh.isEncrypted, fresh.kmsKey) = (fresh.isEncrypted || root.isEncrypted, root.kmsKey ?? fresh.kmsKey)
            fresh.attachment = root.attachment
            state.volumes[old].attachment = nil
            state.volumes[old].goneAt = deletesOld ? life.readyAt : nil
            state.volumes.append(fresh)
            state.instances[index].roots = roots.union([fresh.id])
        }
        let made = SimulatedReplacement(
            id: generator.identifier("replacevol"), sequence: nextSequence(), instance: instance.id,
            snapshot: snapshot.id, request: request, life: life, deletesOld: deletesOld,
            tags: TagList(tags, visibleAt: now))
        state.replacements.append(made)
        regions[region] = state
        return CreateReplaceRootVolumeTaskReply(task: made.described(at: now))
    }

    package func describeReplaceRootVolumeTasks(
        _ request: DescribeReplaceRootVolumeTasksRequest, in region: Region, now: Moment
    ) throws(AWSError) -> DescribeReplaceRootVolumeTasksReply {
        let refuse = try admit(EC2.describeReplaceRootVolumeTasks, in: region)
        let filters = try refuse.read(request.filters, known: ["instance-id"])
        var asked = state(of: region, now: now).replacements
        if let ids = request.taskIds { asked.removeAll { !ids.contains($0.id) } }
        let page = try refuse.page(
            of: asked, ids: request.taskIds, idsParameter: "replaceRootVolumeTaskSet", size: request.maxResults,
            token: request.nextToken)
        let kept = page.items.filter { task in
            filters.keep(tags: task.tags, at: now) { $0 == "instance-id" ? [task.instance] : [] }
        }
        return DescribeReplaceRootVolumeTasksReply(tasks: kept.map { $0.described(at: now) }, nextToken: page.token)
    }

    package func describeAvailabilityZones(
        _ request: DescribeAvailabilityZonesRequest, in region: Region, now: Moment
    ) throws(AWSError) -> DescribeAvailabilityZonesReply {
        let refuse = try admit(EC2.describeAvailabilityZones, in: region)
        let filters = try refuse.read(request.filters, known: ["zone-name", "state", "zone-type"])
        let kept = SimulatedZones.of(region).filter { zone in
            filters.keep(at: now) { name in
                ["zone-name": [zone], "state": ["available"], "zone-type": ["availability-zone"]][name] ?? []
            }
        }
        return DescribeAvailabilityZonesReply(
            zones: kept.map { .init(zoneName: $0, state: "available", zoneType: "availability-zone") })
    }

    /// A default subnet in each zone.
    package func describeSubnets(_ request: DescribeSubnetsRequest, in region: Region, now: Moment)
        throws(AWSError) -> DescribeSubnetsReply
    {
        let refuse = try admit(EC2.describeSubnets, in: region)
        let filters = try refuse.read(request.filters, known: ["availability-zone", "default-for-az", "vpc-id"])
        let all = SimulatedZones.of(region).map { zone in
            DescribeSubnetsReply.Subnet(
                subnetId: SimulatedZones.subnet(of: zone), vpcId: SimulatedZones.vpc(of: region),
                availabilityZone: zone, defaultForAz: true)
        }
        for id in request.subnetIds ?? [] where !all.contains(where: { $0.subnetId == id }) {
            throw refuse("InvalidSubnetID.NotFound", "The subnet ID '\(id)' does not exist")
        }
        let asked = all.filter { request.subnetIds?.contains($0.subnetId) ?? true }
        return DescribeSubnetsReply(
            subnets: asked.filter { subnet in
                filters.keep(at: now) { name in
                    switch name {
                    case "availability-zone": [subnet.availabilityZone ?? ""]
                    case "vpc-id": [subnet.vpcId ?? ""]
                    default: ["true"]
                    }
                }
            })
    }
}

extension SimulatedReplacement {
    fileprivate func described(at now: Moment) -> EC2ReplaceRootVolumeTask {
        var shown = EC2ReplaceRootVolumeTask(replaceRootVolumeTaskId: id)
        let stage = life.stage(at: now)
        shown.instanceId = instance
        shown.taskState =
            switch stage {
            case .pending: "in-progress"
            case .done: "succeeded"
            case .failed: "failed"
            }
        shown.startTime = life.startedAt.description
        shown.completeTime = stage == .pending ? nil : life.readyAt.description
        shown.snapshotId = snapshot
        shown.deleteReplacedRootVolume = deletesOld
        let tags = tags.visible(at: now)
        shown.tags = tags.isEmpty ? nil : tags.map { EC2Tag(key: $0.key, value: $0.value ?? "") }
        return shown
    }
}
