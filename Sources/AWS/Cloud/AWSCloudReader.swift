package import BackupCore

/// The reading half of the cloud; it holds no client that could change anything.
package struct AWSCloudReader: CloudReading {
    private let numbers: AccountNumbers
    private let fleet: FleetName
    private let clock: any WallClock

    /// For one account, that of the standard chain's credentials.
    package init(
        ec2: any EC2Reading, lightsail: any LightsailReading, fleet: FleetName, clock: any WallClock
    ) {
        let accounts = [AccountID.standard: AccountReading(ec2: ec2, lightsail: lightsail)]
        self.init({ accounts }, fleet: fleet, clock: clock)
    }

    /// For several accounts, which may become others.
    package init(
        _ accounts: @escaping @Sendable () -> [AccountID: AccountReading], fleet: FleetName, clock: any WallClock
    ) {
        self.init(AccountNumbers(accounts, clock: clock), fleet: fleet, clock: clock)
    }

    init(_ numbers: AccountNumbers, fleet: FleetName, clock: any WallClock) {
        self.numbers = numbers
        self.fleet = fleet
        self.clock = clock
    }

    package func listing(of place: Place, scope: Scope) async -> Listing {
        do throws(CloudError) {
            let reader = try await reader(of: place)
            try await numbers.checkApart(place)
            return await reader.listing(of: place, scope, sharing: sharing(scope, in: place.region))
        } catch {
            return Listing(read: clock.now, gap: error)
        }
    }

    /// The twelve digits of the accounts with which points may be shared.
    private func sharing(_ scope: Scope, in region: Region) async -> Result<[AccountID: String], CloudError> {
        do throws(CloudError) {
            return .success(try await numbers.numbers(of: scope.sharing, in: region))
        } catch {
            return .failure(error)
        }
    }

    package func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await self.reader(of: place).refreshed(points, in: place)
    }

    package func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        try await self.reader(of: place).points(ofSlots: slots, in: place)
    }

    package func underWay(in place: Place) async throws(CloudError) -> [UnderWay] {
        try await self.reader(of: place).underWay(in: place)
    }

    private func reader(of place: Place) async throws(CloudError) -> AccountReader {
        guard let account = numbers.accounts()[place.account] else { throw .unknown(place.account, in: place.region) }
        let number = place.provider == .ec2 ? try await numbers.standardNumber(in: place.region) : nil
        return AccountReader(account, place.account, standardNumber: number, fleet: fleet, clock: clock)
    }
}
