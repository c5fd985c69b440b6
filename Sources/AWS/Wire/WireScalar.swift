/// A value that is one text on the wire.
protocol WireScalar: Codable {
    var wireText: String { get }
    init?(wireText: String)
}

extension String: WireScalar {
    var wireText: String { self }
    init?(wireText: String) { self = wireText }
}

extension Bool: WireScalar {
    var wireText: String { self ? "true" : "false" }

    /// Reads `true` and `false` in any case: Python tools write `True`.
    init?(wireText: String) {
        switch wireText.lowercased() {
        case "true": self = true
        case "false": self = false
        default: return nil
        }
    }
}

extension WireScalar where Self: LosslessStringConvertible {
    var wireText: String { description }
    init?(wireText: String) { self.init(wireText) }
}

extension Int: WireScalar {}
extension Int64: WireScalar {}
extension Double: WireScalar {}

/// What an empty element means nothing of: everything but lists, for which it means an empty one.
protocol WireList {}
extension Array: WireList {}
