import Testing

@testable import BackupCore

/// A scene, and what the plan says of each of its points: what keeps it, or that it goes.
struct KeptRow: Sendable, CustomTestStringConvertible {
    let name: String
    let kept: [String]
    let pruned: [String]
    let scene: @Sendable (inout Scene) throws -> Void
    var testDescription: String { name }

    init(
        _ name: String, kept: [String], pruned: [String] = [],
        scene: @escaping @Sendable (inout Scene) throws -> Void
    ) {
        (self.name, self.kept, self.pruned, self.scene) = (name, kept, pruned, scene)
    }

    /// Fails unless the plan says exactly that.
    func check() throws {
        var scene = try Scene()
        try self.scene(&scene)
        #expect(scene.keeping() == kept)
        #expect(scene.pruning() == pruned)
    }
}
