extension Memory {
    /// What became of the intents whose outcome is open, as far as a reading of AWS can tell.
    ///
    /// Found: it was done. Not found in a complete reading made after the consistency delay: it was not. Else the
    /// intent stays open, and gates the same attempt. Calls that may be repeated need no looking.
    package func endings(
        of open: [Intent], seenIn inventory: Inventory, consistency: Duration
    ) -> [(intent: Intent, ending: Ending)] {
        guard !open.isEmpty else { return [] }
        let points = Dictionary(grouping: inventory.claimingLookalikes().points) {
            Pair(policy: $0.policy, resource: $0.resource)
        }
        return open.sorted { $0.id < $1.id }.compactMap { intent in
            guard intent.key.verb.makes else { return (intent, .notPerformed) }
            if points[intent.key.pair]?.contains(where: intent.isShown) == true {
                return (intent, .done(requestID: nil))
            }
            // What another provider's listing lacks says nothing about this one's.
            let places = inventory.listings.filter {
                $0.key.site == intent.key.site && $0.key.provider.service == intent.key.pair.resource.service
            }
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

extension Intent {
    /// Whether a point of its pair is what it was about to make: all of it, so that nothing of it must be made again.
    fileprivate func isShown(by point: RecoveryPoint) -> Bool {
        guard point.slot == key.slot, point.site == key.site else { return false }
        switch key.verb {
        case .create:
            // Another run may have taken the same slot; Lightsail's names let nobody.
            return point.set == id || point.place.provider.isLightsail
        default:
            return point.members.count >= point.declaredMembers
        }
    }
}

extension ResourceID {
    /// EC2's ids have a prefix, Lightsail's are UUIDs.
    fileprivate var service: Provider { rawValue.hasPrefix("i-") || rawValue.hasPrefix("vol-") ? .ec2 : .lightsail }
}
