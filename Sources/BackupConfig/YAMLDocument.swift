import CYAML

/// Reads one YAML document into a ``Node`` with libyaml.
///
/// What makes YAML surprising or dangerous is refused with its place: anchors, aliases, tags, several documents,
/// duplicate keys, deep nesting, endless input.
struct YAMLDocument {
    static let largest = 4 << 20
    static let deepest = 32
    static let mostNodes = 200_000

    /// The document's root; nil if the text holds none.
    ///
    /// - Throws: ``YAMLError`` at the first place that cannot be read.
    static func read(_ text: String) throws(YAMLError) -> Node? {
        guard text.utf8.count <= largest else {
            throw YAMLError(mark: Mark(line: 1, column: 1), message: "the file is larger than 4 MiB")
        }
        let reader = YAMLReader(text)
        return try reader.document()
    }
}

/// What is not YAML as we take it, and where.
struct YAMLError: Error, Equatable {
    var mark: Mark
    var message: String
}

/// Pulls libyaml's events.
private final class YAMLReader {
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let input: [UInt8]
    private var nodes = 0

    init(_ text: String) {
        input = Array(text.utf8)
        yaml_parser_initialize(parser)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    func document() throws(YAMLError) -> Node? {
        // The input must outlive the parser's use of it: the pointer is valid only inside the closure.
        let result: Result<Node?, YAMLError> = input.withUnsafeBufferPointer { bytes in
            yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
            do throws(YAMLError) {
                return .success(try stream())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func stream() throws(YAMLError) -> Node? {
        var root: Node?
        while true {
            let event = try next()
            switch event.type {
            case YAML_STREAM_END_EVENT: return root
            case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
            default:
                guard root == nil else {
                    throw YAMLError(mark: event.mark, message: "a second document: write one per file")
                }
                root = try node(event, depth: 1)
            }
        }
    }

    private struct Event {
        var type: yaml_event_type_t
        var mark: Mark
        var text = ""
        var isQuoted = false
    }

    private func next() throws(YAMLError) -> Event {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&raw) }
        var event = Event(
            type: raw.type, mark: Mark(line: Int(raw.start_mark.line) + 1, column: Int(raw.start_mark.column) + 1))
        switch raw.type {
        case YAML_ALIAS_EVENT:
            throw YAMLError(mark: event.mark, message: "aliases (*name) are not allowed: write the value out")
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, event.mark)
            event.text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            event.isQuoted = scalar.style != YAML_PLAIN_SCALAR_STYLE
            // The text begins behind its quote: places inside it are counted from there.
            let isInQuotes = [YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE].contains(scalar.style)
            if isInQuotes { event.mark.column += 1 }
        case YAML_SEQUENCE_START_EVENT:
            try refuse(anchor: raw.data.sequence_start.anchor, tag: raw.data.sequence_start.tag, event.mark)
        case YAML_MAPPING_START_EVENT:
            try refuse(anchor: raw.data.mapping_start.anchor, tag: raw.data.mapping_start.tag, event.mark)
        default: break
        }
        return event
    }

    private func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, _ mark: Mark
    ) throws(YAMLError) {
        if anchor != nil { throw YAMLError(mark: mark, message: "anchors (&name) are not allowed") }
        if tag != nil { throw YAMLError(mark: mark, message: "tags (!name) are not allowed") }
    }

    private func syntaxError() -> YAMLError {
        let place = parser.pointee.problem_mark
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        return YAMLError(mark: Mark(line: Int(place.line) + 1, column: Int(place.column) + 1), message: problem)
    }

    private func node(_ event: Event, depth: Int) throws(YAMLError) -> Node {
        nodes += 1
        guard depth <= YAMLDocument.deepest else {
            throw YAMLError(mark: event.mark, message: "nested deeper than \(YAMLDocument.deepest) levels")
        }
        guard nodes <= YAMLDocument.mostNodes else {
            throw YAMLError(mark: event.mark, message: "more than \(YAMLDocument.mostNodes) values")
        }
        switch event.type {
        case YAML_SEQUENCE_START_EVENT: return try sequence(event, depth)
        case YAML_MAPPING_START_EVENT: return try mapping(event, depth)
        default:
            // A plain `~` or `null` would be read as a text: it is an empty value, as in `key:`.
            let isNull = !event.isQuoted && (event.text == "~" || event.text == "null")
            return .scalar(isNull ? "" : event.text, event.mark)
        }
    }

    private func sequence(_ start: Event, _ depth: Int) throws(YAMLError) -> Node {
        var elements: [Node] = []
        while true {
            let event = try next()
            if event.type == YAML_SEQUENCE_END_EVENT { return .sequence(elements, start.mark) }
            elements.append(try node(event, depth: depth + 1))
        }
    }

    private func mapping(_ start: Event, _ depth: Int) throws(YAMLError) -> Node {
        var entries: [Node.Entry] = []
        var seen: [String: Mark] = [:]
        while true {
            let event = try next()
            if event.type == YAML_MAPPING_END_EVENT { return .mapping(entries, start.mark) }
            guard event.type == YAML_SCALAR_EVENT else {
                throw YAMLError(mark: event.mark, message: "a key must be a plain text")
            }
            if let first = seen[event.text] {
                throw YAMLError(
                    mark: event.mark,
                    message: "duplicate key \"\(event.text)\" (first at \(first.line):\(first.column)): keep one")
            }
            seen[event.text] = event.mark
            entries.append(
                Node.Entry(key: event.text, mark: event.mark, value: try node(next(), depth: depth + 1)))
        }
    }
}
