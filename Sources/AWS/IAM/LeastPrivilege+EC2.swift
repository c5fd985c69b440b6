import BackupCore

/// EC2: read everything, make what bears our tag, change and delete what bears it.
extension LeastPrivilege {
    var ec2Statements: [IAMPolicy.Statement] {
        let homes = homes(of: .ec2)
        guard !places(of: .ec2).isEmpty else { return [] }
        return [ec2Reading] + (homes.isEmpty ? [] : taking(homes)) + sharing
            + copying(from: sources(of: .ec2), to: destinations(of: .ec2)) + changing(places(of: .ec2))
    }

    /// Snapshots that other accounts copy are shared with them meanwhile; which of their keys forbid that must be seen.
    private var sharing: [IAMPolicy.Statement] {
        let sharers = policies.filter { $0.selects(from: .ec2) && !$0.sharing.isEmpty }
        let homes = Set(sharers.flatMap(\.regions)).sorted()
        guard !homes.isEmpty else { return [] }
        let accounts = Set(sharers.flatMap(\.sharing)).sorted()
        var conditions = ["StringEquals": isOurs, "Null": ["ec2:Add/group": ["true"]]]
        // The number of the standard credentials' account is not in the config.
        if !accounts.contains(.standard) {
            conditions["ForAllValues:StringEquals"] = ["ec2:Add/userId": accounts.map(\.rawValue)]
        }
        return [
            IAMPolicy.Statement(
                sid: "ShareOurSnapshots", actions: [EC2.modifySnapshotAttribute.right],
                resources: names(.ec2, "snapshot/*", in: homes), conditions: conditions),
            IAMPolicy.Statement(
                sid: "SeeKeysOfSources", actions: [KMS.describeKey.right],
                resources: homes.map { "arn:\($0.partition):kms:\($0):*:key/*" }),
        ]
    }

    private var ec2Reading: IAMPolicy.Statement {
        let kinds = ["Images", "Instances", "LockedSnapshots", "Snapshots", "Volumes"]
        return IAMPolicy.Statement(
            sid: "ReadEC2", actions: kinds.map { "ec2:Describe\($0)" }, resources: ["*"],
            conditions: ["StringEquals": isIn(places(of: .ec2))])
    }

    /// The calls that take what the config selects: instances whole, volumes by themselves.
    private var takes: [Operation] {
        let kinds = Set(policies.flatMap(\.selection.kinds))
        return (kinds.contains(.ec2Instance) ? [EC2.createSnapshots] : [])
            + (kinds.contains(.ec2Volume) ? [EC2.createSnapshot] : [])
    }

    /// EC2 asks for the right on the new snapshots, whose tags the request brings, and on what they are taken of, to
    /// which the request brings none.
    private func taking(_ homes: [Region]) -> [IAMPolicy.Statement] {
        [
            IAMPolicy.Statement(
                sid: "TakeSnapshotsWithOurTag", actions: takes.map(\.right),
                resources: names(.ec2, "snapshot/*", in: homes), conditions: ["StringEquals": bearsOurTag]),
            IAMPolicy.Statement(
                sid: "TakeSnapshotsOf", actions: takes.map(\.right),
                resources: names(.ec2, "instance/*", in: homes) + names(.ec2, "volume/*", in: homes)),
        ]
    }

    /// The same for copies; the new one has no id yet, so that the pattern of the sources' names cannot mean it.
    private func copying(from homes: [Region], to destinations: [Region]) -> [IAMPolicy.Statement] {
        guard !destinations.isEmpty else { return [] }
        return [
            IAMPolicy.Statement(
                sid: "CopySnapshotsWithOurTag", actions: [EC2.copySnapshot.right],
                resources: names(.ec2, "snapshot/*", in: destinations), conditions: ["StringEquals": bearsOurTag]),
            IAMPolicy.Statement(
                sid: "CopySnapshotsFrom", actions: [EC2.copySnapshot.right],
                resources: names(.ec2, "snapshot/snap-*", in: homes)),
        ]
    }

    /// Tags go on what is made just now, and on what is ours; only the mark of a hold is ever taken off.
    ///
    /// A config that keeps every point deletes as well: what failed holds a volume's place.
    private func changing(_ places: [Region]) -> [IAMPolicy.Statement] {
        let snapshots = names(.ec2, "snapshot/*", in: places)
        let makes = takes + (destinations(of: .ec2).isEmpty ? [] : [EC2.copySnapshot])
        return [
            IAMPolicy.Statement(
                sid: "TagWhatIsMade", actions: [EC2.createTags.right], resources: snapshots,
                conditions: ["StringEquals": ["ec2:CreateAction": makes.map(\.name)]]),
            IAMPolicy.Statement(
                sid: "TagOurSnapshots", actions: [EC2.createTags.right], resources: snapshots,
                conditions: [
                    "StringEquals": isOurs,
                    "ForAllValues:StringLike": ["aws:TagKeys": ["Name", PointTags.prefix + "*"]],
                ]),
            IAMPolicy.Statement(
                sid: "ReleaseOurSnapshots", actions: [EC2.deleteTags.right], resources: snapshots,
                conditions: [
                    "StringEquals": isOurs, "ForAllValues:StringEquals": ["aws:TagKeys": [PointTags.holdKey]],
                    // A request without keys would take off all tags, and "all values" of none are anything.
                    "Null": ["aws:TagKeys": ["false"]],
                ]),
            IAMPolicy.Statement(
                sid: "DeleteOurSnapshots", actions: [EC2.deleteSnapshot.right], resources: snapshots,
                conditions: ["StringEquals": isOurs]),
        ]
    }
}

extension Operation {
    /// Its name as IAM knows it: `ec2:CopySnapshot`.
    package var right: String { "\(service.rawValue):\(name)" }
}
