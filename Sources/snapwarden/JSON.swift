import BackupCore
import FoundationEssentials

/// A value as programs read it: nulls are written, slashes are not escaped, keys are sorted.
indirect enum JSON: Encodable {
    case null
    case bool(Bool)
    case number(Int64)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let fields): try container.encode(fields)
        }
    }

    func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.say(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}

extension JSON {
    static func text(_ name: some Name) -> JSON { .text(name.rawValue) }
    /// Its number; null for the account of the standard credentials.
    static func account(_ account: AccountID) -> JSON { .optional(account == .standard ? nil : account.rawValue) }
    static func text(_ moment: Moment?) -> JSON { moment.map { .text($0.description) } ?? .null }
    static func optional(_ text: String?) -> JSON { text.map { .text($0) } ?? .null }
    static func seconds(_ duration: Duration?) -> JSON { duration.map { .number($0.inSeconds) } ?? .null }
    static func optional(_ flag: Bool?) -> JSON { flag.map { .bool($0) } ?? .null }
}
