/// How many points of a policy may be deleted in one pass beyond what a healthy fleet deletes every day.
package struct PruneCap: Sendable, Equatable {
    package var count: Int
    /// Of the policy's points, in percent.
    package var share: Int

    package init(count: Int = 50, share: Int = 50) {
        self.count = count
        self.share = share
    }

    /// Whether so many beyond the steady flow need a person's approval, of a policy with that many points.
    func forbids(_ excess: Int, ofPoints total: Int) -> Bool {
        excess > 0 && (excess > count || excess * 100 > share * total)
    }
}

/// How much one policy has deleted since its newest slot, and when it last could have.
///
/// The steady flow is what new points push out: as many as there are resources, on each side, with each slot. A pass may
/// delete that twice over, less what was deleted for the same slot already, and never fewer than ten.
package struct PruneTally: Sendable, Equatable {
    /// The slot that the count belongs to.
    package var slot: Moment
    package var count: Int
    /// The last pass in which nothing kept the whole policy from deleting.
    package var lastPass: Moment

    package init(slot: Moment, count: Int, lastPass: Moment) {
        self.slot = slot
        self.count = count
        self.lastPass = lastPass
    }

    /// The tally after a pass that deleted so many.
    package static func after(_ tally: PruneTally?, deleting count: Int, _ policy: Policy, now: Moment) -> PruneTally {
        let slot = policy.newestSlot(through: now)
        let before = tally.flatMap { $0.slot == slot ? $0.count : nil } ?? 0
        return PruneTally(slot: slot, count: before + count, lastPass: now)
    }

    /// How many points steady state may delete now.
    static func flow(_ tally: PruneTally?, _ policy: Policy, resources: Int, now: Moment) -> Int {
        let newest = policy.newestSlot(through: now)
        let start = min(newest, tally?.lastPass ?? newest)
        var slots = 0
        var cursor = start - .seconds(1)
        while slots < mostSlots, let slot = policy.nextSlot(after: cursor), slot <= now {
            slots += 1
            cursor = slot
        }
        let spent = tally.flatMap { $0.slot == newest ? $0.count : nil } ?? 0
        return max(least, 2 * resources * (1 + policy.copies.count) * max(1, slots) - spent)
    }

    private static let least = 10
    /// Whoever was away for so many slots has a flow beyond any cap.
    private static let mostSlots = 1000
}

extension Policy {
    /// The newest slot of any of its schedules; long ago if none has passed.
    func newestSlot(through now: Moment) -> Moment {
        schedules.compactMap { $0.newest(through: now, after: .longAgo) }.max() ?? .longAgo
    }

    /// The longest time between two of its slots in a row.
    package var longestInterval: Duration? { schedules.compactMap(\.longestInterval).min() }
}
