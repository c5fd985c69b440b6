/// ``WireNode`` to Swift values, as forgiving as AWS's own clients are.
///
/// Unknown fields are ignored. One element where a list is expected is a list of one, and an empty element an empty
/// list. An empty element where an optional number, time or structure is expected means that there is none.
package enum WireDecoder {
    package static func decode<Value: Decodable>(_ type: Value.Type, from node: WireNode) throws(WireError) -> Value {
        do {
            return try node.decoded(as: type, at: [])
        } catch {
            throw WireError(error)
        }
    }
}

extension WireNode {
    fileprivate func decoded<Value: Decodable>(as type: Value.Type, at path: [any CodingKey]) throws -> Value {
        if let scalar = type as? any WireScalar.Type {
            guard let value = try decoded(scalar: scalar, at: path) as? Value else { throw mismatch(type, path) }
            return value
        }
        return try Value(from: NodeDecoder(node: self, codingPath: path))
    }

    private func decoded<Value: WireScalar>(scalar type: Value.Type, at path: [any CodingKey]) throws -> Value {
        guard let text = scalarText else { throw mismatch(type, path) }
        guard let value = Value(wireText: text) else {
            throw DecodingError.typeMismatch(
                type, .init(codingPath: path, debugDescription: "\"\(text.prefix(80))\" is no \(type)"))
        }
        return value
    }

    /// The text; an element without content reads as empty text whichever way it arrived.
    fileprivate var scalarText: String? {
        switch self {
        case .text(let text): text
        case .list(let nodes): nodes.isEmpty ? "" : nil
        case .fields(let fields): fields.isEmpty ? "" : nil
        }
    }

    fileprivate var isEmpty: Bool { scalarText == "" }

    fileprivate func mismatch(_ type: any Any.Type, _ path: [any CodingKey]) -> DecodingError {
        let found =
            switch self {
            case .text: "a text"
            case .list: "a list"
            case .fields: "a structure"
            }
        return .typeMismatch(
            type, .init(codingPath: path, debugDescription: "\(found) stands where \(type) is expected"))
    }

    fileprivate var elements: [WireNode] {
        switch self {
        case .list(let nodes): nodes
        case .text, .fields: isEmpty ? [] : [self]
        }
    }
}

private struct NodeDecoder: Decoder {
    let node: WireNode
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .fields = node.isEmpty ? .fields([]) : node else {
            throw node.mismatch([String: Any].self, codingPath)
        }
        return KeyedDecodingContainer(FieldReader(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        ListReader(nodes: node.elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        ScalarReader(node: node, codingPath: codingPath)
    }
}

private struct FieldReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: WireNode
    let codingPath: [any CodingKey]

    var allKeys: [Key] {
        guard case .fields(let fields) = node else { return [] }
        return fields.compactMap { Key(stringValue: $0.name) }
    }

    func contains(_ key: Key) -> Bool { node[key.stringValue] != nil }
    func decodeNil(forKey key: Key) -> Bool { !contains(key) }

    private func field(_ key: Key) throws -> WireNode {
        guard let field = node[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "missing"))
        }
        return field
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        let field = try field(key)
        guard let text = field.scalarText else { throw field.mismatch(type, codingPath + [key]) }
        return text
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try field(key).decoded(as: type, at: codingPath + [key])
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        guard let field = node[key.stringValue] else { return nil }
        guard let text = field.scalarText else { throw field.mismatch(type, codingPath + [key]) }
        return text
    }

    // The standard library answers these four itself unless they are written out, and would miss the empty element.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try optional(type, key) }

    private func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let field = node[key.stringValue] else { return nil }
        if field.isEmpty, !(type is any WireList.Type) { return nil }
        return try field.decoded(as: type, at: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
        -> KeyedDecodingContainer<Nested>
    { try NodeDecoder(node: field(key), codingPath: codingPath + [key]).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try NodeDecoder(node: field(key), codingPath: codingPath + [key]).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { NodeDecoder(node: node, codingPath: codingPath) }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        NodeDecoder(node: try field(key), codingPath: codingPath + [key])
    }
}

private struct ListReader: UnkeyedDecodingContainer {
    let nodes: [WireNode]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(nodes: [WireNode], codingPath: [any CodingKey]) {
        self.nodes = nodes
        self.codingPath = codingPath
    }

    var count: Int? { nodes.count }
    var isAtEnd: Bool { currentIndex >= nodes.count }

    private mutating func next() throws -> NodeDecoder {
        let path = codingPath + [WireIndex(currentIndex)]
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                WireNode.self, .init(codingPath: path, debugDescription: "the list ends here"))
        }
        defer { currentIndex += 1 }
        return NodeDecoder(node: nodes[currentIndex], codingPath: path)
    }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let element = try next()
        return try element.node.decoded(as: type, at: element.codingPath)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
        -> KeyedDecodingContainer<Nested>
    { try next().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct ScalarReader: SingleValueDecodingContainer {
    let node: WireNode
    let codingPath: [any CodingKey]

    func decodeNil() -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try node.decoded(as: type, at: codingPath) }
}
