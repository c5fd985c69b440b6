import AWS
package import BackupCore

/// An AWS account in memory: regions with what is in them, how long things take, and what is to go wrong.
///
/// A value without clock, network or threads. Each operation of the AWS target is a method here; it takes the
/// request, the region and the time, and answers or throws as AWS does. Ids come from a seeded generator: the same
/// calls at the same times give the same world.
package struct World: Sendable {
    package var account: String
    package var timings = Timings()
    /// The public address of every instance that is made; nil gives each one that nobody has.
    package var instanceAddress: String?
    /// KMS keys under which a copy ends in `error`, as keys or ARNs.
    package var badKeys: Set<String> = []
    /// Operations that the caller has no right to, as `ec2:CreateSnapshots`.
    package var denied: Set<String> = []
    /// The roles that can be taken on, by ARN; there are no others.
    var roles: [String: SimulatedRole] = [:]
    /// Those that were, by the id of their access key.
    var sessions: [String: SimulatedSession] = [:]
    /// What goes wrong, in order; see ``Fault``.
    package var faults: [Fault] = []
    /// Every call that reached this world, oldest first; empty if they are only counted.
    package var calls: [LoggedCall] = []
    /// Whether calls are kept: years of them would fill the memory.
    package var keepsCalls = true
    /// Whether CreateSnapshots announces what is complete at once as such, where AWS always says `pending`.
    package var announcesCompletion = false
    /// How many calls of each operation there were, as `ec2:CreateSnapshots`.
    package var callCounts: [String: Int] = [:]

    /// Where seeds go that name no region: the first region the world was made with.
    package let home: Region
    var regions: [Region: RegionState]
    /// What other accounts hold.
    var elsewhere: [String: [Region: RegionState]] = [:]
    var generator: SplitMix64
    /// Counts what was made, so that lists have an order which later arrivals do not disturb.
    var sequence = 0
    /// What deleted snapshots were of, by id: texts may still name them.
    var retiredLabels: [String: String] = [:]
    /// What is made by the call in progress will end in failure (``Fault/Kind/failLater``).
    var isDoomed = false

    package init(regions: [Region], account: String = "123456789012", seed: UInt64 = 1) {
        self.account = account
        home = regions.first ?? Region("us-east-1")
        self.regions = Dictionary(regions.map { ($0, RegionState()) }) { first, _ in first }
        generator = SplitMix64(seed: seed)
    }
}

/// What there is in one region.
struct RegionState: Sendable {
    var instances: [SimulatedInstance] = []
    var volumes: [SimulatedVolume] = []
    var snapshots: [SimulatedSnapshot] = []
    var images: [SimulatedImage] = []
    var replacements: [SimulatedReplacement] = []
    var lightsailInstances: [SimulatedLightsailInstance] = []
    var lightsailDisks: [SimulatedLightsailDisk] = []
    var lightsailDatabases: [SimulatedLightsailDatabase] = []
    var lightsailSnapshots: [SimulatedLightsailSnapshot] = []
    var staticIPs: [SimulatedStaticIP] = []
    /// Names of key pairs besides the default one.
    var keyPairs: [String] = []
    var operations: [SimulatedOperation] = []
}

extension World {
    /// What AWS says of something whose background work fails for no reason that it tells.
    static let internalFailure = "Internal error: the snapshot could not be completed"

    mutating func nextSequence() -> Int {
        sequence += 1
        return sequence
    }

    /// Drops from a region what has meanwhile run out.
    mutating func settle(_ region: Region, now: Moment) {
        guard var state = regions[region], state.isUnsettled(at: now) else { return }
        let before = state.snapshots
        state.settle(now: now)
        if state.snapshots.count < before.count { retire(before.filter(\.isDeleted)) }
        regions[region] = state
    }

    mutating func retire(_ snapshots: [SimulatedSnapshot]) {
        // Only the log of calls still names what is gone.
        guard keepsCalls else { return }
        for snapshot in snapshots { retiredLabels[snapshot.id] = "snapshot of \(snapshot.dataOf)" }
    }

    /// The region as it is at `now`: what has meanwhile run out is gone.
    func state(of region: Region, now: Moment) -> RegionState {
        var state = regions[region] ?? RegionState()
        if state.isUnsettled(at: now) { state.settle(now: now) }
        return state
    }

    func visibleAt(_ now: Moment) -> Moment { now + .seconds(timings.visibleAfter) }
}

extension RegionState {
    /// How long a terminated instance stays listed: "a short while (usually less than one hour)" (DescribeInstances).
    static let terminatedStaysListed = Duration.seconds(3600)

    /// Whether something has ended by itself that is still there; most often nothing has, and nothing need be copied.
    func isUnsettled(at now: Moment) -> Bool {
        snapshots.contains { $0.isDeleted && $0.life.stage(at: now) != .pending }
            || volumes.contains { $0.goneAt.map { $0 <= now } ?? false }
            || instances.contains { $0.terminatedAt.map { now >= $0 + RegionState.terminatedStaysListed } ?? false }
    }

    /// Drops what ended by itself: terminated instances after an hour, snapshots deleted while pending once complete, root
    /// volumes once they are replaced.
    mutating func settle(now: Moment) {
        snapshots.removeAll { $0.isDeleted && $0.life.stage(at: now) != .pending }
        volumes.removeAll { $0.goneAt.map { $0 <= now } ?? false }
        instances.removeAll { instance in
            instance.terminatedAt.map { now >= $0 + RegionState.terminatedStaysListed } ?? false
        }
    }
}
