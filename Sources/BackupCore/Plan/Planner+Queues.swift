/// AWS's limits on what may be under way at once.
///
/// Source: EBS quotas ("Amazon EBS endpoints and quotas"); EC2 error codes; Lightsail's error texts for its two copies.
package enum Limit: Sendable, Equatable {
    /// Pending snapshots of one volume: 5, of a magnetic one (st1, sc1) 1; failed ones that are still there count too.
    case perVolume(VolumeID, Int)
    /// One snapshot of a volume in 15 s.
    case rateOfVolume(VolumeID)
    /// Pending snapshots in an account's region.
    case perRegion(Site, Int)
    /// Pending copies in a destination, everybody's in the account.
    case copies(Site, Int)
    /// A Lightsail resource that is being snapshotted already.
    case perResource(ResourceID)

    static let volumePause = Duration.seconds(15)
    /// A Lightsail snapshot that is pending for longer than this is stuck: AWS is asked for the next one all the same.
    static let resourcePatience = Duration.seconds(86_400)
    static let snapshotsPerRegion = 100

    static func copies(_ provider: Provider) -> Int {
        provider.isLightsail ? 2 : 20
    }
}

extension Limit: CustomStringConvertible {
    package var description: String {
        switch self {
        case .perVolume(let volume, let count):
            "\(volume) has \(count) snapshot\(count == 1 ? "" : "s") under way or failed, and takes no more at once"
        case .rateOfVolume(let volume): "\(volume) takes one snapshot in 15 s"
        case .perRegion(let site, let count): "\(count) snapshots are under way in \(site), and no more fit"
        case .copies(let site, let count): "\(count) copies are under way to \(site), and no more fit"
        case .perResource(let resource): "a snapshot of \(resource) is being made already"
        }
    }
}

/// How far each pair is behind its objective, in each place: the order in which what is limited gets its turn.
typealias Debts = [Pair: [Site: Duration]]

extension Planner {
    /// How far a resource's newest usable data is behind what was promised in a region; a day is promised where nothing
    /// else is, and what was never backed up comes first.
    func debt(_ subject: Subject, in site: Site) -> Duration {
        let isCopy = subject.policy.copies.contains { $0.site == site }
        let objective = (isCopy ? subject.policy.objective.dr : subject.policy.objective.local) ?? .seconds(86_400)
        let newest = subject.points.filter { $0.site == site && $0.state == .usable }.map(\.taken).max()
        return newest.map { now - $0 - objective } ?? (now - .longAgo)
    }

    /// Lets those creates and copies through that AWS's limits leave room for, most behind first; the rest waits.
    func queue(_ plan: inout Plan, _ debts: Debts) {
        let order = plan.actions.indices.filter { plan.actions[$0].isQueued }.sorted { a, b in
            plan.actions[a].comesBefore(plan.actions[b], debts)
        }
        guard !order.isEmpty else { return }
        var room = Room(inventory, now: now)
        var waiting: [Int: Limit] = [:]
        for index in order {
            switch plan.actions[index].work {
            case .create(let order):
                guard let limit = room.refuses(order) else { continue }
                waiting[index] = limit
                if case .rateOfVolume = limit { plan.wait(until: room.nextStart(of: order)) }
            case .copy(var order):
                let place = Place(order.point.place.provider, order.rule.site)
                let count = room.takeCopies(order.members.count, in: place)
                if count == 0 { waiting[index] = .copies(place.site, Limit.copies(place.provider)) }
                order.members = Array(order.members.prefix(count))
                if count > 0 { plan.actions[index].work = .copy(order) }
            default: continue
            }
        }
        plan.queued = waiting.keys.sorted().map { index in
            var action = plan.actions[index]
            action.limit = waiting[index]
            return action
        }
        for action in plan.queued { if let limit = action.limit { plan.wait(action, for: .limit(limit), until: nil) } }
        plan.actions = plan.actions.indices.filter { waiting[$0] == nil }.map { plan.actions[$0] }
    }
}

extension Action {
    /// Whether AWS limits how many such may be under way.
    var isQueued: Bool { queue != nil }

    /// The place in whose queue it waits its turn; nil for what AWS does not limit.
    package var queue: Place? {
        switch work {
        case .create(let order): order.resource.place
        case .copy(let order): Place(order.point.place.provider, order.rule.site)
        case .refuse, .unshare, .prune, .withhold, .repair, .adopt, .removeFailed, .removeSurplus,
            .setAutomatic:
            nil
        }
    }

