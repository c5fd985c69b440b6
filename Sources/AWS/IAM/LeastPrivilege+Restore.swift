import BackupCore

/// What restores need besides reading: to make what bears a restore's mark, and to change and remove what bears it.
///
/// Drills bear marks that begin in a way of their own, and need less: they attach nothing to what is real, replace nothing
/// and pass no role.
extension LeastPrivilege {
    /// Who restores.
    struct Restorer {
        /// What the values of the tag look like.
        var marks: String
        var places: Set<Place>
        /// A person, who may ask for anything.
        var isPerson: Bool

        func regions(_ providers: Set<Provider>) -> [Region] {
            Set(places.filter { providers.contains($0.provider) }.map(\.region)).sorted()
        }

        var prefix: String { isPerson ? "Restore" : "Drill" }
        /// What is made bears the mark from the first.
        var bearsMark: [String: [String: [String]]] { ["StringLike": ["aws:RequestTag/" + RestoreTag.key: [marks]]] }
        /// What is there bears it.
        var isMarked: [String: [String: [String]]] { ["StringLike": ["aws:ResourceTag/" + RestoreTag.key: [marks]]] }
    }

    /// For a person who restores, in every place that holds a point.
    package var restorePolicy: IAMPolicy {
        let places = Provider.allCases.flatMap { provider in
            self.places(of: provider).map { Place(provider, Site(account, $0)) }
        }
        let person = Restorer(marks: "*", places: Set(places), isPerson: true)
        return IAMPolicy(statements: roleStatements + readingStatements + sidecarReading + statements(for: person))
    }

    /// For the drills that the config asks for.
    var drillStatements: [IAMPolicy.Statement] {
        let places = Set(drillPlaces.filter { $0.account == account })
        // The bucket is read with the standard account's credentials, wherever a drill is.
        let reading = drillPlaces.isEmpty ? [] : sidecarReading
        guard !places.isEmpty else { return reading }
        return reading
            + statements(for: Restorer(marks: Drill.marks(of: fleet) + "*", places: places, isPerson: false))
    }

    private func statements(for restorer: Restorer) -> [IAMPolicy.Statement] {
        ec2Statements(for: restorer) + lightsailStatements(for: restorer)
    }

    // MARK: EC2

    private func ec2Statements(for restorer: Restorer) -> [IAMPolicy.Statement] {
        let regions = restorer.regions([.ec2])
        guard !regions.isEmpty else { return [] }
        let reads = [EC2.describeAvailabilityZones, EC2.describeSubnets]
        let tasks = restorer.isPerson ? [EC2.describeReplaceRootVolumeTasks] : []
        let reading = IAMPolicy.Statement(
            sid: restorer.prefix + "ReadEC2", actions: (reads + tasks).map(\.right), resources: ["*"],
            conditions: ["StringEquals": isIn(regions)])
        return [reading] + making(restorer, regions) + removing(restorer, regions) + unlocking(restorer, regions)
            + (restorer.isPerson ? changingWhatIsThere(restorer, regions) : [])
    }

    private func making(_ restorer: Restorer, _ regions: [Region]) -> [IAMPolicy.Statement] {
        let makes =
            [EC2.createVolume, EC2.registerImage, EC2.runInstances]
            + (restorer.isPerson ? [EC2.createReplaceRootVolumeTask] : [])
        let kinds = ["volume/*", "image/*", "instance/*"] + (restorer.isPerson ? ["replace-root-volume-task/*"] : [])
        let made = kinds.flatMap { names(.ec2, $0, in: regions) }
        let network =
            ["network-interface/*", "security-group/*", "subnet/*", "key-pair/*"]
            + (restorer.isPerson ? ["launch-template/*"] : [])
        return [
            IAMPolicy.Statement(
                sid: restorer.prefix + "MakeWithMark", actions: makes.map(\.right), resources: made,
                conditions: restorer.bearsMark),
            IAMPolicy.Statement(
                sid: restorer.prefix + "TagWhatIsMade", actions: [EC2.createTags.right], resources: made,
                conditions: ["StringEquals": ["ec2:CreateAction": makes.map(\.name)]]),
            // From our snapshots, and from the image that was made of them.
            IAMPolicy.Statement(
                sid: restorer.prefix + "FromOurSnapshots", actions: makes.map(\.right),
                resources: names(.ec2, "snapshot/*", in: regions), conditions: ["StringEquals": isOurs]),
            IAMPolicy.Statement(
                sid: restorer.prefix + "FromTheirImage", actions: [EC2.runInstances.right],
                resources: names(.ec2, "image/*", in: regions), conditions: restorer.isMarked),
            IAMPolicy.Statement(
                sid: restorer.prefix + "IntoTheNetwork", actions: [EC2.runInstances.right],
                resources: network.flatMap { names(.ec2, $0, in: regions) }),
        ]
    }

