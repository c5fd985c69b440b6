/// A small seeded random generator, so that a world makes the same ids in each run.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014), `nextSeed` and `mix64`.
package struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SplitMix64 {
    /// That many hexadecimal digits, lower case.
    package mutating func hex(_ digits: Int) -> String {
        var text = ""
        while text.count < digits {
            let word = String(next(), radix: 16)
            text += String(repeating: "0", count: 16 - word.count) + word
        }
        return String(text.prefix(digits))
    }

    /// An id as EC2 makes them: `snap-` and 17 digits.
    package mutating func identifier(_ prefix: String) -> String { "\(prefix)-\(hex(17))" }

    /// A version 4 UUID (RFC 9562, section 5.4).
    package mutating func uuid() -> String {
        let digits = Array(hex(32))
        let variant = String(digits[16].hexDigitValue.map { 8 + $0 % 4 } ?? 8, radix: 16)
        let groups = [
            String(digits[0..<8]), String(digits[8..<12]), "4" + String(digits[13..<16]),
            variant + String(digits[17..<20]), String(digits[20..<32]),
        ]
        return groups.joined(separator: "-")
    }
}
