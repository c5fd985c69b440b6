/// `application/x-www-form-urlencoded` as AWS signs it: everything but unreserved characters is percent-encoded.
///
/// Source: RFC 3986 section 2.3; IAM User Guide, "Create a canonical request" (UriEncode).
package enum FormText {
    package static func encode(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }

    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E:
                bytes.append(byte)
            default:
                bytes.append(0x25)
                bytes.append(contentsOf: Hash.hex([byte]).uppercased().utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The pairs of a form; nil if a percent sign is not followed by two hexadecimal digits.
    package static func decode(_ text: String) -> [(String, String)]? {
        var pairs: [(String, String)] = []
        for part in text.split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = decodePart(sides[0]), let value = decodePart(sides.count > 1 ? sides[1] : "") else {
                return nil
            }
            pairs.append((key, value))
        }
        return pairs
    }

    private static func decodePart(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x2B:
                bytes.append(0x20)
            case 0x25:
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default:
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The order of a canonical query: by the encoded name, then by the encoded value, byte by byte.
    static func precedes(_ a: String, _ b: String) -> Bool {
        let a = a.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let b = b.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return a[0] == b[0] ? bytesPrecede(a.last, b.last) : bytesPrecede(a.first, b.first)
    }

    private static func bytesPrecede(_ a: Substring?, _ b: Substring?) -> Bool {
        (a ?? "").utf8.lexicographicallyPrecedes((b ?? "").utf8)
    }
}
