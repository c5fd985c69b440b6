/// A snapshot that is being made in a place, ours or not: AWS counts everybody's against the account's limits.
package struct UnderWay: Sendable, Equatable {
    package var snapshot: SnapshotID
    /// What it is of; nil for a copy, which AWS shows under no volume of ours.
    package var source: Source?
    /// Whether CopySnapshot made it, in this place.
    package var isCopy: Bool
    package var started: Moment
    /// Ended in error: it counts against its volume's limit until it is deleted, and against no other.
    package var isFailed: Bool

    /// What limits count by: an EBS volume, or a whole Lightsail resource.
    package enum Source: Sendable, Hashable {
        case volume(VolumeID)
        case resource(ResourceID)
    }

    package init(
        snapshot: SnapshotID, source: Source? = nil, isCopy: Bool = false, started: Moment, isFailed: Bool = false
    ) {
        self.snapshot = snapshot
        self.source = source
        self.isCopy = isCopy
        self.started = started
        self.isFailed = isFailed
    }
}

extension UnderWay {
    var takesRoomAsCopy: Bool { isCopy && !isFailed }
}

extension Listing {
    /// Everything under way in this place: what was read of everybody's, and what our own points know better.
    func everythingUnderWay(_ provider: Provider) -> [UnderWay] {
        var own: [UnderWay] = []
        var known: Set<SnapshotID> = []
        let others = Set(underWay.map(\.snapshot))
        for point in points {
            for member in point.members {
                if others.contains(member.snapshot) { known.insert(member.snapshot) }
                guard member.state == .pending || member.state == .failed else { continue }
                own.append(UnderWay(member, of: point, provider))
            }
        }
        return own + underWay.filter { !known.contains($0.snapshot) }
    }
}

extension UnderWay {
    fileprivate init(_ member: Member, of point: RecoveryPoint, _ provider: Provider) {
        let source: Source? =
            switch provider {
            case _ where point.isCopy: nil
            case .ec2: member.volume.map { .volume($0) }
            case .lightsail, .lightsailDisks, .lightsailDatabases: .resource(point.resource)
            }
        self.init(
            snapshot: member.snapshot, source: source, isCopy: point.isCopy, started: member.started,
            isFailed: member.state == .failed)
    }
}
