import BackupCore

/// Lightsail: as on EC2, where its conditions reach.
///
/// CopySnapshot knows neither resources nor tags, so that only its region is bound; the copy is tagged afterwards, when
/// nothing yet says whose it is: whoever has this right could tag a foreign snapshot as ours as well.
extension LeastPrivilege {
    /// One kind of what Lightsail backs up: its names, and the calls for it.
    private struct Kind {
        var provider: Provider
        var word: String
        var reads: [Operation]
        var create: Operation
        var delete: Operation

        static let all = [
            Kind(
                provider: .lightsail, word: "Instance",
                reads: [Lightsail.getInstanceSnapshot, Lightsail.getInstanceSnapshots, Lightsail.getInstances],
                create: Lightsail.createInstanceSnapshot, delete: Lightsail.deleteInstanceSnapshot),
            Kind(
                provider: .lightsailDisks, word: "Disk",
                reads: [Lightsail.getDiskSnapshot, Lightsail.getDiskSnapshots, Lightsail.getDisks],
                create: Lightsail.createDiskSnapshot, delete: Lightsail.deleteDiskSnapshot),
            Kind(
                provider: .lightsailDatabases, word: "RelationalDatabase",
                reads: [Lightsail.getDatabaseSnapshot, Lightsail.getDatabaseSnapshots, Lightsail.getDatabases],
                create: Lightsail.createDatabaseSnapshot, delete: Lightsail.deleteDatabaseSnapshot),
        ]
    }

    var lightsailStatements: [IAMPolicy.Statement] {
        let kinds = Kind.all.filter { !homes(of: $0.provider).isEmpty }
        guard !kinds.isEmpty else { return [] }
        return [reading(kinds)] + kinds.flatMap(taking) + copying(kinds) + kinds.flatMap(changing) + setting(kinds)
    }

    /// Lightsail's automatic snapshots: seeing them, and setting them where the config says how.
    private func setting(_ kinds: [Kind]) -> [IAMPolicy.Statement] {
        let switched = kinds.filter { kind in
            policies.contains { $0.selects(from: kind.provider) && $0.automatic != nil }
        }
        guard !switched.isEmpty else { return [] }
        return [
            IAMPolicy.Statement(
                sid: "SetAutomaticSnapshots", actions: [Lightsail.enableAddOn.right, Lightsail.disableAddOn.right],
                // These calls know no resources (Service Authorization Reference, Amazon Lightsail).
                resources: ["*"],
                conditions: ["StringEquals": isIn(Set(switched.flatMap { homes(of: $0.provider) }).sorted())])
        ]
    }

    private func reading(_ kinds: [Kind]) -> IAMPolicy.Statement {
        let regions = Set(kinds.flatMap { places(of: $0.provider) }).sorted()
        let automatic = policies.contains { $0.source == .automatic } ? [Lightsail.getAutoSnapshots] : []
        return IAMPolicy.Statement(
            sid: "ReadLightsail", actions: (kinds.flatMap(\.reads) + automatic).map(\.right), resources: ["*"],
            conditions: ["StringEquals": isIn(regions)])
    }

    /// Nothing is taken by policies that copy what Lightsail takes by itself.
    private func taking(_ kind: Kind) -> [IAMPolicy.Statement] {
        let takers = policies.filter { $0.selects(from: kind.provider) && $0.source != .automatic }
        let homes = Set(takers.flatMap(\.regions)).sorted()
        guard !homes.isEmpty else { return [] }
        return [
            IAMPolicy.Statement(
                sid: "Take\(kind.word)SnapshotsWithOurTag", actions: [kind.create.right],
                // Of databases this call knows no resources.
                resources: kind.provider == .lightsailDatabases
                    ? ["*"]
                    : names(.lightsail, "\(kind.word)/*", in: homes)
                        + names(.lightsail, "\(kind.word)Snapshot/*", in: homes),
                conditions: [
                    "StringEquals": kind.provider == .lightsailDatabases
                        ? bearsOurTag.merging(isIn(homes)) { first, _ in first } : bearsOurTag
                ])
        ]
    }

    private func copying(_ kinds: [Kind]) -> [IAMPolicy.Statement] {
        let copied = kinds.filter { !destinations(of: $0.provider).isEmpty }
        guard !copied.isEmpty else { return [] }
        let regions = Set(copied.flatMap { destinations(of: $0.provider) }).sorted()
        let copying = IAMPolicy.Statement(
            sid: "CopyLightsailSnapshots", actions: [Lightsail.copySnapshot.right], resources: ["*"],
            conditions: ["StringEquals": isIn(regions)])
        return [copying]
            + copied.map { kind in
                IAMPolicy.Statement(
                    sid: "Tag\(kind.word)SnapshotCopies", actions: [Lightsail.tagResource.right],
                    resources: names(.lightsail, "\(kind.word)Snapshot/*", in: destinations(of: kind.provider)),
                    conditions: ["StringEquals": bearsOurTag])
            }
    }

    private func changing(_ kind: Kind) -> [IAMPolicy.Statement] {
        let snapshots = names(.lightsail, "\(kind.word)Snapshot/*", in: places(of: kind.provider))
        return [
            IAMPolicy.Statement(
                sid: "TagOur\(kind.word)Snapshots", actions: [Lightsail.tagResource.right], resources: snapshots,
                conditions: [
                    "StringEquals": isOurs,
                    "ForAllValues:StringLike": ["aws:TagKeys": [PointTags.prefix + "*"]],
                ]),
            IAMPolicy.Statement(
                sid: "ReleaseOur\(kind.word)Snapshots", actions: [Lightsail.untagResource.right], resources: snapshots,
                conditions: [
                    "StringEquals": isOurs, "ForAllValues:StringEquals": ["aws:TagKeys": [PointTags.holdKey]],
                ]),
            IAMPolicy.Statement(
                sid: "DeleteOur\(kind.word)Snapshots", actions: [kind.delete.right],
                resources: snapshots, conditions: ["StringEquals": isOurs]),
        ]
    }
}