    private func removing(_ restorer: Restorer, _ regions: [Region]) -> [IAMPolicy.Statement] {
        let removes = [EC2.terminateInstances, EC2.deleteVolume, EC2.deregisterImage]
        return [
            IAMPolicy.Statement(
                sid: restorer.prefix + "RemoveWhatIsMarked", actions: removes.map(\.right),
                resources: ["instance/*", "volume/*", "image/*"].flatMap { names(.ec2, $0, in: regions) },
                conditions: restorer.isMarked)
        ]
    }

    /// EC2 uses the keys of encrypted snapshots and volumes in our name; each key's own policy says who may.
    ///
    /// Source: EBS User Guide, "Permissions to use a KMS key".
    private func unlocking(_ restorer: Restorer, _ regions: [Region]) -> [IAMPolicy.Statement] {
        let keys = names(.kms, "key/*", in: regions)
        let byEC2 = ["StringLike": ["kms:ViaService": ["ec2.*.amazonaws.com*"]]]
        let actions = ["Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"]
        return [
            IAMPolicy.Statement(
                sid: restorer.prefix + "UseKeys", actions: actions.map { "kms:\($0)" }, resources: keys,
                conditions: byEC2),
            IAMPolicy.Statement(
                sid: restorer.prefix + "GrantKeys", actions: ["kms:CreateGrant"], resources: keys,
                conditions: byEC2.merging(["Bool": ["kms:GrantIsForAWSResource": ["true"]]]) { first, _ in first }),
        ]
    }

    /// Volumes go to instances that are there, which no mark tells; a profile's role goes to a new one.
    private func changingWhatIsThere(_ restorer: Restorer, _ regions: [Region]) -> [IAMPolicy.Statement] {
        let attachments = [EC2.attachVolume, EC2.detachVolume].map(\.right)
        return [
            IAMPolicy.Statement(
                sid: restorer.prefix + "AttachWhatIsMarked", actions: attachments,
                resources: names(.ec2, "volume/*", in: regions), conditions: restorer.isMarked),
            IAMPolicy.Statement(
                sid: restorer.prefix + "AttachToInstances",
                actions: attachments + [EC2.createReplaceRootVolumeTask.right],
                resources: names(.ec2, "instance/*", in: regions)),
            // The new root volume bears no tag of the request's, which are the task's.
            IAMPolicy.Statement(
                sid: restorer.prefix + "ReplaceRootVolumes", actions: [EC2.createReplaceRootVolumeTask.right],
                resources: names(.ec2, "volume/*", in: regions)),
            IAMPolicy.Statement(
                sid: restorer.prefix + "NoteWhatIsUndone", actions: [EC2.createTags.right],
                resources: names(.ec2, "snapshot/*", in: regions),
                conditions: [
                    "StringEquals": isOurs, "ForAllValues:StringEquals": ["aws:TagKeys": [EC2Set.undoneKey]],
                ]),
            IAMPolicy.Statement(
                sid: restorer.prefix + "PassProfiles", actions: ["iam:PassRole"],
                resources: Set(regions.map { "arn:\($0.partition):iam::*:role/*" }).sorted(),
                conditions: ["StringLike": ["iam:PassedToService": ["ec2.amazonaws.com*"]]]),
        ]
    }

    // MARK: Lightsail

