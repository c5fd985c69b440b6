/// Swift values to ``WireNode``: absent values leave no field, numbers and truth values become text.
package enum WireEncoder {
    package static func encode(_ value: some Encodable) throws(WireError) -> WireNode {
        let draft = Draft()
        do {
            try value.encode(to: NodeEncoder(draft: draft, codingPath: []))
        } catch {
            throw WireError(error)
        }
        return draft.node
    }
}

/// A node that is being written.
///
/// Codable hands its containers about as values, so that the state needs a reference.
private final class Draft {
    enum Kind {
        case nothing
        case text
        case list
        case fields
    }

    var kind = Kind.nothing
    private var text = ""
    private(set) var elements: [Draft] = []
    private var fields: [(name: String, draft: Draft)] = []

    var node: WireNode {
        switch kind {
        case .text: .text(text)
        case .list: .list(elements.map(\.node))
        case .nothing, .fields: .fields(fields.map { WireNode.Field($0.name, $0.draft.node) })
        }
    }

    func set(text: String) {
        kind = .text
        self.text = text
    }

    func append(_ draft: Draft) { elements.append(draft) }
    func set(_ name: String, _ draft: Draft) { fields.append((name, draft)) }

    /// Writes a scalar as text; anything else writes itself.
    func write<Value: Encodable>(_ value: Value, at path: [any CodingKey]) throws {
        if let scalar = value as? any WireScalar {
            set(text: scalar.wireText)
        } else {
            try value.encode(to: NodeEncoder(draft: self, codingPath: path))
        }
    }
}

private struct NodeEncoder: Encoder {
    let draft: Draft
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        draft.kind = .fields
        return KeyedEncodingContainer(FieldWriter(draft: draft, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        draft.kind = .list
        return ListWriter(draft: draft, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        ScalarWriter(draft: draft, codingPath: codingPath)
    }
}

private struct FieldWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let draft: Draft
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) {}

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let field = Draft()
        try field.write(value, at: codingPath + [key])
        draft.set(key.stringValue, field)
    }

    private func child(_ key: some CodingKey) -> NodeEncoder {
        let field = Draft()
        draft.set(key.stringValue, field)
        return NodeEncoder(draft: field, codingPath: codingPath + [key])
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
        -> KeyedEncodingContainer<Nested>
    { child(key).container(keyedBy: type) }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        child(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { NodeEncoder(draft: draft, codingPath: codingPath) }
    mutating func superEncoder(forKey key: Key) -> any Encoder { child(key) }
}

private struct ListWriter: UnkeyedEncodingContainer {
    let draft: Draft
    let codingPath: [any CodingKey]

    var count: Int { draft.elements.count }

    mutating func encodeNil() {
        let element = Draft()
        element.set(text: "")
        draft.append(element)
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        let element = Draft()
        try element.write(value, at: codingPath + [WireIndex(count)])
        draft.append(element)
    }

    private func child() -> NodeEncoder {
        let path = codingPath + [WireIndex(count)]
        let element = Draft()
        draft.append(element)
        return NodeEncoder(draft: element, codingPath: path)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        child().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { child().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { child() }
}

private struct ScalarWriter: SingleValueEncodingContainer {
    let draft: Draft
    let codingPath: [any CodingKey]

    mutating func encodeNil() { draft.set(text: "") }
    mutating func encode<T: Encodable>(_ value: T) throws { try draft.write(value, at: codingPath) }
}
