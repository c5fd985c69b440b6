import BackupCore

/// A plan as lines that people read: for each resource and region every slot, with what becomes of it and why.
struct PlanText {
    let policy: Policy
    let inventory: Inventory
    let plan: Plan

    var lines: [String] {
        let places = Set(rows.map(\.place)).sorted()
        let orphans = plan.orphans.map { "  orphan of policy \($0.policy): \($0.site) \(PlanText.shown($0.slot))" }
        return ["", "\(policy.name): \(rules)"]
            + places.flatMap { place in
                ["  \(place)"]
                    + rows.filter { $0.place == place }.sorted { ($1.slot, $0.text) < ($0.slot, $1.text) }.map {
                        "    \(PlanText.shown($0.slot))  \($0.text)"
                    }
            }
            + orphans + (places.isEmpty && orphans.isEmpty ? ["  nothing"] : [])
    }

    private var rules: String {
        let home = policy.retention.text
        let sides = policy.copies.map { rule in
            let which = rule.which.map { " \($0.rawValue)" } ?? ""
            return "\(rule.site)\(which): \(rule.retention.map(\.text) ?? "as at home")"
        }
        return ([home.isEmpty ? "no rules" : home] + sides).joined(separator: "; ")
    }

    private struct Row {
        var place: String
        var slot: Moment
        var text: String
    }

    private var rows: [Row] {
        let actions = plan.actions.map { action in
            let rule = action.rule.map { " [\($0)]" } ?? ""
            return Row(
                place: place(action.pair.resource, action.site), slot: action.slot,
                text: "\(PlanText.padded(action.word))\(about(action))\(action.reason)\(rule)")
        }
        let kept = inventory.points.compactMap { point -> Row? in
            guard let reasons = plan.kept[point.id], !reasons.isEmpty else { return nil }
            let why = reasons.map(\.description).joined(separator: ", ")
            return Row(place: place(point), slot: point.slot, text: PlanText.padded("keep") + traits(point) + why)
        }
        return actions + kept + silent
    }

    /// Points about which the plan says nothing at all.
    private var silent: [Row] {
        let told = Set(plan.actions.compactMap(\.point).map(\.id)).union(plan.orphans.map(\.id))
        return inventory.points.filter { !told.contains($0.id) && (plan.kept[$0.id] ?? []).isEmpty }.map { point in
            Row(place: place(point), slot: point.slot, text: PlanText.padded("leave") + traits(point).dropLast())
        }
    }

    private func about(_ action: Action) -> String { action.point.map(traits) ?? "" }

    /// What is not usual about a point.
    private func traits(_ point: RecoveryPoint) -> String {
        var traits: [String] = []
        if point.policy != policy.name { traits.append("of \(point.policy)") }
        if point.kind == .manual { traits.append("manual") }
        if point.state != .usable { traits.append(point.state.rawValue) }
        return traits.isEmpty ? "" : "(\(traits.joined(separator: ", "))) "
    }

    private func place(_ point: RecoveryPoint) -> String { place(point.resource, point.site) }
    private func place(_ resource: ResourceID, _ site: Site) -> String { "\(resource) in \(site)" }
    private static func padded(_ word: String) -> String {
        word + String(repeating: " ", count: max(1, 15 - word.count))
    }
    private static func shown(_ slot: Moment) -> String { String(slot.description.dropLast(4)) }
}

extension Action {
    /// The point that it is about, if there is one already where it acts.
    fileprivate var point: RecoveryPoint? {
        switch work {
        case .prune(let point), .withhold(let point), .removeFailed(let point, _), .removeSurplus(let point, _): point
        case .create, .copy, .refuse, .unshare, .repair, .adopt, .setAutomatic: nil
        }
    }
}
