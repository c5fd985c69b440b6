extension Memory {
    /// What became of the intents whose outcome is open, as far as a reading of AWS can tell.
    ///
    /// Found: it was done. Not found in a complete reading made after the consistency delay: it was not. Else the
    /// intent stays open, and gates the same attempt. Calls that may be repeated need no looking.
    package func endings(
        of open: [Intent], seenIn inventory: Inventory, consistency: Duration
    ) -> [(intent: Intent, ending: Ending)] {
        open.sorted { $0.id < $1.id }.compactMap { intent in
            guard intent.key.verb == .create || intent.key.verb == .copy else { return (intent, .notPerformed) }
            if inventory.shows(intent) { return (intent, .done(requestID: nil)) }
            let places = inventory.listings.filter { $0.key.site == intent.key.site }
            // Where nothing is read any more, nothing will ever be found.
            guard !places.isEmpty else {
                let hasReadSince = inventory.listings.values.contains { $0.read >= intent.began + consistency }
                return hasReadSince ? (intent, .notPerformed) : nil
            }
            let isRipe = places.allSatisfy { $0.value.gap == nil && $0.value.read >= intent.began + consistency }
            return isRipe ? (intent, .notPerformed) : nil
        }
    }
}

extension Inventory {
    /// Whether what the intent was about to make is there: all of it, so that nothing of it must be made again.
    fileprivate func shows(_ intent: Intent) -> Bool {
        let claimed = claimingLookalikes()
        return claimed.points.contains { point in
            point.policy == intent.key.pair.policy && point.resource == intent.key.pair.resource
                && point.slot == intent.key.slot && point.site == intent.key.site
                && (intent.key.verb == .create || point.members.count >= point.declaredMembers)
        }
    }
}