    /// By what each is behind; of one resource's copies the newest data first, and in an order that is always the same.
    fileprivate func comesBefore(_ other: Action, _ debts: Debts) -> Bool {
        let mine = debts[pair]?[site] ?? .zero
        let others = debts[other.pair]?[other.site] ?? .zero
        if mine != others { return others < mine }
        if pair != other.pair { return pair < other.pair }
        return (other.slot, site) < (slot, other.site)
    }
}

extension UnderWay {
    /// Whether it takes a place of what it is of: failed snapshots of a volume do, until they are deleted.
    fileprivate func isBusy(at now: Moment) -> Bool {
        switch source {
        case .volume: true
        case .resource: !isFailed && now < started + Limit.resourcePatience
        case nil: false
        }
    }
}

/// What AWS's limits leave room for.
private struct Room {
    private let now: Moment
    private var copies: [Place: Int] = [:]
    private var snapshots: [Place: Int] = [:]
    private var ofSource: [UnderWay.Source: Int] = [:]
    private var lastStart: [UnderWay.Source: Moment] = [:]

    init(_ inventory: Inventory, now: Moment) {
        self.now = now
        let recent = now - Limit.volumePause
        for (place, listing) in inventory.listings {
            let all = listing.everythingUnderWay(place.provider)
            // All kinds of Lightsail's snapshots share its room for copies.
            let queue = Place(place.provider.service, place.site)
            copies[queue] = (copies[queue] ?? Limit.copies(place.provider)) - all.filter(\.takesRoomAsCopy).count
            snapshots[place] = Limit.snapshotsPerRegion - all.filter { !$0.isFailed }.count
            for item in all { count(item) }
            for point in listing.points where !point.isCopy && recent < point.taken {
                for volume in point.members.compactMap(\.volume) { note(.volume(volume), point.taken) }
            }
        }
    }

    private mutating func count(_ item: UnderWay) {
        guard let source = item.source, item.isBusy(at: now) else { return }
        ofSource[source, default: 0] += 1
        note(source, item.started)
    }

    private mutating func note(_ source: UnderWay.Source, _ moment: Moment) {
        lastStart[source] = max(lastStart[source] ?? moment, moment)
    }

    /// Why this create must wait; nil lets it through, and counts it.
    mutating func refuses(_ order: CreateOrder) -> Limit? {
        let place = order.resource.place
        switch place.provider {
        case .ec2: return refusesVolumes(order, in: place)
        case .lightsail, .lightsailDisks, .lightsailDatabases:
            let source = UnderWay.Source.resource(order.resource.id)
            guard ofSource[source] == nil else { return .perResource(order.resource.id) }
            ofSource[source] = 1
            return nil
        }
    }

    private mutating func refusesVolumes(_ order: CreateOrder, in place: Place) -> Limit? {
        let volumes = order.volumes
        for volume in volumes {
            let source = UnderWay.Source.volume(volume.id)
            if ofSource[source] ?? 0 >= volume.pendingLimit { return .perVolume(volume.id, volume.pendingLimit) }
            // One that started long after now was dated by another clock, and is waited for by nobody.
            let isRecent = lastStart[source].map { now < $0 + Limit.volumePause && $0 < now + Limit.volumePause }
            if isRecent == true { return .rateOfVolume(volume.id) }
        }
        let free = snapshots[place] ?? 0
        // A set larger than all the room there ever is would wait for ever: AWS may have raised its limit.
        if volumes.count > free, free < Limit.snapshotsPerRegion {
            return .perRegion(place.site, Limit.snapshotsPerRegion)
        }
        snapshots[place] = free - volumes.count
        for volume in volumes {
            ofSource[.volume(volume.id), default: 0] += 1
            note(.volume(volume.id), now)
        }
        return nil
    }

    /// When all volumes of a create have had their pause.
    func nextStart(of order: CreateOrder) -> Moment {
        let starts = order.volumes.compactMap { lastStart[.volume($0.id)] }
        return (starts.max() ?? now) + Limit.volumePause
    }

    /// How many of so many copies fit, which are counted.
    mutating func takeCopies(_ wanted: Int, in destination: Place) -> Int {
        let place = Place(destination.provider.service, destination.site)
        let count = min(wanted, max(0, copies[place] ?? 0))
        copies[place] = (copies[place] ?? 0) - count
        return count
    }
}
