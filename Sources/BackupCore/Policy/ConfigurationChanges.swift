extension Configuration {
    /// What another config says differently, in words: `added db; removed old; changed web: schedule, retention`.
    ///
    /// Empty if it says the same.
    package func changes(to new: Configuration) -> String {
        let (before, after) = (byName, new.byName)
        let added = after.keys.filter { before[$0] == nil }.sorted()
        let removed = before.keys.filter { after[$0] == nil }.sorted()
        let changed = after.keys.sorted().compactMap { name -> String? in
            guard let old = before[name], let new = after[name] else { return nil }
            let keys = old.changedKeys(in: new)
            return keys.isEmpty ? nil : "changed \(name): \(keys.joined(separator: ", "))"
        }
        let own = changedKeys(in: new)
        return
            ([
                Configuration.named("added", added), Configuration.named("removed", removed),
            ].compactMap { $0 } + changed + (own.isEmpty ? [] : ["changed for all: \(own.joined(separator: ", "))"]))
            .joined(separator: "; ")
    }

    private static func named(_ verb: String, _ names: [PolicyName]) -> String? {
        names.isEmpty ? nil : "\(verb) \(names.map(\.rawValue).joined(separator: ", "))"
    }

    private var byName: [PolicyName: Policy] {
        Dictionary(policies.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The keys of the main file whose values differ, policies aside.
    private func changedKeys(in new: Configuration) -> [String] {
        [
            ("fleet", fleet == new.fleet), ("timing", timing == new.timing), ("max-prunes", cap == new.cap),
            ("api-budget", apiBudget == new.apiBudget), ("accounts", accounts == new.accounts),
            ("sidecar", sidecarBucket == new.sidecarBucket), ("metrics-file", metricsFile == new.metricsFile),
            ("notify", notify == new.notify),
        ].filter { !$0.1 }.map(\.0)
    }
}

extension Policy {
    /// The keys whose values differ, in the order in which the config explains them.
    fileprivate func changedKeys(in new: Policy) -> [String] {
        [
            ("account", account == new.account), ("regions", regions == new.regions),
            ("select", selection == new.selection), ("exclude", exclusion == new.exclusion),
            ("schedule", schedules == new.schedules), ("blackout", blackouts == new.blackouts),
            ("source", source == new.source), ("automatic-snapshots", automatic == new.automatic),
            ("first", first == new.first), ("retention", retention == new.retention),
            ("when-resource-gone", whenResourceGone == new.whenResourceGone), ("adopts", adopts == new.adopts),
            ("copies", copies == new.copies), ("tags", tags == new.tags), ("rpo", objective == new.objective),
            ("notify", notify == new.notify), ("drill", drill == new.drill), ("outpost", outpost == new.outpost),
            ("location", location == new.location),
        ].filter { !$0.1 }.map(\.0)
    }
}
