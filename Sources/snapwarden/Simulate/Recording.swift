import BackupCore

/// What a simulated daemon did: every point with its life, and how often AWS was called.
struct Recording: Sendable {
    /// One point in one region.
    struct Life: Sendable {
        var policy: PolicyName
        var resource: ResourceID
        var site: Site
        var isCopy: Bool
        var slot: Moment
        /// The moment its data is of.
        var taken: Moment
        /// When it appeared in its region.
        var born: Moment
        /// When it was deleted; nil if it lived to the end.
        var died: Moment?
        var gibibytes: Int

        func lives(at moment: Moment) -> Bool { born <= moment && moment < (died ?? .never) }
    }

    var lives: [PointID: Life] = [:]
    var calls: [String: Int] = [:]
    /// Creates that were made to fail.
    var skipped = 0
}

/// Records what goes through it to the cloud and back, and lets some creates fail.
///
/// An actor on the simulation's one thread.
actor RecordingCloud: Cloud {
    private let cloud: any Cloud
    private let clock: any WallClock
    /// Of 10,000 slots, so many fail whenever they are tried.
    private let skipRate: Int
    private(set) var recording = Recording()

    init(_ cloud: any Cloud, clock: any WallClock, skipRate: Int) {
        self.cloud = cloud
        self.clock = clock
        self.skipRate = skipRate
    }

    func listing(of place: Place, scope: Scope) async -> Listing { await cloud.listing(of: place, scope: scope) }

    func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await cloud.refreshed(points, in: place)
    }

    func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await cloud.points(ofSlots: slots, in: place)
    }

    func underWay(in place: Place) async throws(CloudError) -> [UnderWay] { try await cloud.underWay(in: place) }

    func create(_ order: CreateOrder) async throws(CloudError) -> RecoveryPoint {
        if skips(order) {
            recording.skipped += 1
            throw CloudError(
                kind: .refused, operation: "CreateSnapshots", region: order.resource.site.region, code: "Simulated",
                message: "--skip-rate lets this slot fail")
        }
        let point = try await cloud.create(order)
        note(point)
        return point
    }

    func copy(_ member: Member, _ order: CopyOrder) async throws(CloudError) -> RecoveryPoint {
        let point = try await cloud.copy(member, order)
        note(point)
        return point
    }

    func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(CloudError) {
        try await cloud.delete(snapshots, of: point)
        recording.lives[point]?.died = clock.now
    }

    func repair(_ order: RepairOrder) async throws(CloudError) { try await cloud.repair(order) }
    func hold(_ point: RecoveryPoint, _ text: String) async throws(CloudError) { try await cloud.hold(point, text) }
    func release(_ point: RecoveryPoint) async throws(CloudError) { try await cloud.release(point) }
    func unshare(_ point: RecoveryPoint, with accounts: Set<AccountID>) async throws(CloudError) {
        try await cloud.unshare(point, with: accounts)
    }
    func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(CloudError) {
        try await cloud.setAutomatic(setting, of: resource)
    }

    private func note(_ point: RecoveryPoint) {
        guard recording.lives[point.id] == nil else { return }
        recording.lives[point.id] = Recording.Life(
            policy: point.policy, resource: point.resource, site: point.site, isCopy: point.isCopy,
            slot: point.slot, taken: point.taken, born: clock.now,
            gibibytes: point.members.map(\.gibibytes).reduce(0, +))
    }

    /// The same slots each time, spread as by chance.
    private func skips(_ order: CreateOrder) -> Bool {
        guard skipRate > 0 else { return false }
        let hash = stableHash("\(order.policy.name) \(order.resource.id) \(order.slot)".utf8)
        return (hash ^ hash >> 29) % 10_000 < UInt64(skipRate)
    }
}
