/// A point that AWS is making.
package struct Progress: Sendable, Equatable {
    package var pair: Pair
    package var slot: Moment
    package var site: Site
    package var isCopy: Bool
    /// The size of its volumes, or of the resource; 0 where the provider does not say it yet.
    package var gibibytes: Int
    /// When AWS began with the first of its snapshots.
    package var began: Moment
    /// How much of it is there, 0 … 100; nil where the provider does not say it, as Lightsail does not.
    package var percent: Int?
    /// How long it takes still if it goes on as it has gone; nil while nothing can be said.
    package var left: Duration?

    /// What it counts beside others.
    var weight: Int { max(1, gibibytes) }
}

extension Inventory {
    /// What is being made of the config's policies, what began first in front.
    package func progress(under configuration: Configuration, now: Moment) -> [Progress] {
        let owners = configuration.owners
        return points.filter { $0.state == .pending && owners[$0.policy] != nil }
            .map { Progress($0, now: now) }
            .sorted { ($0.began, $0.pair, $0.site) < ($1.began, $1.pair, $1.site) }
    }
}

extension Progress {
    fileprivate init(_ point: RecoveryPoint, now: Moment) {
        pair = Pair(policy: point.policy, resource: point.resource)
        (slot, site, isCopy) = (point.slot, point.site, point.isCopy)
        gibibytes = point.members.map(\.gibibytes).reduce(0, +)
        let began = point.members.map(\.started).min() ?? now
        self.began = began
        let known = point.members.contains { $0.progress != nil || $0.state == .completed }
        let weights = point.members.map { max(1, $0.gibibytes) }
        let done = zip(point.members, weights).map { member, weight in
            weight * (member.state == .completed ? 100 : member.progress ?? 0)
        }.reduce(0, +)
        percent = known ? min(100, done / max(1, weights.reduce(0, +))) : nil
        left = percent.flatMap { percent in
            guard (1...99).contains(percent), now > began else { return nil }
            return .seconds((now - began).inSeconds * Int64(100 - percent) / Int64(percent))
        }
    }
}
