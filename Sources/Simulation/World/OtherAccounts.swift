import BackupCore

/// Accounts besides the one that the world was made with.
///
/// Every operation finds its caller's account in ``World/account`` and ``World/regions``; what the others hold waits aside.
extension World {
    /// Becomes the world as that account sees it; one that nobody has named is empty.
    mutating func enter(_ other: String) {
        guard other != account else { return }
        let empty = regions.mapValues { _ in RegionState() }
        elsewhere[account] = regions
        regions = elsewhere.removeValue(forKey: other) ?? empty
        account = other
    }

    /// A snapshot that another account has shared with this one.
    func shared(_ id: String, in region: Region) -> SimulatedSnapshot? {
        elsewhere.values.lazy.compactMap { $0[region]?.snapshots.first { $0.id == id } }.first {
            $0.sharedWith.contains(account)
        }
    }
}
