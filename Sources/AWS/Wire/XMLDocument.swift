import CExpat

/// Reads an XML document into a ``WireNode`` with expat, and nothing that a reply does not need: a DOCTYPE is refused,
/// and depth and size are bounded.
package enum XMLDocument {
    /// Deeper than any reply of ours.
    static let deepest = 64
    /// Bytes of one text; a tag's value has 256 characters, a token some thousand.
    static let longestText = 1 << 20
    /// Bytes of a document: as much as the transport lets in.
    static let longest = 64 << 20

    /// The root element's name and content.
    ///
    /// - Throws: ``WireError`` with the line of what is wrong.
    package static func read(_ bytes: [UInt8]) throws(WireError) -> (root: String, node: WireNode) {
        guard bytes.count <= longest else { throw WireError("the reply holds more than \(longest) bytes") }
        guard let parser = XML_ParserCreate("UTF-8") else { throw WireError("no memory for an XML parser") }
        defer { XML_ParserFree(parser) }
        let builder = Builder(parser: parser)
        XML_SetUserData(parser, Unmanaged.passUnretained(builder).toOpaque())
        XML_SetElementHandler(parser, startElement, endElement)
        XML_SetCharacterDataHandler(parser, characterData)
        XML_SetStartDoctypeDeclHandler(parser, startDoctype)
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(
                parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: buffer.count), 1)
        }
        if let refused = builder.refused { throw WireError("the reply holds \(refused)") }
        guard status == XML_STATUS_OK, let root = builder.root else {
            let message = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "unknown error"
            throw WireError("line \(XML_GetCurrentLineNumber(parser)): \(message)")
        }
        return root
    }

    /// The content of the reply to an operation; any other document is none, however well its content would fit.
    ///
    /// A portal's `<html/>` must not pass for "there are no instances".
    package static func reply(to operation: Operation, _ bytes: [UInt8]) throws(WireError) -> WireNode {
        let document = try read(bytes)
        guard document.root == operation.name + "Response" else {
            throw WireError("it is <\(document.root)>, not <\(operation.name)Response>")
        }
        return document.node
    }

    private static func builderOf(_ user: UnsafeMutableRawPointer?) -> Builder? {
        user.map { Unmanaged<Builder>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let startElement: XML_StartElementHandler = { user, name, _ in
        guard let name else { return }
        builderOf(user)?.start(String(cString: name))
    }

    private static let startDoctype: XML_StartDoctypeDeclHandler = { user, _, _, _, _ in
        builderOf(user)?.refuse("a DOCTYPE")
    }

    private static let endElement: XML_EndElementHandler = { user, _ in builderOf(user)?.end() }

    private static let characterData: XML_CharacterDataHandler = { user, text, length in
        guard let text else { return }
        let bytes = UnsafeRawBufferPointer(start: text, count: Int(length))
        builderOf(user)?.add(bytes)
    }

    /// Collects elements as expat reports them.
    private final class Builder {
        private struct Open {
            var name: String
            var fields: [WireNode.Field] = []
            var text: [UInt8] = []
        }

        private let parser: XML_Parser
        private var open: [Open] = []
        private(set) var root: (root: String, node: WireNode)?
        private(set) var refused: String?

        init(parser: XML_Parser) { self.parser = parser }

        func refuse(_ what: String) {
            refused = what
            XML_StopParser(parser, 0)
        }

        func start(_ name: String) {
            guard open.count < XMLDocument.deepest else { return refuse("more than \(XMLDocument.deepest) levels") }
            open.append(Open(name: name))
        }

        func add(_ bytes: UnsafeRawBufferPointer) {
            // Only leaves have text that matters; between elements stands layout.
            guard let last = open.indices.last, open[last].fields.isEmpty else { return }
            guard open[last].text.count + bytes.count <= XMLDocument.longestText else {
                return refuse("a text of more than \(XMLDocument.longestText) bytes")
            }
            open[last].text.append(contentsOf: bytes)
        }

        func end() {
            guard let element = open.popLast() else { return }
            let node = node(of: element)
            if let parent = open.indices.last {
                open[parent].fields.append(WireNode.Field(element.name, node))
            } else {
                root = (element.name, node)
            }
        }

        private func node(of element: Open) -> WireNode {
            if element.fields.isEmpty { return .text(String(decoding: element.text, as: UTF8.self)) }
            let isList = element.fields.allSatisfy { $0.name == "item" || $0.name == "member" }
            return isList ? .list(element.fields.map(\.node)) : .fields(element.fields)
        }
    }
}

/// A text on the wire that is not what it should be.
package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
