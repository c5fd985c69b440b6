/// A resource that does not exist any more, and what is left of it.
package struct GoneResource: Sendable, Equatable {
    package var pair: Pair
    /// Since when complete inventories have not shown it.
    package var since: Moment
    package var points: Int
    /// The sizes of the volumes that the points are of, which is more than AWS bills.
    package var gibibytes: Int
    /// What the policy says about it.
    package var rule: GoneRule
}

extension Inventory {
    /// The resources that are gone, of the policies in the config, with all their points in all regions.
    package func goneResources(
        under configuration: Configuration, _ memory: Memory, now: Moment
    ) -> [GoneResource] {
        let index = InventoryIndex(self, configuration)
        return configuration.policies.flatMap { policy in
            index.points(of: policy.name).compactMap { resource, points -> GoneResource? in
                let pair = Pair(policy: policy.name, resource: resource)
                guard let since = memory.absent[pair], since + Planner.goneAfter <= now else { return nil }
                let gibibytes = points.flatMap(\.members).map(\.gibibytes).reduce(0, +)
                return GoneResource(
                    pair: pair, since: since, points: points.count, gibibytes: gibibytes,
                    rule: policy.whenResourceGone)
            }
        }.sorted { $0.pair < $1.pair }
    }
}
