/// A short number for some bytes, the same on every machine and for ever; no defence against anyone.
///
/// With the number of others as `start`, it is that of both in a row.
///
/// Source: FNV-1a, 64 bits, as its authors publish it (draft-eastlake-fnv).
package func stableHash(_ bytes: some Sequence<UInt8>, after start: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
}