    private func lightsailStatements(for restorer: Restorer) -> [IAMPolicy.Statement] {
        let kinds = LightsailKindRights.all.filter { kind in restorer.places.contains { $0.provider == kind.provider } }
        guard !kinds.isEmpty else { return [] }
        let regions = restorer.regions([.lightsail, .lightsailDisks, .lightsailDatabases])
        // Undoing looks for all that may be there.
        let reads =
            [Lightsail.getInstances, Lightsail.getDisks, Lightsail.getDatabases, Lightsail.getRegions]
            + [Lightsail.getOperation, Lightsail.getInstance, Lightsail.getDisk] + kinds.flatMap(\.reads)
            + (restorer.isPerson ? kinds.flatMap(\.choices) : [])
        var statements = [
            IAMPolicy.Statement(
                sid: restorer.prefix + "ReadLightsail", actions: Set(reads.map(\.right)).sorted(), resources: ["*"],
                conditions: ["StringEquals": isIn(regions)])
        ]
        for kind in kinds {
            let regions = restorer.regions([kind.provider])
            let made = names(.lightsail, "\(kind.word)/*", in: regions)
            let sources = names(.lightsail, "\(kind.word)Snapshot/*", in: regions)
            // Lightsail's own are not ours to tag.
            let isAutomatic = policies.contains { $0.source == .automatic && $0.selects(from: kind.provider) }
            let ports = kind.provider == .lightsail ? [Lightsail.putInstancePublicPorts] : []
            statements += [
                marking(kind.word, made, restorer),
                IAMPolicy.Statement(
                    sid: restorer.prefix + "FromOur\(kind.word)Snapshots", actions: [kind.create.right],
                    resources: sources,
                    conditions: isAutomatic
                        ? restorer.bearsMark
                        : restorer.bearsMark.merging(["StringEquals": isOurs]) { first, _ in first }),
                IAMPolicy.Statement(
                    sid: restorer.prefix + "ChangeMarked\(kind.word)s",
                    actions: (kind.changes + ports).map(\.right), resources: made, conditions: restorer.isMarked),
            ]
        }
        if kinds.contains(where: { $0.provider == .lightsail }) {
            statements += attaching(restorer, hasDisks: kinds.contains { $0.provider == .lightsailDisks })
        }
        return statements
    }

    /// Whoever makes something with tags must be allowed to tag it (Lightsail developer guide, "Control access by tags").
    private func marking(_ word: String, _ made: [String], _ restorer: Restorer) -> IAMPolicy.Statement {
        var marking = IAMPolicy.Statement(
            sid: restorer.prefix + "Mark\(word)s", actions: [Lightsail.tagResource.right], resources: made,
            conditions: restorer.bearsMark)
        if !restorer.isPerson {
            marking.conditions["ForAllValues:StringEquals"] = ["aws:TagKeys": [RestoreTag.key]]
        }
        return marking
    }

    /// The disks of an instance are made with it, without a mark, and get theirs afterwards.
    private func attaching(_ restorer: Restorer, hasDisks: Bool) -> [IAMPolicy.Statement] {
        let regions = restorer.regions([.lightsail, .lightsailDisks])
        let disks = names(.lightsail, "Disk/*", in: regions)
        let removing = IAMPolicy.Statement(
            sid: restorer.prefix + "RemoveMarkedDisks", actions: [Lightsail.deleteDisk.right], resources: disks,
            conditions: restorer.isMarked)
        let both = hasDisks ? [] : [marking("Disk", disks, restorer), removing]
        guard restorer.isPerson else { return both }
        return both + [
            IAMPolicy.Statement(
                sid: restorer.prefix + "AttachMarkedDisks", actions: [Lightsail.attachDisk.right], resources: disks,
                conditions: restorer.isMarked),
            IAMPolicy.Statement(
                sid: restorer.prefix + "AttachAddresses", actions: [Lightsail.attachStaticIP.right],
                resources: ["Instance/*", "StaticIp/*"].flatMap { names(.lightsail, $0, in: regions) }),
        ]
    }
}

/// One kind of what Lightsail restores: its names, and the calls for it.
private struct LightsailKindRights {
    var provider: Provider
    var word: String
    var reads: [Operation]
    /// What a person's choices are checked by.
    var choices: [Operation] = []
    var create: Operation
    /// Of what bears the mark.
    var changes: [Operation]

    static let all = [
        LightsailKindRights(
            provider: .lightsail, word: "Instance",
            reads: [
                Lightsail.getInstanceSnapshot, Lightsail.getInstancePortStates, Lightsail.getStaticIPs,
                Lightsail.getKeyPairs, Lightsail.getBundles,
            ], create: Lightsail.createInstancesFromSnapshot, changes: [Lightsail.deleteInstance]),
        LightsailKindRights(
            provider: .lightsailDisks, word: "Disk", reads: [Lightsail.getDiskSnapshot],
            create: Lightsail.createDiskFromSnapshot, changes: [Lightsail.deleteDisk]),
        LightsailKindRights(
            provider: .lightsailDatabases, word: "RelationalDatabase",
            reads: [Lightsail.getDatabaseSnapshot, Lightsail.getDatabase], choices: [Lightsail.getDatabaseBundles],
            create: Lightsail.createDatabaseFromSnapshot, changes: [Lightsail.deleteDatabase]),
    ]
}
