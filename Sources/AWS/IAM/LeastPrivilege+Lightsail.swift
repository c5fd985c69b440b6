import BackupCore

/// Lightsail: as on EC2, where its conditions reach.
///
/// CopySnapshot knows neither resources nor tags, so that only its region is bound; the copy is tagged afterwards, when
/// nothing yet says whose it is: whoever has this right could tag a foreign snapshot as ours as well.
extension LeastPrivilege {
    var lightsailStatements: [IAMPolicy.Statement] {
        let homes = homes(of: .lightsail)
        guard !homes.isEmpty else { return [] }
        let ours = names(.lightsail, "InstanceSnapshot/*", in: places(of: .lightsail))
        return [lightsailReading, taking(homes)] + copying(to: destinations(of: .lightsail)) + changing(ours)
    }

    private var lightsailReading: IAMPolicy.Statement {
        let reads = [Lightsail.getInstanceSnapshot, Lightsail.getInstanceSnapshots, Lightsail.getInstances]
        return IAMPolicy.Statement(
            sid: "ReadLightsail", actions: reads.map(\.right), resources: ["*"],
            conditions: ["StringEquals": isIn(places(of: .lightsail))])
    }

    private func taking(_ homes: [Region]) -> IAMPolicy.Statement {
        IAMPolicy.Statement(
            sid: "TakeInstanceSnapshotsWithOurTag", actions: [Lightsail.createInstanceSnapshot.right],
            resources: names(.lightsail, "Instance/*", in: homes)
                + names(.lightsail, "InstanceSnapshot/*", in: homes),
            conditions: ["StringEquals": bearsOurTag])
    }

    private func copying(to destinations: [Region]) -> [IAMPolicy.Statement] {
        guard !destinations.isEmpty else { return [] }
        return [
            IAMPolicy.Statement(
                sid: "CopyInstanceSnapshots", actions: [Lightsail.copySnapshot.right], resources: ["*"],
                conditions: ["StringEquals": isIn(destinations)]),
            IAMPolicy.Statement(
                sid: "TagInstanceSnapshotCopies", actions: [Lightsail.tagResource.right],
                resources: names(.lightsail, "InstanceSnapshot/*", in: destinations),
                conditions: ["StringEquals": bearsOurTag]),
        ]
    }

    private func changing(_ snapshots: [String]) -> [IAMPolicy.Statement] {
        [
            IAMPolicy.Statement(
                sid: "TagOurInstanceSnapshots", actions: [Lightsail.tagResource.right], resources: snapshots,
                conditions: [
                    "StringEquals": isOurs,
                    "ForAllValues:StringLike": ["aws:TagKeys": [PointTags.prefix + "*"]],
                ]),
            IAMPolicy.Statement(
                sid: "ReleaseOurInstanceSnapshots", actions: [Lightsail.untagResource.right], resources: snapshots,
                conditions: [
                    "StringEquals": isOurs, "ForAllValues:StringEquals": ["aws:TagKeys": [PointTags.holdKey]],
                ]),
            IAMPolicy.Statement(
                sid: "DeleteOurInstanceSnapshots", actions: [Lightsail.deleteInstanceSnapshot.right],
                resources: snapshots, conditions: ["StringEquals": isOurs]),
        ]
    }
}
