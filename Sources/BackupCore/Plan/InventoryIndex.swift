/// What an inventory holds, found by whose it is: planning looks at each thing once, however many policies there are.
package struct InventoryIndex {
    private var byPlace: [Place: [Resource]] = [:]
    private var byID: [ResourceID: [Resource]] = [:]
    private var points: [PolicyName: [ResourceID: [RecoveryPoint]]] = [:]
    /// Points whose policy the config does not name, and no other adopts; and those that only look like points.
    package private(set) var orphans: [RecoveryPoint] = []
    /// When the newest usable home point of all was taken.
    let newestUsable: Moment?

    package init(_ inventory: Inventory, _ configuration: Configuration) {
        let owners = configuration.owners
        var newest: Moment?
        // Whose the last point was, and the owner of that: mostly the next one's too.
        var last: (policy: PolicyName, owner: PolicyName)?
        for (place, listing) in inventory.listings {
            byPlace[place] = listing.resources
            for resource in listing.resources { byID[resource.id, default: []].append(resource) }
            for point in listing.points {
                if !point.isCopy, !point.isAutomatic, point.state == .usable {
                    newest = max(newest ?? point.taken, point.taken)
                }
                let policy = point.policy
                guard let owner = last?.policy == policy ? last?.owner : owners[policy] else {
                    orphans.append(point)
                    continue
                }
                last = (policy, owner)
                points[owner, default: [:]][point.resource, default: []].append(point)
            }
        }
        // Snapshots that bear a name of ours alone, and whose home point, which would tell more, is not there any more.
        for listing in inventory.listings.values where !listing.untagged.isEmpty {
            let claimed = Set(listing.points.map(\.set))
            orphans += listing.untagged.values.filter { !claimed.contains($0.set) }
        }
        newestUsable = newest
        orphans.sort { $0.id < $1.id }
    }

    /// The points that are a policy's, its own and adopted ones, by the resource they are of.
    package func points(of policy: PolicyName) -> [ResourceID: [RecoveryPoint]] { points[policy] ?? [:] }

    /// Whether a resource is there, in that region.
    package func shows(_ resource: ResourceID, in site: Site) -> Bool {
        byID[resource]?.contains { $0.site == site && !$0.isGone } ?? false
    }

    /// The resources a policy protects, each once, though AWS may list one on two pages.
    ///
    /// What is attached to an instance that the same policy protects is in that instance's points, and not taken twice.
    package func resources(selectedBy policy: Policy) -> [Resource] {
        var seen: Set<ResourceID> = []
        let selected = policy.selection.kinds.flatMap { candidates(policy, $0) }
            .filter { policy.selects($0) && seen.insert($0.id).inserted }
        guard selected.contains(where: { !$0.attachedTo.isEmpty }) else { return selected }
        // Lightsail's disks and instances are listed apart.
        let around = { (resource: Resource) in Place(resource.provider.service, resource.site) }
        let instances = Dictionary(grouping: selected, by: around).mapValues { Set($0.compactMap(\.attachmentName)) }
        return selected.filter { $0.attachedTo.isDisjoint(with: instances[around($0)] ?? []) }
    }

    private func candidates(_ policy: Policy, _ kind: ResourceKind) -> [Resource] {
        guard let selector = policy.selection[kind] else { return [] }
        guard selector.ids.isEmpty else {
            return selector.ids.flatMap { byID[ResourceID($0)] ?? [] }.filter { $0.kind == kind }
        }
        return policy.homes.flatMap { byPlace[Place(kind.provider, $0)] ?? [] }.filter { $0.kind == kind }
    }
}
