/// How memory stays bounded: what is older than `history` and nobody's business any more is forgotten.
///
/// AWS is the truth, so that nothing is lost with it that a later pass could not read: what is forgotten has no point, is
/// selected by no policy, and was over that long ago.
extension Memory {
    /// How often that is looked for.
    package static let foldingInterval = Duration.seconds(86_400)

    /// What may be forgotten now; nothing if that was looked for lately, or if anything could not be read.
    ///
    /// A place that was not read may hold the very points that what is remembered belongs to.
    package func foldings(
        seeing inventory: Inventory, under configuration: Configuration, now: Moment
    ) -> [Change] {
        if let folded, folded <= now, now - folded < Memory.foldingInterval { return [] }
        guard inventory.isWhole,
            clockTrouble(seeing: inventory, now: now) == nil
        else { return [] }
        let before = now - configuration.timing.history
        return [.folded(before: before, at: now)] + gonePairs(inventory, configuration, before: before)
            + goneCopies(inventory, before: max(before, now - Memory.longestForgotten))
            + needlessSidecars(inventory, before: before, now: now)
    }

    /// Those of points that were never made, or are gone; where nobody looks any more they stay as long as history does.
    private func needlessSidecars(_ inventory: Inventory, before: Moment, now: Moment) -> [Change] {
        let old = sidecars.filter { key, record in
            let isRead = inventory.isComplete(Place(record.kind.provider, key.site))
            return record.noted < (isRead ? now - Memory.foldingInterval : before)
        }.keys
        guard !old.isEmpty else { return [] }
        let living = Set(inventory.points.map(\.beginning))
        return old.filter { !living.contains($0) }.sorted().map { .noted($0, nil) }
    }

    /// Pairs that were first seen and went that long ago, and of which nothing is left.
    private func gonePairs(
        _ inventory: Inventory, _ configuration: Configuration, before: Moment
    ) -> [Change] {
        let old = firstSeen.filter { $0.value < before && absent[$0.key].map { $0 < before } ?? true }.keys
        let strays = absent.filter { $0.value < before && firstSeen[$0.key] == nil }.keys
        guard !old.isEmpty || !strays.isEmpty else { return [] }
        let index = InventoryIndex(inventory, configuration)
        var living: Set<Pair> = []
        for policy in configuration.policies {
            living.formUnion(
                index.resources(selectedBy: policy).map { Pair(policy: policy.name, resource: $0.id) })
            living.formUnion(index.points(of: policy.name).keys.map { Pair(policy: policy.name, resource: $0) })
        }
        // Those of a policy that the config does not have any more, or has under another name.
        living.formUnion(inventory.points.map { Pair(policy: $0.policy, resource: $0.resource) })
        living.formUnion(open.values.map(\.key.pair))
        return Set(old).union(strays).subtracting(living).sorted().map { .forgot($0) }
    }

    /// A fleet of a thousand resources makes a thousand copies a day: those whose set is nowhere any more, and which nobody will
    /// ask about, are kept no longer than that, so that a year needs no more memory than its first month.
    static let longestForgotten = Duration.seconds(30 * 86_400)

    /// Copies that were seen usable that long ago, of sets that are nowhere any more.
    private func goneCopies(_ inventory: Inventory, before: Moment) -> [Change] {
        let old = copiesSeen.filter { $0.value < before }.keys
        guard !old.isEmpty else { return [] }
        let living = Set(inventory.points.map(\.set))
        return old.filter { !living.contains($0.set) }.sorted().map { .copyForgotten($0) }
    }
}
