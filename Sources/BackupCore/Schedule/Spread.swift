extension Schedule {
    /// How much later than the slot this pair starts: its own share of the spread, the same for ever.
    package func delay(of pair: Pair) -> Duration {
        guard spread.inSeconds > 0 else { return .zero }
        // Of `policy/resource`, without making that text.
        let hash = stableHash(
            pair.resource.rawValue.utf8, after: stableHash("/".utf8, after: stableHash(pair.policy.rawValue.utf8)))
        // The low bits of FNV are its weakest: fold the high half in.
        return .seconds(Int64((hash ^ hash >> 32) % UInt64(spread.inSeconds)))
    }
}
