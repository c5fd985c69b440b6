/// Numbers for names that are met a million times, found by a hash of their bytes.
struct NameTable {
    /// The number of every name that is not in the table.
    static let unknown: UInt8 = 255
    private static let size = 256

    private struct Entry {
        var start: Int
        var count: Int
        var number: UInt8
    }

    private var entries = [Entry?](repeating: nil, count: size)
    /// All names in a row.
    private var bytes: [UInt8] = []

    init(_ names: [(name: String, number: UInt8)]) {
        for (name, number) in names {
            let name = Array(name.utf8)
            var place = NameTable.place(of: name)
            // The next free place after a collision; there are many more places than names.
            while entries[place] != nil { place = (place + 1) & (NameTable.size - 1) }
            entries[place] = Entry(start: bytes.count, count: name.count, number: number)
            bytes += name
        }
    }

    func number(of name: some Collection<UInt8>) -> UInt8 {
        var place = NameTable.place(of: name)
        while let entry = entries[place] {
            if entry.count == name.count, name.elementsEqual(bytes[entry.start..<(entry.start + entry.count)]) {
                return entry.number
            }
            place = (place + 1) & (NameTable.size - 1)
        }
        return NameTable.unknown
    }

    /// FNV-1a, 32 bits.
    private static func place(of name: some Sequence<UInt8>) -> Int {
        Int(name.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 } & UInt32(size - 1))
    }
}

/// The texts that were read lately, so that one which comes a thousand times is made once and shared.
struct RecentTexts {
    private static let size = 4096
    private var texts = [String](repeating: "", count: size)

    /// The text of these bytes; what is no UTF-8 becomes U+FFFD.
    mutating func text(_ bytes: ArraySlice<UInt8>) -> String {
        let hash = bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let place = Int((hash ^ hash >> 16) & UInt32(RecentTexts.size - 1))
        if !texts[place].utf8.elementsEqual(bytes) { texts[place] = String(decoding: bytes, as: UTF8.self) }
        return texts[place]
    }
}
