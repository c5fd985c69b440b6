/// Reads a compiled zoneinfo file (TZif, version 2 or later).
///
/// Source: RFC 8536. Only the 64-bit block and the footer are read; leap seconds ("right/") are refused.
extension Zone {
    /// Seconds east of UTC that any zone may have; less than 26 hours, on which the searches rely.
    static let offsets = -89_999...93_599
    /// From before the universe began, which is where some files start, to as long after it.
    private static let times = -(1 << 59)...Int64(1 << 59)

    /// The zone those bytes describe, or nil if they are not a zoneinfo file we can trust.
    package init?(name: String, bytes: [UInt8]) {
        var reader = BigEndianReader(bytes)
        guard let first = ZoneFileHeader(&reader), first.version >= 0x32 else { return nil }
        reader.skip(first.blockLength(timeSize: 4))
        guard let header = ZoneFileHeader(&reader), header.leaps == 0, header.types > 0 else { return nil }
        guard let times = reader.array(header.times, { $0.signed64() }),
            let kinds = reader.array(header.times, { $0.byte().map(Int.init) }),
            let offsets = reader.array(
                header.types,
                { reader -> Int? in
                    guard let offset = reader.signed32(), reader.byte() != nil, reader.byte() != nil else { return nil }
                    return Int(offset)
                }),
            kinds.allSatisfy({ $0 < offsets.count }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            times.allSatisfy(Zone.times.contains), offsets.allSatisfy(Zone.offsets.contains)
        else { return nil }
        reader.skip(header.characters + header.standardFlags + header.universalFlags)
        guard let footer = reader.footer() else { return nil }
        let rule = ZoneRule(footer)
        if !footer.isEmpty && rule?.isCredible != true { return nil }
        self.init(
            name: name, transitions: zip(times, kinds).map { Transition(at: $0, offset: offsets[$1]) },
            firstOffset: offsets[0], rule: rule)
    }
}

private struct ZoneFileHeader {
    var version: UInt8
    var universalFlags, standardFlags, leaps, times, types, characters: Int

    init?(_ reader: inout BigEndianReader) {
        guard reader.magic("TZif"), let version = reader.byte() else { return nil }
        reader.skip(15)
        guard let counts = reader.array(6, { $0.signed32() }), counts.allSatisfy({ $0 >= 0 && $0 < 100_000 }) else {
            return nil
        }
        self.version = version
        universalFlags = Int(counts[0])
        standardFlags = Int(counts[1])
        leaps = Int(counts[2])
        times = Int(counts[3])
        types = Int(counts[4])
        characters = Int(counts[5])
    }

    func blockLength(timeSize: Int) -> Int {
        times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standardFlags + universalFlags
    }
}

private struct BigEndianReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) { position = min(bytes.count, position + count) }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    mutating func magic(_ text: String) -> Bool { text.utf8.allSatisfy { byte() == $0 } }

    mutating func signed32() -> Int32? { unsigned(4).map { Int32(truncatingIfNeeded: $0) } }
    mutating func signed64() -> Int64? { unsigned(8).map { Int64(bitPattern: $0) } }

    private mutating func unsigned(_ width: Int) -> UInt64? {
        guard position + width <= bytes.count else { return nil }
        var value: UInt64 = 0
        for byte in bytes[position..<position + width] { value = value << 8 | UInt64(byte) }
        position += width
        return value
    }

    mutating func array<Value>(_ count: Int, _ read: (inout BigEndianReader) -> Value?) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            guard let value = read(&self) else { return nil }
            values.append(value)
        }
        return values
    }

    /// The text between the two newlines at the end.
    mutating func footer() -> String? {
        guard byte() == 10, let end = bytes[position...].firstIndex(of: 10) else { return nil }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
