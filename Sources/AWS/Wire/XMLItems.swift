import CExpat
import Glibc

/// Reads the items of one list of a reply, item by item, without making a tree of them.
///
/// For replies of a megabyte and more, of which a dozen fields matter. Names are told apart by a table, texts lie in one
/// array that every item uses again; what is not in the table passes by. The same bounds hold as for ``XMLDocument``.
struct XMLItems {
    /// The root element, `DescribeSnapshotsResponse`.
    let root: String
    /// The element of the list in it, `snapshotSet`.
    let list: String
    /// The list of keys and values in an item, `tagSet`.
    let tags: String
    /// The fields of an item, and of the root, that matter; a field is known by its index here.
    let fields: [String]

    /// Hands over each item, whole; what the handed over item refers to is gone afterwards.
    ///
    /// The bytes are gone as soon as expat has its copy, which it makes in any case: pages are large. They are parsed in one
    /// piece, since expat counts lines and columns after each piece that is not the last.
    ///
    /// - Returns: The text of the root's own field of that name, if it is there.
    /// - Throws: ``WireError`` with the line of what is wrong.
    func read(
        emptying bytes: inout [UInt8], with parser: XMLItemParser, rootField: String,
        _ take: @escaping (borrowing XMLItem) -> Void
    ) throws(WireError) -> String? {
        let length = bytes.count
        guard length <= XMLDocument.longest else {
            throw WireError("the reply holds more than \(XMLDocument.longest) bytes")
        }
        guard let parser = parser.fresh() else { throw WireError("no memory for an XML parser") }
        guard let copy = XML_GetBuffer(parser, Int32(length)) else { throw WireError("no memory for a reply") }
        bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: length) }
        bytes = []
        var scan = ItemScan(self, parser: parser, rootField: rootField, take: take)
        let status = withUnsafeMutablePointer(to: &scan) { scan in
            XML_SetUserData(parser, scan)
            XML_SetElementHandler(parser, ItemScan.onStart, ItemScan.onEnd)
            XML_SetStartDoctypeDeclHandler(parser, ItemScan.onDoctype)
            return XML_ParseBuffer(parser, Int32(length), 1)
        }
        if let refused = scan.refused { throw WireError("the reply holds \(refused)") }
        guard status == XML_STATUS_OK else {
            let message = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "unknown error"
            throw WireError("line \(XML_GetCurrentLineNumber(parser)): \(message)")
        }
        guard scan.hasRoot else { throw WireError("it is no <\(root)>") }
        return scan.rootText
    }
}

/// Expat with its buffer, which page after page uses again.
final class XMLItemParser {
    private let parser = XML_ParserCreate("UTF-8")

    deinit { XML_ParserFree(parser) }

    /// The parser as new; nil if there was no memory for one.
    fileprivate func fresh() -> XML_Parser? {
        guard let parser, XML_ParserReset(parser, "UTF-8") == XML_TRUE else { return nil }
        return parser
    }
}

/// One item of a list while it is handed over.
struct XMLItem: ~Copyable {
    struct Text {
        /// The field's index in the table.
        var field: UInt8
        fileprivate var start: Int32
        fileprivate var end: Int32

        /// Of a tag: whether it is the key, or the value.
        var isKey: Bool { field == ItemScan.key }
    }

    fileprivate(set) var texts: [Text] = []
    /// Keys and values as they came.
    fileprivate(set) var tagTexts: [Text] = []
    private var bytes: [UInt8] = []

    subscript(text: Text) -> ArraySlice<UInt8> { bytes[Int(text.start)..<Int(text.end)] }

    func string(_ text: Text) -> String { String(decoding: self[text], as: UTF8.self) }

    fileprivate var count: Int { bytes.count }
    fileprivate mutating func append(_ text: UnsafeRawBufferPointer) { bytes.append(contentsOf: text) }

