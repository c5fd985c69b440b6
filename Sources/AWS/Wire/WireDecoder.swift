/// Decodes a value from a ``WireNode``.
///
/// An empty element is an empty list where a list is asked for, and nil where an optional number, time or structure
/// is: some servers write `<completionTime/>`. An absent one is nil.
package struct WireDecoder {
    package static func decode<Value: Decodable>(_ type: Value.Type, from node: WireNode) throws -> Value {
        try Value(from: NodeDecoder(node: node, codingPath: []))
    }
}

private struct NodeDecoder: Decoder {
    let node: WireNode
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(NodeFields<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        switch node {
        case .list(let nodes): return NodeList(nodes: nodes, codingPath: codingPath)
        case .text(""): return NodeList(nodes: [], codingPath: codingPath)
        case .text, .fields: throw unexpected("a list")
        }
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func unexpected(_ wanted: String) -> DecodingError {
        .dataCorrupted(
            .init(codingPath: codingPath, debugDescription: "expected \(wanted) at \(NodeDecoder.text(codingPath))"))
    }

    static func text(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: "/") }
}

extension NodeDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { false }

    private func text(_ wanted: String) throws -> String {
        guard case .text(let text) = node else { throw unexpected(wanted) }
        return text
    }

    private func number<Number: LosslessStringConvertible>(_ type: Number.Type) throws -> Number {
        guard let number = Number(try text("a number")) else { throw unexpected("a number") }
        return number
    }

    func decode(_ type: String.Type) throws -> String { try text("a text") }
    func decode(_ type: Bool.Type) throws -> Bool {
        switch try text("true or false") {
        case "true", "1": return true
        case "false", "0": return false
        default: throw unexpected("true or false")
        }
    }
    func decode(_ type: Double.Type) throws -> Double { try number(type) }
    func decode(_ type: Float.Type) throws -> Float { try number(type) }
    func decode(_ type: Int.Type) throws -> Int { try number(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try number(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try number(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try number(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try number(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try number(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try number(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try number(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try number(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try number(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }
}

/// The types for which an empty element is a value and not an absent one, besides texts.
private protocol WireList {}
extension Array: WireList {}

private struct NodeFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: WireNode
    let codingPath: [any CodingKey]

    var allKeys: [Key] {
        if case .fields(let fields) = node { fields.compactMap { Key(stringValue: $0.name) } } else { [] }
    }

    func contains(_ key: Key) -> Bool { node[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { !contains(key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: decoder(key)) }

    // The standard library answers for these four by itself unless they are written out.
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(type, key) }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try optional(type, key) }

    private func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        guard let child = node[key.stringValue] else { return nil }
        let mayBeEmpty = type is String.Type || type is any WireList.Type
        if child == .text(""), !mayBeEmpty { return nil }
        return try T(from: NodeDecoder(node: child, codingPath: codingPath + [key]))
    }

    private func decoder(_ key: Key) throws -> NodeDecoder {
        guard let child = node[key.stringValue] else {
            let path = NodeDecoder.text(codingPath + [key])
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "\(path) is missing"))
        }
        return NodeDecoder(node: child, codingPath: codingPath + [key])
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> { try decoder(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { NodeDecoder(node: node, codingPath: codingPath) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

private struct NodeList: UnkeyedDecodingContainer {
    let nodes: [WireNode]
    let codingPath: [any CodingKey]
    var currentIndex = 0

    init(nodes: [WireNode], codingPath: [any CodingKey]) {
        self.nodes = nodes
        self.codingPath = codingPath
    }

    var count: Int? { nodes.count }
    var isAtEnd: Bool { currentIndex >= nodes.count }

    private mutating func next() throws -> NodeDecoder {
        let decoder = NodeDecoder(node: isAtEnd ? .text("") : nodes[currentIndex], codingPath: codingPath)
        if isAtEnd { throw decoder.unexpected("one more element") }
        currentIndex += 1
        return decoder
    }

    mutating func decodeNil() throws -> Bool { false }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: next()) }
    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> { try next().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
