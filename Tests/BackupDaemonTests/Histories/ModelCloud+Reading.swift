import BackupCore

extension ModelCloud {
    /// Nobody else takes room here.
    func underWay(in place: Place) async throws(CloudError) -> [UnderWay] { [] }

    func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        (sets[place] ?? []).compactMap { $0.shown(at: clock.truth) }.filter { slots.contains($0.slot) }
    }

    func listing(of place: Place, scope: Scope) async -> Listing {
        let began = clock.machine
        if !isUnreadable(place) { clock.noticeReply() }
        // As AccountReader has it.
        var listing = Listing(read: began + clock.correction)
        listing.clockCorrection = clock.correction
        for set in sets[place] ?? [] {
            guard let point = set.shown(at: clock.truth) else { continue }
            if set.isUntagged, !point.members.isEmpty {
                listing.untagged[point.set] = point
            } else {
                listing.points.append(point)
            }
        }
        listing.resources = resources.filter { $0.place == place && scope.kinds.contains($0.kind) }
        guard unlisted.contains(place) || isUnreadable(place) || dice.happens(faults.brokenListings) else {
            wasRead(place)
            return listing
        }
        return broken(listing, place)
    }

    /// What was read before the reading broke off: of both lists nothing, some or all.
    private func broken(_ listing: Listing, _ place: Place) -> Listing {
        var listing = listing
        let share = dice.pick([0, 500, 1000])
        listing.points = listing.points.filter { _ in dice.happens(share) }
        listing.resources = listing.resources.filter { _ in dice.happens(share) }
        if share < 1000 { listing.untagged = [:] }
        listing.gap = unreachable(place)
        return listing
    }

    private func isUnreadable(_ place: Place) -> Bool { outages[place].map { clock.truth < $0 } ?? false }

    private func unreachable(_ place: Place) -> CloudError {
        CloudError(
            kind: .unavailable, operation: "Describe", region: place.region, code: "ServiceUnavailable",
            message: "the region is out")
    }

    func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        if isUnreadable(place) { throw unreachable(place) }
        clock.noticeReply()
        return points.map { point in
            let seen = set(point.id)?.shown(at: clock.truth)
            let shown = Set((seen?.members ?? []).map(\.snapshot))
            // As AWSCloudReader has it: what is not shown is late for five minutes, then lost.
            let late = point.members.filter {
                !shown.contains($0.snapshot) && clock.now < $0.started + .seconds(300)
            }
            var point = point
            point.members = (seen?.members ?? []) + late
            if let seen { (point.taken, point.isHeld) = (seen.taken, seen.isHeld) }
            return point
        }
    }
}
