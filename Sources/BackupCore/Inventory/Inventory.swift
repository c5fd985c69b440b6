/// What AWS held when it was last read, place by place.
package struct Inventory: Sendable, Equatable {
    package var listings: [Place: Listing]

    package init(_ listings: [Place: Listing] = [:]) { self.listings = listings }

    package var resources: [Resource] { listings.values.flatMap(\.resources) }
    package var points: [RecoveryPoint] { listings.values.flatMap(\.points) }
    package func isComplete(_ place: Place) -> Bool { listings[place]?.gap == nil && listings[place] != nil }

    /// Takes over what was just made or seen to change, so that AWS need not be read again to know it.
    package mutating func merge(_ point: RecoveryPoint) {
        guard var listing = listings[point.place] else { return }
        if let index = listing.points.firstIndex(where: { $0.set == point.set }) {
            listing.points[index] = point
        } else {
            listing.points.append(point)
        }
        listing.untagged[point.set] = nil
        listings[point.place] = listing
    }

    /// Takes over members that were just made, beside those already known.
    package mutating func join(_ point: RecoveryPoint) {
        var whole = point
        if let known = listings[point.place]?.points.first(where: { $0.set == point.set }) {
            let made = Set(point.members.map(\.snapshot))
            whole = known
            whole.members = known.members.filter { !made.contains($0.snapshot) } + point.members
        }
        merge(whole)
    }

    /// Forgets a point that was deleted.
    package mutating func remove(_ id: PointID) {
        listings[id.place]?.points.removeAll { $0.set == id.set }
    }
}

/// One place, as one reading of it found it.
package struct Listing: Sendable, Equatable {
    package var resources: [Resource]
    package var points: [RecoveryPoint]
    /// Snapshots whose name could be ours but that carry no tags, by their name.
    package var untagged: [SetID: Member]
    package var read: Moment
    /// Why the reading is not complete; nil when it is.
    ///
    /// An incomplete one never justifies a delete.
    package var gap: CloudError?

    package init(
        resources: [Resource] = [], points: [RecoveryPoint] = [], untagged: [SetID: Member] = [:], read: Moment,
        gap: CloudError? = nil
    ) {
        self.resources = resources
        self.points = points
        self.untagged = untagged
        self.read = read
        self.gap = gap
    }
}

/// What a reading of a place must bring.
package struct Scope: Sendable, Equatable {
    package var resources: Bool
    /// The tags of attached volumes, for policies that exclude by them.
    package var volumeTags: Bool

    package init(resources: Bool, volumeTags: Bool) {
        self.resources = resources
        self.volumeTags = volumeTags
    }
}