    fileprivate mutating func clear() {
        texts.removeAll(keepingCapacity: true)
        tagTexts.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// What is known in the middle of a document.
private struct ItemScan: ~Copyable {
    /// Beside the fields, which are numbered from 0.
    fileprivate static let (root, list, item, tags): (UInt8, UInt8, UInt8, UInt8) = (254, 253, 252, 251)
    fileprivate static let (key, value): (UInt8, UInt8) = (250, 249)
    private static let notAField: UInt8 = 249

    private let names: NameTable
    private let parser: XML_Parser
    private let rootField: UInt8
    private let take: (borrowing XMLItem) -> Void
    private var item = XMLItem()
    /// The names of the open elements, by their numbers.
    private var open = [UInt8](repeating: NameTable.unknown, count: XMLDocument.deepest + 1)
    private var depth = 0
    /// Where the text of the open element begins; negative where nobody asks for it.
    private var textStart: Int32 = -1
    private(set) var rootText: String?
    private(set) var hasRoot = false
    private(set) var refused: String?

    init(_ wanted: XMLItems, parser: XML_Parser, rootField: String, take: @escaping (borrowing XMLItem) -> Void) {
        let fields = (wanted.fields + [rootField]).enumerated().map { (name: $1, number: UInt8($0)) }
        names = NameTable(
            fields + [
                (wanted.root, ItemScan.root), (wanted.list, ItemScan.list), (wanted.tags, ItemScan.tags),
                ("item", ItemScan.item), ("key", ItemScan.key), ("value", ItemScan.value),
            ])
        self.parser = parser
        self.rootField = UInt8(wanted.fields.count)
        self.take = take
    }

    private mutating func refuse(_ what: String) {
        refused = what
        XML_StopParser(parser, 0)
    }

    // MARK: The parser's calls

    private static func state(_ user: UnsafeMutableRawPointer) -> UnsafeMutablePointer<ItemScan> {
        user.assumingMemoryBound(to: ItemScan.self)
    }

    static let onStart: XML_StartElementHandler = { user, name, _ in
        guard let user, let name else { return }
        state(user).pointee.start(name)
    }

    static let onEnd: XML_EndElementHandler = { user, _ in
        guard let user else { return }
        state(user).pointee.end()
    }

    static let onText: XML_CharacterDataHandler = { user, text, length in
        guard let user, let text else { return }
        state(user).pointee.add(UnsafeRawBufferPointer(start: text, count: Int(length)))
    }

    static let onDoctype: XML_StartDoctypeDeclHandler = { user, _, _, _, _ in
        guard let user else { return }
        state(user).pointee.refuse("a DOCTYPE")
    }

    // MARK: Elements

    private mutating func start(_ name: UnsafePointer<CChar>) {
        guard depth < XMLDocument.deepest else { return refuse("more than \(XMLDocument.deepest) levels") }
        let number = names.number(of: UnsafeRawBufferPointer(start: name, count: strlen(name)))
        depth += 1
        open[depth] = number
        if depth == 1 {
            guard number == ItemScan.root else { return refuse("<\(String(cString: name))>, not the reply asked for") }
            hasRoot = true
        }
        // Text is asked for inside of what is wanted alone: most of a reply is the layout between elements.
        if isWanted(number) {
            textStart = Int32(item.count)
            XML_SetCharacterDataHandler(parser, ItemScan.onText)
        } else if textStart >= 0 {
            dropText()
        }
    }

    /// Whether the element that has just begun is a field of an item, a key or value of a tag, or the root's own field.
    private func isWanted(_ number: UInt8) -> Bool {
        switch depth {
        case 2: number == rootField
        case 4: isInItem && number < ItemScan.notAField
        case 6:
            isInItem && open[4] == ItemScan.tags && open[5] == ItemScan.item
                && (number == ItemScan.key || number == ItemScan.value)
        default: false
        }
    }

    private var isInItem: Bool { open[2] == ItemScan.list && open[3] == ItemScan.item }

    private mutating func add(_ text: UnsafeRawBufferPointer) {
        guard item.count - Int(textStart) + text.count <= XMLDocument.longestText else {
            return refuse("a text of more than \(XMLDocument.longestText) bytes")
        }
        item.append(text)
    }

    private mutating func dropText() {
        textStart = -1
        XML_SetCharacterDataHandler(parser, nil)
    }

    private mutating func end() {
        let number = open[depth]
        if textStart >= 0 {
            let text = XMLItem.Text(field: number, start: textStart, end: Int32(item.count))
            switch depth {
            case 2: rootText = item.string(text)
            case 4: item.texts.append(text)
            default: item.tagTexts.append(text)
            }
            dropText()
        } else if depth == 3, isInItem {
            take(item)
            item.clear()
        }
        depth -= 1
    }
}
