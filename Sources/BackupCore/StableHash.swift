/// A short number for some bytes, the same on every machine and for ever; no defence against anyone.
///
/// Source: FNV-1a, 64 bits, as its authors publish it (draft-eastlake-fnv).
package func stableHash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
}
