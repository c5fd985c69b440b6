extension Inventory {
    /// Points that bear a name of ours and no tags, and that no home point in this inventory claims.
    package var knownByName: [RecoveryPoint] {
        let claimed = Set(points.map(\.id))
        return listings.values.flatMap(\.untagged.values).filter { !claimed.contains($0.id) }.sorted { $0.id < $1.id }
    }

    /// The same inventory with each untagged snapshot whose name is that of a home point of ours taken for its copy.
    ///
    /// Lightsail's CopySnapshot takes no tags: a crash before TagResource leaves a copy that only its name betrays.
    package func claimingLookalikes() -> Inventory {
        guard listings.values.contains(where: { !$0.untagged.isEmpty }) else { return self }
        var claimed = self
        let homes = Dictionary(
            points.filter { !$0.isCopy && $0.place.provider.isLightsail }.map { ($0.set, $0) },
            uniquingKeysWith: { first, _ in first })
        for (place, listing) in listings {
            for (set, found) in listing.untagged {
                guard var point = homes[set], point.place.provider == place.provider, point.place != place else {
                    continue
                }
                point.place = place
                point.members = found.members
                point.hold = found.hold
                point.copiedTo = []
                point.isAutomatic = false
                point.lacksTags = true
                claimed.merge(point)
                // It stays listed as what it was found as, until its tags are written.
                claimed.listings[place]?.untagged[set] = found
            }
        }
        return claimed
    }
}
