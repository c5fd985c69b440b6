import BackupCore

/// Looks at each delete that reaches the cloud, before it is done, with eyes of its own.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class Watch: @unchecked Sendable {
    private unowned let cloud: ModelCloud
    var configuration: Configuration
    /// The places that were read completely in this pass.
    var read: Set<Place> = []
    /// Sets that no policy of ours has anything to do with.
    var foreign: Set<PointID> = []
    /// Since when resources are away.
    var vanished: [ResourceID: Moment] = [:]
    /// Since when the daemon knows that, by its own clock, as it stood before this pass.
    var absent: [Pair: Moment] = [:]
    /// The machine's clock was wrong at some time.
    var isClockSuspect = false
    /// All there was before this pass: what it plans, it plans on that.
    var before: [Place: [TrueSet]] = [:]
    /// What the rules kept when they were changed last, and until when that protects it, by either clock.
    var graced: [PointID: (now: Moment, truth: Moment)] = [:]
    private(set) var violations: [String] = []
    private(set) var pruned: [PointID] = []
    private(set) var failedRemoved = 0
    private(set) var debrisRemoved = 0

    init(_ cloud: ModelCloud, _ configuration: Configuration) {
        self.cloud = cloud
        self.configuration = configuration
        cloud.judge = { [unowned self] in self.judge($0, of: $1) }
        cloud.wasRead = { [unowned self] in self.read.insert($0) }
    }

    private var now: Moment { cloud.clock.now }

    /// What there is of the pair that a point belongs to; nil if no policy claims it.
    private func expectation(for point: RecoveryPoint, _ sets: [Place: [TrueSet]]) -> Expectation? {
        guard let policy = configuration.policies.first(where: { $0.claims(point.policy, in: configuration) }) else {
            return nil
        }
        return expectation(of: policy, point.resource, sets)
    }

    func expectation(of policy: Policy, _ id: ResourceID) -> Expectation { expectation(of: policy, id, cloud.sets) }

    private func expectation(of policy: Policy, _ id: ResourceID, _ sets: [Place: [TrueSet]]) -> Expectation {
        let resource = cloud.resources.first { $0.id == id }
        let since = absent[Pair(policy: policy.name, resource: id)]
        let sets = sets.values.joined().filter { set in
            let identity = set.identity
            return identity.resource == id && policy.claims(identity.policy, in: configuration)
                && !foreign.contains(identity.id)
        }
        let points = sets.filter { !$0.isUntagged || hasHome($0.id, sets) }.map(\.truth).filter { !$0.members.isEmpty }
        return Expectation(
            policy: policy, resource: resource,
            isGone: resource == nil && since.map { $0 + .seconds(86_400) <= now } ?? false,
            points: points.filter { $0.elder(among: points) == nil },
            twins: points.filter { $0.elder(among: points) != nil }, everUsable: cloud.everUsable, now: now)
    }

    /// Whether a copy without tags has its home point, which alone tells whose it is.
    private func hasHome(_ copy: PointID, _ sets: [TrueSet]) -> Bool {
        sets.contains { set in
            set.id.set == copy.set && !set.identity.isCopy && !set.truth.members.isEmpty
                && configuration.scopes[set.id.place] != nil
        }
    }

    private func judge(_ snapshots: [SnapshotID], of id: PointID) {
        guard let point = cloud.set(id)?.truth else { return }
        let named = point.members.filter { snapshots.contains($0.snapshot) }
        guard !named.isEmpty else { return }
        if foreign.contains(id) { object("foreign", id) }
        if point.isHeld { object("held", id) }
        for case .other(let word) in named.map(\.state) { object("in state \(word)", id) }
        guard let planned = expectation(for: point, before), let expectation = expectation(for: point, cloud.sets)
        else {
            return object("orphaned", id)
        }
        if named.allSatisfy({ $0.state == .failed }) {
            failedRemoved += 1
            return
        }
        if named.count < point.members.count {
            if named.allSatisfy({ point.hasAnother($0, but: named) }) { return }
            object("only \(named.count) of \(point.members.count) members", id)
        }
        if named.contains(where: { $0.state == .pending }) { object("still being made", id) }
        pruned.append(id)
        if let twin = expectation.twins.first(where: { $0.id == id }) {
            if twin.elder(among: expectation.points)?.state != .usable {
                object("the other of its slot is not usable", id)
            }
            for place in expectation.placesThatMatter(to: point) where !read.contains(place) {
                object("\(place) was not read completely in this pass", point.id)
            }
            return
        }
        judge(point, expectation)
        if point.state == .usable { judgeRules(point, planned) }
    }

    private func judge(_ point: RecoveryPoint, _ expectation: Expectation) {
        for place in expectation.placesThatMatter(to: point) where !read.contains(place) {
            object("\(place) was not read completely in this pass", point.id)
        }
        // With a clock that was set nobody can tell how long a day was.
        if expectation.isGone, !isClockSuspect, let since = vanished[point.resource],
            cloud.clock.truth < since + .seconds(86_400)
        {
            object("of a resource that was away since \(since) alone", point.id)
        }
        if expectation.rules(point.place) == nil { object("in a region that has no rules any more", point.id) }
        guard point.state == .usable else {
            debrisRemoved += 1
            let isSuperseded = expectation.usable(in: point.place).contains { $0.taken > point.taken }
            let fades = expectation.isGone && expectation.policy.whenResourceGone != .keep
            if !isSuperseded, !fades { object("debris that nothing newer makes up for", point.id) }
            return
        }
        let usable = expectation.usable(in: point.place)
        if usable.count <= expectation.floor(point.place) {
            object("usable \(usable.count), floor \(expectation.floor(point.place))", point.id)
        }
        if !expectation.isGone, usable.max(by: Reckoning.isOlder)?.set == point.set {
            object("the newest usable one", point.id)
        }
    }

    private func judgeRules(_ point: RecoveryPoint, _ expectation: Expectation) {
        for rule in expectation.policy.copies where !point.isCopy {
            let copy = PointID(place: Place(point.place.provider, rule.site), set: point.set)
            if let set = cloud.set(copy), set.isUntagged, !set.truth.members.isEmpty {
                object("nobody would know whose its copy in \(rule.site) is, which has no tags yet", point.id)
            }
        }
        if !point.isCopy, expectation.owing().contains(point.set) { object("owes a copy", point.id) }
        if expectation.kept(point.place).contains(point.set) { object("kept by the rules", point.id) }
        if let until = graced[point.id], now < until.now, cloud.clock.truth < until.truth {
            object("kept until \(until.truth) by the rules before", point.id)
        }
    }

    func fail(_ what: String) { violations.append("\(now) \(what)") }

    private func object(_ what: String, _ id: PointID) { violations.append("\(now) deleted \(id): \(what)") }
}

extension Policy {
    /// Whether points that bear this name are this policy's.
    func claims(_ name: PolicyName, in configuration: Configuration) -> Bool {
        if name == self.name { return true }
        return adopts.contains(name) && !configuration.policies.contains { $0.name == name }
    }
}

extension Expectation {
    /// Its own, its home, and of a home point the destinations; those that the config has read at all.
    func placesThatMatter(to point: RecoveryPoint) -> [Place] {
        let provider = point.place.provider
        let home = policy.homes.contains(point.home) ? [Place(provider, point.home)] : []
        let destinations = point.isCopy ? [] : policy.copies.map { Place(provider, $0.site) }
        return [point.place] + home + destinations
    }
}
