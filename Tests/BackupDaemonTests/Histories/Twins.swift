import BackupCore

/// The second opinion on what was made twice.
extension RecoveryPoint {
    /// The one that was taken before it for the same slot in the same place, and is whole or will be; nil of most.
    func elder(among points: [RecoveryPoint]) -> RecoveryPoint? {
        guard place.provider == .ec2, state == .usable || state == .pending else { return nil }
        return points.filter { other in
            other.slot == slot && other.place == place && other.kind == kind && other.resource == resource
                && other.set != set && (other.state == .usable || other.state == .pending)
                && (other.taken < taken || (other.taken == taken && other.set < set))
        }.min { ($0.taken, $0.set) < ($1.taken, $1.set) }
    }

    /// Whether a member is the second copy of something, of which another one stays.
    func hasAnother(_ member: Member, but going: [Member]) -> Bool {
        isCopy
            && members.contains { other in
                other.source == member.source && other.state == .completed
                    && !going.contains { $0.snapshot == other.snapshot }
            }
    }
}
