/// A header of a request or reply; names compare without regard to case.
package struct Header: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name.lowercased()
        self.value = value
    }

    /// A name that is in lower case already.
    init(lowercase name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The headers that are signed, in the two forms the canonical request needs.
package struct SignedHeaders: Sendable {
    /// `content-type;host;x-amz-date`.
    private(set) var nameBytes: [UInt8] = []
    /// A line for each, with runs of blanks folded to one.
    private(set) var bytes: [UInt8] = []
    /// The headers' places, in the order of their names.
    private var order: [Int] = []

    var names: String { String(decoding: nameBytes, as: UTF8.self) }

    package init(_ headers: [Header]) { replace(by: headers) }

    /// Writes others in the place of these, in the same memory.
    mutating func replace(by headers: [Header]) {
        nameBytes.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        sort(headers)
        var last: Int?
        // A stable order: the values of one name stand in one line as they came, joined by commas.
        for index in order {
            let name = headers[index].name
            if let last, headers[last].name == name {
                bytes[bytes.endIndex - 1] = UInt8(ascii: ",")
            } else {
                if last != nil { nameBytes.append(UInt8(ascii: ";")) }
                nameBytes.append(name)
                bytes.append(name)
                bytes.append(UInt8(ascii: ":"))
            }
            last = index
            append(folding: headers[index].value)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// By insertion: there are five of them.
    private mutating func sort(_ headers: [Header]) {
        order.removeAll(keepingCapacity: true)
        for index in headers.indices {
            var place = index
            order.append(index)
            while place > 0, headers[index].name < headers[order[place - 1]].name {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = index
        }
    }

    private mutating func append(folding value: String) {
        let start = bytes.count
        bytes.append(value)
        let kept = bytes.withUnsafeMutableBufferPointer { SignedHeaders.folded($0, from: start) }
        bytes.removeLast(bytes.count - kept)
    }

    /// Moves the text from `start` on together; returns where it ends then.
    private static func folded(_ text: UnsafeMutableBufferPointer<UInt8>, from start: Int) -> Int {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var kept = start
        while kept < text.count, !isBlank(text[kept]) { kept += 1 }
        var pending = false
        for index in kept..<text.count {
            let byte = text[index]
            if isBlank(byte) {
                pending = kept > start
                continue
            }
            if pending {
                text[kept] = 0x20
                kept += 1
                pending = false
            }
            text[kept] = byte
            kept += 1
        }
        return kept
    }
}

extension [UInt8] {
    /// The bytes of a text, in one piece where they lie in one.
    mutating func append(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
            append(contentsOf: text.utf8)
        }
    }
}
