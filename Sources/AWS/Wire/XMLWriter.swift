/// ``WireNode`` to XML, as EC2 and STS write it: fields are elements, lists are `<item>` elements.
package struct XMLWriter {
    private var out: [UInt8] = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)

    /// A whole document; `namespace` is left out where it is nil, as in EC2's errors.
    package static func document(root: String, namespace: String?, _ node: WireNode) -> [UInt8] {
        var writer = XMLWriter()
        writer.append("<\(root)")
        if let namespace { writer.append(" xmlns=\"\(namespace)\"") }
        writer.append(">")
        writer.write(node)
        writer.append("</\(root)>")
        return writer.out
    }

    private mutating func write(_ node: WireNode) {
        switch node {
        case .text(let text):
            escape(text)
        case .list(let nodes):
            for node in nodes { write("item", node) }
        case .fields(let fields):
            for field in fields { write(field.name, field.node) }
        }
    }

    private mutating func write(_ name: String, _ node: WireNode) {
        append("<\(name)>")
        write(node)
        append("</\(name)>")
    }

    private mutating func append(_ text: String) { out.append(contentsOf: text.utf8) }

    /// Characters that XML 1.0 cannot have at all become U+FFFD (XML 1.0, section 2.2).
    private mutating func escape(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": append("&amp;")
            case "<": append("&lt;")
            case ">": append("&gt;")
            case "\r": append("&#13;")
            case "\t", "\n": out.append(UInt8(scalar.value))
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": append("\u{FFFD}")
            default: out.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
            }
        }
    }
}
