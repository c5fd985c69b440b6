/// A text that is mostly a prefix and so many hexadecimal digits; then it is held as a number.
///
/// A fleet has a hundred thousand ids of AWS's and nonces of ours, and each text of more than fifteen bytes is an object of
/// its own. Each text has but one form: two are equal if their forms are.
enum CompactText: Hashable, Sendable {
    case digits(UInt64, UInt64)
    case text(String)

    /// Reads digits only where there are as many as the shape wants, and no capital among them.
    init(_ text: String, _ shape: Shape) {
        self = CompactText.digits(of: text.utf8, shape) ?? .text(text)
    }

    struct Shape: Sendable {
        let prefix: String
        /// At most 32.
        let count: Int
    }

    func text(_ shape: Shape) -> String {
        switch self {
        case .text(let text): text
        case .digits(let high, let low): CompactText.text(high, low, shape)
        }
    }

    private static func text(_ high: UInt64, _ low: UInt64, _ shape: Shape) -> String {
        let length = shape.prefix.utf8.count + shape.count
        return String(unsafeUninitializedCapacity: length) { bytes in
            _ = bytes.initialize(from: shape.prefix.utf8)
            for place in 0..<shape.count {
                let shift = UInt64(place % 16) * 4
                let nibble = UInt8(truncatingIfNeeded: (place < 16 ? low : high) >> shift) & 15
                bytes[length - 1 - place] = nibble + (nibble < 10 ? 0x30 : 0x57)
            }
            return length
        }
    }

    private static func digits(of bytes: String.UTF8View, _ shape: Shape) -> CompactText? {
        let prefix = shape.prefix.utf8
        guard bytes.count == prefix.count + shape.count, bytes.starts(with: prefix) else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in bytes.dropFirst(prefix.count) {
            let nibble: UInt8
            switch byte {
            case 0x30...0x39: nibble = byte - 0x30
            case 0x61...0x66: nibble = byte - 0x57
            default: return nil
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(nibble)
        }
        return .digits(high, low)
    }
}

/// A name that is mostly a prefix and hexadecimal digits.
protocol CompactName: Name {
    static var shape: CompactText.Shape { get }
    var compact: CompactText { get }
}

extension CompactName {
    package var rawValue: String { compact.text(Self.shape) }
    package static func == (a: Self, b: Self) -> Bool { a.compact == b.compact }

    package func hash(into hasher: inout Hasher) {
        switch compact {
        // That is where two differ.
        case .digits(let high, let low): hasher.combine(high ^ low)
        case .text(let text): hasher.combine(text)
        }
    }

    /// In the order of their texts.
    package static func < (a: Self, b: Self) -> Bool {
        if case .digits(let high, let low) = a.compact, case .digits(let otherHigh, let otherLow) = b.compact {
            return (high, low) < (otherHigh, otherLow)
        }
        return a.rawValue < b.rawValue
    }
}
