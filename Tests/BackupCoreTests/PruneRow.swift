import Testing

@testable import BackupCore

/// A scene, and what the plan says about the points in it that no rule keeps.
///
/// Unless the row changes it: a policy that keeps the last point, and two points, of 2026-11-19 and -20; now is noon of
/// the 20th. So the first one is a candidate, and nothing stands in its way.
struct PruneRow: Sendable, CustomTestStringConvertible {
    let name: String
    /// The rule that it is about, by name.
    let rule: String
    let says: [String]
    let scene: @Sendable (inout Scene) throws -> Void
    var testDescription: String { "\(rule): \(name)" }

    init(_ rule: String, _ name: String, says: String..., scene: @escaping @Sendable (inout Scene) throws -> Void) {
        (self.rule, self.name, self.says, self.scene) = (rule, name, says, scene)
    }

    /// A row whose points all go, or stay, for want of a word about them.
    static let goes = "prune us-east-1 2026-11-19: no rule keeps it"

    func lines() throws -> [String] {
        var scene = try Scene(retention: Retention(last: 1))
        scene.addPoint("2026-11-19")
        scene.addPoint("2026-11-20")
        try self.scene(&scene)
        return scene.pruning()
    }
}

extension Scene {
    /// `word region day: reason` of each point that goes or may not go, with the rule that withholds it in brackets.
    func pruning() -> [String] {
        plan().actions.filter { ["prune", "withhold"].contains($0.word) }.map { action in
            let rule = action.rule.map { " [\($0)]" } ?? ""
            return "\(action.word) \(action.site) \(action.slot.description.prefix(10)): \(action.reason)\(rule)"
        }.sorted()
    }

    /// `region day: reasons` of each point that is kept.
    func keeping() -> [String] {
        let kept = plan().kept
        return points.compactMap { point in
            guard let reasons = kept[point.id], !reasons.isEmpty else { return nil }
            let why = reasons.map(\.description).joined(separator: ", ")
            return "\(point.site) \(point.slot.description.prefix(10)): \(why)"
        }.sorted()
    }

    /// A destination, where the copies of all points so far were seen usable.
    mutating func addDestination(_ retention: Retention? = nil, key: String? = nil) {
        policy.copies = [CopyRule(region: Scene.away.region, kmsKey: key, retention: retention)]
        for index in points.indices { points[index].copiedTo = [Scene.away.site] }
    }
}
