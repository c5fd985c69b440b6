import FoundationEssentials

/// Reads the JSON that people write for a world, and says where it is wrong.
package enum StrictJSON {
    package static func seed(_ bytes: [UInt8]) throws(SeedError) -> Seed { try read(Seed.self, bytes) }
    package static func change(_ bytes: [UInt8]) throws(SeedError) -> WorldChange { try read(WorldChange.self, bytes) }
    package static func faults(_ bytes: [UInt8]) throws(SeedError) -> [Fault] { try read([Fault].self, bytes) }

    /// Everything that was read is written again and compared: a key that is lost on the way was not understood.
    private static func read<Value: Codable>(_ type: Value.Type, _ bytes: [UInt8]) throws(SeedError) -> Value {
        do {
            let value = try JSONDecoder().decode(type, from: Data(bytes))
            let given = try JSONDecoder().decode(Shape.self, from: Data(bytes))
            let understood = try JSONDecoder().decode(Shape.self, from: try JSONEncoder().encode(value))
            if let stray = given.stray(in: understood, at: "") {
                throw SeedError("\"\(stray)\" is not known here")
            }
            return value
        } catch let error as SeedError {
            throw error
        } catch let error as DecodingError {
            throw SeedError(text(error))
        } catch {
            throw SeedError("this is no JSON: \(error)")
        }
    }

    private static func text(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(place(context.codingPath))\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(place(context.codingPath))\(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty
            ? "" : path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + ": "
    }
}

/// A JSON value reduced to its keys.
private indirect enum Shape: Decodable {
    case fields([String: Shape])
    case list([Shape])
    case scalar
    case null

    init(from decoder: any Decoder) throws {
        if (try? decoder.singleValueContainer())?.decodeNil() == true {
            self = .null
        } else if let fields = try? decoder.singleValueContainer().decode([String: Shape].self) {
            self = .fields(fields)
        } else if let list = try? decoder.singleValueContainer().decode([Shape].self) {
            self = .list(list)
        } else {
            self = .scalar
        }
    }

    private var isNull: Bool { if case .null = self { true } else { false } }

    /// The path of the first key that `understood` lacks; an explicit null may be lost.
    func stray(in understood: Shape, at path: String) -> String? {
        switch (self, understood) {
        case (.fields(let given), .fields(let known)):
            for (key, shape) in given.sorted(by: { $0.key < $1.key }) {
                guard let other = known[key] else {
                    if shape.isNull { continue }
                    return path + key
                }
                if let stray = shape.stray(in: other, at: path + key + ".") { return stray }
            }
            return nil
        case (.list(let given), .list(let known)):
            for (index, pair) in zip(given, known).enumerated() {
                if let stray = pair.0.stray(in: pair.1, at: "\(path)\(index).") { return stray }
            }
            return nil
        default: return nil
        }
    }
}
