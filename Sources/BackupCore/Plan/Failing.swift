/// Something that failed again and again, and has not succeeded since.
package struct Failing: Sendable, Equatable {
    package var verb: Intent.Verb
    package var count: Int
    package var since: Moment
    package var code: String

    /// So often in a row something fails before a person is called; then again each time the count has doubled.
    package static let calling = 3

    /// Whether a person is to be called at this count, which is so at 3, 6, 12, 24 and so on.
    package static func calls(at count: Int) -> Bool {
        guard count >= calling, count % calling == 0 else { return false }
        let times = count / calling
        return times & (times - 1) == 0
    }
}

extension Memory {
    /// The worst of what fails of a pair in a region, across its slots.
    package func failing(_ pair: Pair, in site: Site) -> Failing? {
        var worst: [Intent.Verb: Failing] = [:]
        var latest: [Intent.Verb: Moment] = [:]
        for (key, setback) in setbacks where key.pair == pair && key.site == site {
            var failing =
                worst[key.verb] ?? Failing(verb: key.verb, count: 0, since: setback.first, code: setback.code)
            failing.count += setback.count
            failing.since = min(failing.since, setback.first)
            if setback.last > latest[key.verb] ?? .longAgo {
                latest[key.verb] = setback.last
                failing.code = setback.code
            }
            worst[key.verb] = failing
        }
        return worst.values.max { ($0.count, $1.verb.rawValue) < ($1.count, $0.verb.rawValue) }
    }

    /// Failed creates and copies that are no trouble any more.
    ///
    /// A point that became usable ends its own row of failures, and a home point those of older slots, which are not tried
    /// any more; a copy's end with its home point.
    func recoveries(seeing inventory: Inventory) -> [Change] {
        let keys = setbacks.keys.filter { $0.verb.makes }
        guard !keys.isEmpty else { return [] }
        let pairs = Set(keys.map(\.pair))
        let points = Dictionary(grouping: inventory.points) { Pair(policy: $0.policy, resource: $0.resource) }
            .filter { pairs.contains($0.key) }
        let sawAll = !inventory.listings.isEmpty && inventory.isWhole
        return keys.filter { key in
            let own = points[key.pair] ?? []
            return own.contains { point in
                point.state == .usable && point.site == key.site
                    && (key.verb == .create ? !point.isCopy && point.slot >= key.slot : point.slot == key.slot)
            } || (key.verb == .copy && sawAll && !own.contains { !$0.isCopy && $0.slot == key.slot })
        }.sorted { ($0.pair, $0.slot, $0.site) < ($1.pair, $1.slot, $1.site) }
            .map { .recovered($0) }
    }
}
