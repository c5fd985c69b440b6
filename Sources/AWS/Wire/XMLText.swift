/// Writes a ``WireNode`` as EC2 and STS write their replies: lists as `<item>` elements.
package enum XMLText {
    package static func write(_ node: WireNode, root: String, namespace: String) -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(root) xmlns=\"\(namespace)\">"
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

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E }) else { return text }
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
