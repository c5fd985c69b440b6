/// Writes a ``WireNode`` as EC2 and STS write their replies: lists as `<item>` elements.
package enum XMLText {
    /// A whole document; `namespace` is left out where it is nil, as in EC2's errors.
    package static func write(_ node: WireNode, root: String, namespace: String?) -> String {
        let attribute = namespace.map { " xmlns=\"\($0)\"" } ?? ""
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(root)\(attribute)>"
        append(node, to: &text)
        return text + "</\(root)>"
    }

    private static func append(_ node: WireNode, to text: inout String) {
        switch node {
        case .text(let content): text += escaped(content)
        case .list(let nodes):
            for node in nodes { append("item", node, to: &text) }
        case .fields(let fields):
            for field in fields { append(field.name, field.node, to: &text) }
        }
    }

    private static func append(_ name: String, _ node: WireNode, to text: inout String) {
        text += "<\(name)>"
        append(node, to: &text)
        text += "</\(name)>"
    }

    /// A line feed stays; a carriage return would be read as one.
    ///
    /// What XML 1.0 cannot hold at all becomes U+FFFD (XML 1.0, sections 2.2 and 2.11).
    private static func escaped(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0xEF }
        guard !isPlain else { return text }
        var result = String.UnicodeScalarView()
        // Scalars, not characters: an ampersand that bears an accent is an ampersand to a parser.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\r": result.append(contentsOf: "&#13;".unicodeScalars)
            case "\t", "\n": result.append(scalar)
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
