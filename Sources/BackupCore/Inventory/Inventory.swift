/// What AWS held when it was last read, place by place.
package struct Inventory: Sendable, Equatable {
    package var listings: [Place: Listing]

    package init(_ listings: [Place: Listing] = [:]) { self.listings = listings }

    package var resources: [Resource] { listings.values.flatMap(\.resources) }
    package var points: [RecoveryPoint] { listings.values.flatMap(\.points) }
    package func isComplete(_ place: Place) -> Bool { listings[place].map { $0.gap == nil } ?? false }

    /// Whether every place could be read.
    package var isWhole: Bool { listings.values.allSatisfy { $0.gap == nil } }

    /// Takes over what was just made or seen to change, so that AWS need not be read again to know it.
    package mutating func merge(_ point: RecoveryPoint) {
        // In place: a listing may hold tens of thousands of points.
        if let index = listings[point.place]?.points.firstIndex(where: { $0.set == point.set }) {
            listings[point.place]?.points[index] = point
        } else {
            listings[point.place]?.points.append(point)
        }
        listings[point.place]?.untagged[point.set] = nil
    }

    /// The point of that set in that place.
    package func point(_ id: PointID) -> RecoveryPoint? { listings[id.place]?.points.first { $0.set == id.set } }

    /// The same for many points of one place, which may hold a hundred thousand.
    package mutating func join(_ points: [RecoveryPoint], in place: Place) {
        guard let listing = listings[place], !points.isEmpty else { return }
        let wanted = Set(points.map(\.set))
        var known: [SetID: RecoveryPoint] = [:]
        for point in listing.points where wanted.contains(point.set) { known[point.set] = point }
        for point in points where known[point.set] != point { join(point) }
    }

    /// Takes over members that were just made, beside those already known.
    package mutating func join(_ point: RecoveryPoint) {
        var whole = point
        if let known = self.point(point.id) {
            let made = Set(point.members.map(\.snapshot))
            whole = known
            whole.members =
                known.members.filter { !made.contains($0.snapshot) } + point.members.map { $0.protected(as: known) }
        }
        merge(whole)
    }

    /// Forgets a point that was deleted.
    package mutating func remove(_ id: PointID) {
        if let index = listings[id.place]?.points.firstIndex(where: { $0.set == id.set }) {
            listings[id.place]?.points.remove(at: index)
        }
    }
}

/// One place, as one reading of it found it.
package struct Listing: Sendable, Equatable {
    package var resources: [Resource]
    package var points: [RecoveryPoint]
    /// Snapshots whose name could be ours but that carry no tags, as far as the name tells what they are.
    package var untagged: [SetID: RecoveryPoint]
    /// Snapshots being made or failed, everybody's in the account: what AWS counts against its limits.
    package var underWay: [UnderWay]
    package var read: Moment
    /// What this machine's clock had to be corrected by to be the cloud's, as its replies showed; zero if they agree.
    package var clockCorrection = Duration.zero
    /// Why the reading is not complete; nil when it is.
    ///
    /// An incomplete one never justifies a delete.
    package var gap: CloudError?
    /// Why the locks or the images of the place could not be read; nil when they were.
    ///
    /// Creates and copies do not need them; no delete goes without.
    package var protectionGap: CloudError?
    /// Why it is not known which points are shared with other accounts; nil if it is.
    ///
    /// No share is taken back then, and all else goes on.
    package var sharingGap: CloudError?

    package init(
        resources: [Resource] = [], points: [RecoveryPoint] = [], untagged: [SetID: RecoveryPoint] = [:],
        underWay: [UnderWay] = [], read: Moment, gap: CloudError? = nil, protectionGap: CloudError? = nil
    ) {
        self.resources = resources
        self.points = points
        self.untagged = untagged
        self.underWay = underWay
        self.read = read
        self.gap = gap
        self.protectionGap = protectionGap
    }
}

/// What a reading of a place must bring.
package struct Scope: Sendable, Equatable {
    /// The kinds of resources to be read; none where only points are wanted.
    package var kinds: Set<ResourceKind>
    /// The policies whose points are the automatic snapshots of what they select.
    package var automatic: [Policy]
    /// Other accounts to which points are copied from here: which are shared with them must be known.
    package var sharing: Set<AccountID> = []

    package init(_ kinds: Set<ResourceKind> = [], automatic: [Policy] = []) {
        self.kinds = kinds
        self.automatic = automatic
    }
}
