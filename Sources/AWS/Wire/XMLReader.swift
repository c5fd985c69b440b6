import CExpat

/// XML to ``WireNode``, by expat; the one file that sees its C module.
///
/// Elements named `item` or `member` alone, and elements of one name that repeat, are lists. An element without
/// content is an empty text. Attributes are ignored. A DOCTYPE is refused, so that there are no entities to expand but
/// XML's own five.
package final class XMLReader {
    /// What a document may not exceed.
    package struct Limits: Sendable {
        package var depth = 64
        /// Bytes of one element's text.
        package var text = 1 << 20
        /// Bytes of the document.
        package var document = 64 << 20

        package init() {}
    }

    /// The content of the root element, and its name.
    package static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(WireError)
        -> (root: String, node: WireNode)
    {
        guard bytes.count <= limits.document else {
            throw WireError("the XML document has \(bytes.count) bytes; at most \(limits.document) are read")
        }
        guard let parser = XML_ParserCreate(nil) else { throw WireError("there is no memory for an XML parser") }
        let reader = XMLReader(parser: parser, limits: limits)
        return try reader.run(bytes)
    }

    private struct Frame {
        let name: String
        let firstField: Int
    }

    private let parser: XML_Parser
    private let limits: Limits
    /// Elements that are open, and one flat stack of the finished fields of all of them: few allocations a page.
    private var open: [Frame] = []
    private var finished: [WireNode.Field] = []
    private var text: [UInt8] = []
    private var fault: String?

    private init(parser: XML_Parser, limits: Limits) {
        self.parser = parser
        self.limits = limits
    }

    deinit { XML_ParserFree(parser) }

    private func run(_ bytes: [UInt8]) throws(WireError) -> (root: String, node: WireNode) {
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { user, name, _ in XMLReader.of(user)?.start(name) },
            { user, _ in XMLReader.of(user)?.end() })
        XML_SetCharacterDataHandler(parser) { user, data, count in XMLReader.of(user)?.append(data, Int(count)) }
        XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in
            XMLReader.of(user)?.stop("it has a DOCTYPE, which is not read")
        }
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), 1)
        }
        if let fault { throw WireError("the XML document is refused at \(place): \(fault)") }
        guard status == XML_STATUS_OK else {
            let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "unreadable"
            throw WireError("the XML document cannot be read at \(place): \(reason)")
        }
        guard let root = finished.first else { throw WireError("the XML document is empty") }
        return (root.name, root.node)
    }

    private var place: String {
        "line \(XML_GetCurrentLineNumber(parser)), column \(XML_GetCurrentColumnNumber(parser) + 1)"
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> XMLReader? {
        user.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func stop(_ reason: String) {
        if fault == nil { fault = reason }
        XML_StopParser(parser, XML_Bool(XML_FALSE))
    }

    private func start(_ name: UnsafePointer<XML_Char>?) {
        guard let name else { return }
        guard open.count < limits.depth else { return stop("it nests deeper than \(limits.depth) levels") }
        open.append(Frame(name: String(cString: name), firstField: finished.count))
        text.removeAll(keepingCapacity: true)
    }

    private func append(_ data: UnsafePointer<XML_Char>?, _ count: Int) {
        guard let data else { return }
        guard text.count + count <= limits.text else { return stop("a text has more than \(limits.text) bytes") }
        text.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
    }

    private func end() {
        guard let frame = open.popLast() else { return }
        let node: WireNode
        if finished.count == frame.firstField {
            node = .text(String(decoding: text, as: UTF8.self))
        } else {
            node = XMLReader.joined(finished[frame.firstField...])
            finished.removeSubrange(frame.firstField...)
        }
        finished.append(WireNode.Field(frame.name, node))
        text.removeAll(keepingCapacity: true)
    }

    private static func joined(_ fields: ArraySlice<WireNode.Field>) -> WireNode {
        guard let first = fields.first else { return .text("") }
        if first.name == "item" || first.name == "member", fields.allSatisfy({ $0.name == first.name }) {
            return .list(fields.map(\.node))
        }
        return .fields(hasRepeats(fields) ? gathered(fields) : Array(fields))
    }

    private static func hasRepeats(_ fields: ArraySlice<WireNode.Field>) -> Bool {
        guard fields.count <= 64 else { return true }
        var index = fields.startIndex
        while index < fields.endIndex {
            let name = fields[index].name
            index += 1
            if fields[index...].contains(where: { $0.name == name }) { return true }
        }
        return false
    }

    /// Fields of one name as one list, at the place of the first.
    private static func gathered(_ fields: ArraySlice<WireNode.Field>) -> [WireNode.Field] {
        var names: [String] = []
        var nodes: [String: [WireNode]] = [:]
        for field in fields {
            if nodes[field.name] == nil { names.append(field.name) }
            nodes[field.name, default: []].append(field.node)
        }
        return names.map { name in
            let list = nodes[name] ?? []
            return WireNode.Field(name, list.count == 1 ? list[0] : .list(list))
        }
    }
}
