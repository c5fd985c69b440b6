import COpenSSL

/// SHA-256 and HMAC-SHA256 by OpenSSL.
package enum Hash {
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { Digester().digest(of: bytes) }

    /// Source: RFC 2104.
    package static func hmac(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] { HMACKey(key).code(of: bytes, by: Digester()) }

    /// Whether two texts are equal, in a time that does not tell where they differ.
    package static func areEqual(_ a: String, _ b: String) -> Bool {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        return a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }

    /// Lower-case hexadecimal.
    package static func hex(_ bytes: [UInt8]) -> String { String(decoding: hexBytes(bytes), as: UTF8.self) }

    static func hexBytes(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count * 2) { text, count in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = digit(byte >> 4)
                text[2 * index + 1] = digit(byte & 15)
            }
            count = bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}

/// One hash after the other, with what OpenSSL needs for each made once.
struct Digester: ~Copyable {
    static let length = Int(SHA256_DIGEST_LENGTH)

    /// Looked up once: OpenSSL 3 searches its providers each time it is asked for an algorithm by its old name.
    ///
    /// `nonisolated(unsafe)`: it is never changed or freed, and OpenSSL lets every thread use it.
    private nonisolated(unsafe) static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)

    private let context: OpaquePointer?

    init() { context = EVP_MD_CTX_new() }

    deinit { EVP_MD_CTX_free(context) }

    /// The hash of a prefix and a text.
    func digest(of bytes: [UInt8], after prefix: [UInt8] = []) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Digester.length) { digest, count in
            EVP_DigestInit_ex2(context, Digester.sha256, nil)
            if !prefix.isEmpty { EVP_DigestUpdate(context, prefix, prefix.count) }
            EVP_DigestUpdate(context, bytes, bytes.count)
            EVP_DigestFinal_ex(context, digest.baseAddress, nil)
            count = Digester.length
        }
    }
}

/// A key in the two forms in which HMAC begins its hashes.
struct HMACKey: Sendable {
    let bytes: [UInt8]
    private let inner: [UInt8]
    private let outer: [UInt8]

    /// SHA-256's block.
    private static let block = 64

    init(_ key: [UInt8]) {
        bytes = key
        let short = key.count > HMACKey.block ? Hash.sha256(key) : key
        let padded = short + [UInt8](repeating: 0, count: HMACKey.block - short.count)
        inner = padded.map { $0 ^ 0x36 }
        outer = padded.map { $0 ^ 0x5C }
    }

    func code(of bytes: [UInt8], by digester: borrowing Digester) -> [UInt8] {
        digester.digest(of: digester.digest(of: bytes, after: inner), after: outer)
    }
}
