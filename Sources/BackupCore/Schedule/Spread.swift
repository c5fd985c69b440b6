extension Schedule {
    /// How much later than the slot this pair starts: its own share of the spread, the same for ever.
    ///
    /// Source of the hash: FNV-1a, 64 bits, as its authors publish it (draft-eastlake-fnv).
    package func delay(of pair: Pair) -> Duration {
        guard spread.inSeconds > 0 else { return .zero }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(pair.policy)/\(pair.resource)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // The low bits of FNV are its weakest: fold the high half in.
        return .seconds(Int64((hash ^ hash >> 32) % UInt64(spread.inSeconds)))
    }
}
