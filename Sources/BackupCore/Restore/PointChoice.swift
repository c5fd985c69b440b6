/// Which recovery point a person wants restored: a point, or the newest one of a resource, perhaps not later than a moment.
package struct PointChoice: Sendable {
    /// `POLICY/RESOURCE/SLOT`, a set's id, or a resource by its id or name.
    package var text: String
    /// Data no later than this; only with a resource.
    package var at: Moment?
    /// `REGION` or `ACCOUNT/REGION`; nil means the point at home, and no copy.
    package var region: String?
    /// Points that have lost members will do.
    package var takesIncomplete = false

    package init(text: String, at: Moment? = nil, region: String? = nil, takesIncomplete: Bool = false) {
        (self.text, self.at, self.region, self.takesIncomplete) = (text, at, region, takesIncomplete)
    }

    /// Why there is no such point to be restored: what is wrong, and what there is.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package var description: String
        init(_ description: String) { self.description = description }
    }

    /// The points that are meant, in one place, newest first; `names` are those of the resources.
    package func points(in inventory: Inventory, names: [ResourceID: String]) throws(Refusal) -> [RecoveryPoint] {
        let all = inventory.points + inventory.knownByName
        let named = all.filter(PointReference(text).means)
        let isPoint = !named.isEmpty
        if isPoint, at != nil { throw Refusal("--at goes with a resource; \(text) is a point") }
        let meant = isPoint ? named : try points(ofResourceIn: all, names)
        let here = meant.filter { [nil, $0.site.region.rawValue, $0.site.description].contains(region) }
        guard !here.isEmpty else {
            throw Refusal("\(text) is not in \(region ?? ""): it is in \(PointChoice.sites(of: meant))")
        }
        let restorable = here.filter { point in
            point.state == .usable || (takesIncomplete && point.members.contains { $0.state == .completed })
        }
        // Nobody is to find their instance in another region without having said so.
        let usable = region == nil ? restorable.filter { !$0.isCopy } : restorable
        if usable.isEmpty, let copy = restorable.max(by: { $0.isOlder(than: $1) }) {
            let sites = PointChoice.sites(of: restorable)
            throw Refusal("what can be restored of \(text) is in \(sites) alone: say --region \(copy.site)")
        }
        guard let newest = usable.filter({ $0.taken <= at ?? .never }).max(by: { $0.isOlder(than: $1) }) else {
            throw noneUsable(here, usable)
        }
        let others = usable.filter { $0.place == newest.place && $0.taken <= at ?? .never && $0.id != newest.id }
        return [newest] + others.sorted { $1.isOlder(than: $0) }
    }

    private func points(
        ofResourceIn all: [RecoveryPoint], _ names: [ResourceID: String]
    ) throws(Refusal) -> [RecoveryPoint] {
        let meant = all.filter { point in
            point.resource.rawValue == text || names[point.resource] == text
        }
        let resources = Set(meant.map(\.resource)).sorted()
        guard !resources.isEmpty else {
            let known = Set(all.map { names[$0.resource] ?? $0.resource.rawValue }).sorted()
            let some = known.count > 8 ? known.prefix(8) + ["and \(known.count - 8) more"] : known[...]
            throw Refusal(
                "no recovery point and no resource with points is called \"\(text)\": "
                    + (known.isEmpty ? "there are no points" : "there are points of \(some.joined(separator: ", "))"))
        }
        guard resources.count == 1 else {
            let ids = resources.map(\.rawValue).joined(separator: " and ")
            throw Refusal("\(resources.count) resources are called \"\(text)\": say \(ids)")
        }
        return meant
    }

    private func noneUsable(_ here: [RecoveryPoint], _ usable: [RecoveryPoint]) -> Refusal {
        if let at, let oldest = usable.map(\.taken).min() {
            return Refusal("\(text) has no usable point taken by \(at): the oldest was taken \(oldest)")
        }
        let newest = here.max { $0.isOlder(than: $1) }
        let incomplete =
            newest?.state == .incomplete ? "; what is left of it can be restored with --unsafe-incomplete" : ""
        return Refusal(
            "\(newest?.title ?? text) cannot be restored in \(PointChoice.sites(of: here)): it is "
                + "\(newest?.state.rawValue ?? "gone")\(incomplete)")
    }

    private static func sites(of points: [RecoveryPoint]) -> String {
        Set(points.map(\.site)).sorted().map(\.description).joined(separator: ", ")
    }
}

extension RecoveryPoint {
    fileprivate func isOlder(than other: RecoveryPoint) -> Bool {
        (taken, slot, set) < (other.taken, other.slot, other.set)
    }
}
