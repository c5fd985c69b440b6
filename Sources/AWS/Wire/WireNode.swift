/// A message between Swift values and bytes, in the one form that all our codecs share.
///
/// EC2's query parameters, its XML replies and the sandbox's half of both are the same trees in different spellings.
package indirect enum WireNode: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package let name: String
        package let node: WireNode

        package init(_ name: String, _ node: WireNode) {
            self.name = name
            self.node = node
        }
    }

    case text(String)
    case list([WireNode])
    case fields([Field])

    /// The first field of that name, or of that name with a capital first letter, as queries spell it.
    package subscript(name: String) -> WireNode? {
        guard case .fields(let fields) = self else { return nil }
        if let exact = fields.first(where: { $0.name == name }) { return exact.node }
        return fields.first { WireNode.isCapitalised($0.name, of: name) }?.node
    }

    /// Whether `name` is `key` with a capital first letter; asked for every absent field of a page, so nothing is made.
    private static func isCapitalised(_ name: String, of key: String) -> Bool {
        guard let first = name.utf8.first, let small = key.utf8.first, small == first + 32,
            first >= UInt8(ascii: "A"), first <= UInt8(ascii: "Z")
        else { return false }
        return name.utf8.dropFirst().elementsEqual(key.utf8.dropFirst())
    }

    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// `description` as EC2's query spells it: `Description`.
    static func capitalised(_ name: String) -> String {
        guard let first = name.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z") else { return name }
        return String(decoding: [first - 32], as: UTF8.self) + name.dropFirst()
    }
}

/// A message that could not be written or read: what is wrong, and where.
package struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }

    /// The same fault as Codable reports it, with the path of the field.
    init(_ error: any Error) {
        switch error {
        case let error as WireError:
            self = error
        case DecodingError.keyNotFound(let key, let context):
            self.init("\(WireError.place(context.codingPath)) lacks \(key.stringValue)")
        case DecodingError.valueNotFound(_, let context), DecodingError.typeMismatch(_, let context),
            DecodingError.dataCorrupted(let context):
            self.init("\(WireError.place(context.codingPath)): \(context.debugDescription)")
        case EncodingError.invalidValue(_, let context):
            self.init("\(WireError.place(context.codingPath)): \(context.debugDescription)")
        default:
            self.init("\(error)")
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "the message" }
        return path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}

/// The place of an element in a list, as a coding key.
struct WireIndex: CodingKey {
    let intValue: Int?
    var stringValue: String { intValue.map(String.init) ?? "" }
    init(_ index: Int) { intValue = index }
    init?(intValue: Int) { self.init(intValue) }
    init?(stringValue: String) { return nil }
}
