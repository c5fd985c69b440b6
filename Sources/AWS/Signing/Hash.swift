import COpenSSL

/// SHA-256 and HMAC-SHA256 by OpenSSL.
package enum Hash {
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { Digester().digest(of: bytes).bytes }

    /// Source: RFC 2104.
    package static func hmac(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        HMACKey(key).code(of: bytes, by: Digester()).bytes
    }

    /// Whether two texts are equal, in a time that does not tell where they differ.
    package static func areEqual(_ a: String, _ b: String) -> Bool {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        return a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }

    /// Lower-case hexadecimal.
    package static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// The hash of something, which takes no memory of its own.
struct Digest: Sendable {
    fileprivate(set) var storage = InlineArray<32, UInt8>(repeating: 0)

    var bytes: [UInt8] { storage.indices.map { storage[$0] } }
}

extension [UInt8] {
    /// Lower-case hexadecimal, four bytes at a time: digit by digit it would take a tenth of a signature's time.
    mutating func append(hex digest: Digest) {
        var text = InlineArray<8, UInt64>(repeating: 0)
        for index in text.indices {
            let word = UInt32(
                littleEndian: digest.storage.span.bytes.unsafeLoadUnaligned(
                    fromByteOffset: 4 * index, as: UInt32.self))
            text[index] = [UInt8].hexDigits(of: word).littleEndian
        }
        text.span.bytes.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Eight digits, one in each byte, the lowest byte's first.
    private static func hexDigits(of word: UInt32) -> UInt64 {
        var lanes = UInt64(word)
        lanes = (lanes | lanes << 16) & 0x0000_FFFF_0000_FFFF
        lanes = (lanes | lanes << 8) & 0x00FF_00FF_00FF_00FF
        let nibbles = (lanes >> 4 & 0x000F_000F_000F_000F) | (lanes << 8 & 0x0F00_0F00_0F00_0F00)
        // One in each byte that is ten or more: its letter is 39 further on than a digit would be.
        let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }
}

/// One hash after the other, with what OpenSSL needs for each made once.
struct Digester: ~Copyable {
    /// Looked up once: OpenSSL 3 searches its providers each time it is asked for an algorithm by its old name.
    ///
    /// `nonisolated(unsafe)`: it is never changed or freed, and OpenSSL lets every thread use it.
    private nonisolated(unsafe) static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)

    private let context: OpaquePointer?

    init() { context = EVP_MD_CTX_new() }

    deinit { EVP_MD_CTX_free(context) }

    /// The hash of a prefix and a text.
    func digest(of bytes: [UInt8], after prefix: [UInt8] = []) -> Digest {
        digest(after: prefix) { EVP_DigestUpdate($0, bytes, bytes.count) }
    }

    func digest(of inner: Digest, after prefix: [UInt8]) -> Digest {
        digest(after: prefix) { context in
            inner.storage.span.withUnsafeBufferPointer { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        }
    }

    private func digest(after prefix: [UInt8], _ update: (OpaquePointer?) -> CInt) -> Digest {
        EVP_DigestInit_ex2(context, Digester.sha256, nil)
        if !prefix.isEmpty { EVP_DigestUpdate(context, prefix, prefix.count) }
        _ = update(context)
        var digest = Digest()
        var span = digest.storage.mutableSpan
        span.withUnsafeMutableBufferPointer { _ = EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
        return digest
    }
}

/// A key in the two forms in which HMAC begins its hashes.
struct HMACKey: Sendable {
    private let inner: [UInt8]
    private let outer: [UInt8]

    /// SHA-256's block.
    private static let block = 64

    init(_ key: [UInt8]) {
        let short = key.count > HMACKey.block ? Hash.sha256(key) : key
        let padded = short + [UInt8](repeating: 0, count: HMACKey.block - short.count)
        inner = padded.map { $0 ^ 0x36 }
        outer = padded.map { $0 ^ 0x5C }
    }

    func code(of bytes: [UInt8], by digester: borrowing Digester) -> Digest {
        digester.digest(of: digester.digest(of: bytes, after: inner), after: outer)
    }
}
