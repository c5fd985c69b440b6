package import BackupCore

/// The cloud that the runner acts on: points in, points out; tags, names and looking before repeating inside.
///
/// Each call goes to the account that it concerns.
package struct AWSCloud: Cloud {
    private let reader: AWSCloudReader
    private let accounts: @Sendable () -> [AccountID: AccountClients]
    private let numbers: AccountNumbers
    private let fleet: FleetName
    private let clock: any WallClock

    /// For one account, that of the standard chain's credentials.
    package init(
        ec2: any EC2Operations, lightsail: any LightsailOperations, fleet: FleetName, clock: any WallClock
    ) {
        let accounts = [AccountID.standard: AccountClients(ec2: ec2, lightsail: lightsail)]
        self.init({ accounts }, fleet: fleet, clock: clock)
    }

    /// For several accounts, which may become others.
    package init(
        _ accounts: @escaping @Sendable () -> [AccountID: AccountClients], fleet: FleetName, clock: any WallClock
    ) {
        numbers = AccountNumbers({ accounts().mapValues(\.reading) }, clock: clock)
        reader = AWSCloudReader(numbers, fleet: fleet, clock: clock)
        self.accounts = accounts
        self.fleet = fleet
        self.clock = clock
    }

    package func listing(of place: Place, scope: Scope) async -> Listing {
        await reader.listing(of: place, scope: scope)
    }

    package func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await reader.refreshed(points, in: place)
    }

    package func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await reader.points(ofSlots: slots, in: place)
    }

    package func underWay(in place: Place) async throws(CloudError) -> [UnderWay] {
        try await reader.underWay(in: place)
    }

    package func create(_ order: CreateOrder) async throws(CloudError) -> RecoveryPoint {
        try await writing(in: order.resource.site) { writer throws(AWSError) in try await writer.create(order) }
    }

    package func copy(_ member: Member, _ order: CopyOrder) async throws(CloudError) -> RecoveryPoint {
        let (home, destination) = (order.point.site, order.rule.site)
        if home.account != destination.account {
            let number = try await numbers.number(of: destination.account, in: home.region)
            try await writing(in: home) { writer throws(AWSError) in
                try await writer.ec2.share(member.snapshot, in: home.region, with: number)
            }
        }
        return try await writing(in: destination) { writer throws(AWSError) in try await writer.copy(member, order) }
    }

    package func unshare(_ point: RecoveryPoint, with accounts: Set<AccountID>) async throws(CloudError) {
        let those = try await numbers.numbers(of: accounts, in: point.site.region).values.sorted()
        try await writing(in: point.site) { writer throws(AWSError) in
            try await writer.ec2.unshare(point, with: those)
        }
    }

    package func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(CloudError) {
        try await writing(in: point.place.site) { writer throws(AWSError) in
            try await writer.delete(snapshots, of: point)
        }
    }

    package func repair(_ order: RepairOrder) async throws(CloudError) {
        try await writing(in: order.point.site) { writer throws(AWSError) in try await writer.repair(order) }
    }

    package func hold(_ point: RecoveryPoint, _ text: String) async throws(CloudError) {
        try await writing(in: point.site) { writer throws(AWSError) in try await writer.hold(point, text) }
    }

    package func release(_ point: RecoveryPoint) async throws(CloudError) {
        try await writing(in: point.site) { writer throws(AWSError) in try await writer.release(point) }
    }

    package func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(CloudError) {
        try await writing(in: resource.site) { writer throws(AWSError) in
            try await writer.lightsail.setAutomatic(setting, of: resource)
        }
    }

    private func writing<Value>(
        in site: Site, _ body: (AccountWriter) async throws(AWSError) -> Value
    ) async throws(CloudError) -> Value {
        guard let account = accounts()[site.account] else { throw .unknown(site.account, in: site.region) }
        let number = try await numbers.standardNumber(in: site.region)
        do throws(AWSError) {
            return try await body(
                AccountWriter(account, site.account, standardNumber: number, fleet: fleet, clock: clock))
        } catch {
            throw CloudError(error)
        }
    }
}
