import BackupCore

/// Whether what a policy selects can be where the policy says, and its copies can get where they shall.
struct PlaceChecks {
    let problems: Problems

    func check(_ policy: Policy, _ reader: MappingReader) {
        let homes = regions(in: reader["regions"])
        let destinations = copyRegions(in: reader["copies"])
        let kinds = policy.selection.kinds.filter { $0.provider.isLightsail }.map(\.rawValue)
        if !kinds.isEmpty {
            for (region, mark) in homes { checkLightsail(region, mark, "regions", kinds) }
            for (region, mark) in destinations { checkLightsail(region, mark, "copies", kinds) }
        }
        for (region, mark) in destinations {
            guard let home = homes.first(where: { $0.region.partition != region.partition }) else { continue }
            let near = region.partition.regions.contains { other in homes.contains { $0.region.rawValue == other } }
            problems.add(
                mark,
                "copies: AWS copies nothing from \(home.region), which is in the partition \(home.region.partition), to "
                    + "\(region) in \(region.partition): "
                    + (near ? "make a policy for each partition" : "name a region of \(home.region.partition)"))
        }
    }

    private func checkLightsail(_ region: Region, _ mark: Mark, _ key: String, _ kinds: [String]) {
        guard !Regions.ofLightsail.contains(region.rawValue) else { return }
        let kinds = kinds.joined(separator: ", ")
        guard region.partition == Region(Regions.ofLightsail[0]).partition else {
            return problems.add(
                mark,
                "\(key): there is no Lightsail in the partition \(region.partition), to which \(region) belongs: take "
                    + "\(kinds) or \(region) out of this policy")
        }
        let area = region.rawValue.prefix { $0 != "-" } + "-"
        let hint = Suggestion.text(
            for: region.rawValue, among: Regions.ofLightsail.filter { $0.hasPrefix(area) })
        problems.add(
            mark,
            "\(key): there is no Lightsail in \(region)\(hint): take \(kinds) or \(region) out of this policy; Lightsail is "
                + "in \(Regions.ofLightsail.sorted().joined(separator: ", "))")
    }

    private func copyRegions(in node: Node?) -> [(region: Region, mark: Mark)] {
        guard case .sequence(let copies, _) = node else { return [] }
        return copies.flatMap { copy -> [(region: Region, mark: Mark)] in
            guard case .mapping(let entries, _) = copy else { return [] }
            return regions(in: entries.first { $0.key == "region" }?.value)
        }
    }

    /// Those that are regions; of the others it was said already.
    private func regions(in node: Node?) -> [(region: Region, mark: Mark)] {
        switch node {
        case .scalar(let text, let mark): Regions.known.contains(text) ? [(Region(text), mark)] : []
        case .sequence(let nodes, _): nodes.flatMap { regions(in: $0) }
        default: []
        }
    }
}
