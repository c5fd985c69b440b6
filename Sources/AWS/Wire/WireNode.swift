/// A request or reply of the Query protocol as a tree: what forms and XML documents have in common.
package indirect enum WireNode: Sendable, Equatable {
    case text(String)
    case list([WireNode])
    case fields([Field])

    package struct Field: Sendable, Equatable {
        package var name: String
        package var node: WireNode

        package init(_ name: String, _ node: WireNode) {
            self.name = name
            self.node = node
        }
    }

    /// The field of that name; the first letter's case does not matter, as EC2 capitalises it in requests only.
    package subscript(name: String) -> WireNode? {
        guard case .fields(let fields) = self else { return nil }
        return fields.first { WireNode.areSame($0.name, name) }?.node
    }

    /// The text of the field of that name.
    package func text(_ name: String) -> String? {
        if case .text(let text)? = self[name] { text } else { nil }
    }

    private static func areSame(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        guard let first = a.utf8.first, let other = b.utf8.first, first ^ other == 0x20 else { return false }
        return a.utf8.dropFirst().elementsEqual(b.utf8.dropFirst())
    }
}
