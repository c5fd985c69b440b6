/// What an inventory holds, found by whose it is: planning looks at each thing once, however many policies there are.
package struct InventoryIndex {
    private var byPlace: [Place: [Resource]] = [:]
    private var byID: [ResourceID: [Resource]] = [:]
    private var points: [PolicyName: [ResourceID: [RecoveryPoint]]] = [:]

    package init(_ inventory: Inventory) {
        for (place, listing) in inventory.listings {
            byPlace[place] = listing.resources
            for resource in listing.resources { byID[resource.id, default: []].append(resource) }
            for point in listing.points {
                points[point.policy, default: [:]][point.resource, default: []].append(point)
            }
        }
    }

    /// A policy's points, by the resource they are of.
    package func points(of policy: PolicyName) -> [ResourceID: [RecoveryPoint]] { points[policy] ?? [:] }

    /// The resources a policy protects, each once, though AWS may list one on two pages.
    package func resources(selectedBy policy: Policy) -> [Resource] {
        var seen: Set<ResourceID> = []
        return Provider.allCases.flatMap { candidates(policy, $0) }
            .filter { policy.selects($0) && seen.insert($0.id).inserted }
    }

    private func candidates(_ policy: Policy, _ provider: Provider) -> [Resource] {
        guard let selector = policy.selection[provider] else { return [] }
        guard selector.ids.isEmpty else { return selector.ids.flatMap { byID[ResourceID($0)] ?? [] } }
        return policy.regions.flatMap { byPlace[Place(provider, $0)] ?? [] }
    }
}
