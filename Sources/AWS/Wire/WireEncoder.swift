/// Encodes a value as a ``WireNode``: booleans as `true` and `false`, absent optionals not at all.
package struct WireEncoder {
    package static func encode(_ value: some Encodable) throws -> WireNode {
        let box = NodeBox()
        try value.encode(to: BoxEncoder(box: box, codingPath: []))
        return box.node
    }
}

/// A node under construction.
private final class NodeBox {
    private enum Content {
        case text(String)
        case list([NodeBox])
        case fields([(String, NodeBox)])
    }
    private var content: Content = .text("")

    var node: WireNode {
        switch content {
        case .text(let text): .text(text)
        case .list(let boxes): .list(boxes.map(\.node))
        case .fields(let fields): .fields(fields.map { WireNode.Field($0.0, $0.1.node) })
        }
    }

    var count: Int { if case .list(let boxes) = content { boxes.count } else { 0 } }

    func set(_ text: String) { content = .text(text) }
    func becomeList() { if case .list = content {} else { content = .list([]) } }
    func becomeFields() { if case .fields = content {} else { content = .fields([]) } }

    func append() -> NodeBox {
        let box = NodeBox()
        if case .list(let boxes) = content { content = .list(boxes + [box]) }
        return box
    }

    func field(_ name: String) -> NodeBox {
        let box = NodeBox()
        if case .fields(let fields) = content { content = .fields(fields + [(name, box)]) }
        return box
    }
}

private struct BoxEncoder: Encoder {
    let box: NodeBox
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        box.becomeFields()
        return KeyedEncodingContainer(BoxFields<Key>(box: box, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        box.becomeList()
        return BoxList(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { BoxText(box: box, codingPath: codingPath) }
}

private struct BoxText: SingleValueEncodingContainer {
    let box: NodeBox
    let codingPath: [any CodingKey]

    mutating func encodeNil() {}

    mutating func encode<T: Encodable>(_ value: T) throws {
        switch value {
        case let text as String: box.set(text)
        case let value as any CustomStringConvertible & Encodable where WirePrimitive.holds(value):
            box.set(value.description)
        default: try value.encode(to: BoxEncoder(box: box, codingPath: codingPath))
        }
    }
}

/// The types whose description is their text on the wire.
private enum WirePrimitive {
    static func holds(_ value: Any) -> Bool {
        value is Bool || value is any BinaryInteger || value is Double || value is Float || value is Substring
    }
}

private struct BoxFields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let box: NodeBox
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) {}

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        var text = BoxText(box: box.field(key.stringValue), codingPath: codingPath + [key])
        try text.encode(value)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        BoxEncoder(box: box.field(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        BoxEncoder(box: box.field(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { BoxEncoder(box: box, codingPath: codingPath) }
    mutating func superEncoder(forKey key: Key) -> any Encoder {
        BoxEncoder(box: box.field(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct BoxList: UnkeyedEncodingContainer {
    let box: NodeBox
    let codingPath: [any CodingKey]
    var count: Int { box.count }

    mutating func encodeNil() {}

    mutating func encode<T: Encodable>(_ value: T) throws {
        var text = BoxText(box: box.append(), codingPath: codingPath)
        try text.encode(value)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        BoxEncoder(box: box.append(), codingPath: codingPath).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        BoxEncoder(box: box.append(), codingPath: codingPath).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { BoxEncoder(box: box.append(), codingPath: codingPath) }
}
