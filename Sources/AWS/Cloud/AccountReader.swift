import BackupCore

/// One account, read: places' resources and points.
struct AccountReader: Sendable {
    let ec2: EC2Reader
    let lightsail: LightsailReader
    let clock: any WallClock

    /// How long a snapshot that AWS does not show is taken to be only late, not lost.
    private static let patience = Duration.seconds(300)
    /// Up to so many Lightsail snapshots are asked for one by one; more are cheaper as a listing.
    private static let fewSnapshots = 10

    init(
        _ clients: AccountReading, _ account: AccountID, standardNumber: String?, fleet: FleetName, clock: any WallClock
    ) {
        ec2 = EC2Reader(
            ec2: clients.ec2, keys: clients.keys, fleet: fleet, account: account, standardNumber: standardNumber)
        lightsail = LightsailReader(lightsail: clients.lightsail, fleet: fleet)
        self.clock = clock
    }

    /// What a place holds of ours.
    ///
    /// Throws nothing: what could not be read is its gap.
    func listing(
        of place: Place, _ scope: Scope, sharing: Result<[AccountID: String], CloudError>
    ) async -> Listing {
        // Only the replies show by how much this machine's clock is wrong: when the reading began is dated afterwards.
        let began = clock.now - clock.correction
        var listing = Listing(read: began)
        do throws(AWSError) {
            switch place.provider {
            case .ec2:
                listing.resources = try await ec2.resources(in: place.region, scope)
                let points = try await ec2.points(in: place.region)
                (listing.points, listing.protectionGap) = await ec2.protected(points, in: place.region)
                await note(sharing, in: &listing, of: place)
                listing.underWay = try await ec2.underWay(in: place.region)
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                if !scope.kinds.isEmpty { listing.resources = try await lightsail.resources(in: place) }
                let found = try await lightsail.points(in: place)
                (listing.points, listing.untagged, listing.underWay) = (found.points, found.untagged, found.underWay)
                listing.points += try await lightsail.automaticPoints(
                    of: listing.resources, in: place, for: scope.automatic)
            }
        } catch {
            listing.gap = CloudError(error)
        }
        listing.clockCorrection = clock.correction
        listing.read = began + clock.correction
        return listing
    }

    private func note(
        _ sharing: Result<[AccountID: String], CloudError>, in listing: inout Listing, of place: Place
    ) async {
        do throws(CloudError) {
            let accounts = try sharing.get()
            do throws(AWSError) {
                listing.points = try await ec2.shared(listing.points, in: place.region, with: accounts)
            } catch {
                throw CloudError(error)
            }
        } catch {
            listing.sharingGap = error
        }
    }

    func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        do throws(AWSError) {
            switch place.provider {
            case .ec2:
                let seen = try await ec2.points(in: place.region, sets: points.map(\.set))
                return points.map { reconciled($0, with: seen) }
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                return try await refreshedInLightsail(points, in: place)
            }
        } catch {
            throw CloudError(error)
        }
    }

    func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint] {
        guard place.provider == .ec2 else { return [] }
        do throws(AWSError) {
            return try await ec2.points(in: place.region, slots: slots)
        } catch {
            throw CloudError(error)
        }
    }

    func underWay(in place: Place) async throws(CloudError) -> [UnderWay] {
        do throws(AWSError) {
            switch place.provider {
            case .ec2: return try await ec2.underWay(in: place.region)
            case .lightsail, .lightsailDisks, .lightsailDatabases:
                return try await lightsail.points(in: place).underWay
            }
        } catch {
            throw CloudError(error)
        }
    }

    private func refreshedInLightsail(
        _ points: [RecoveryPoint], in place: Place
    ) async throws(AWSError) -> [RecoveryPoint] {
        guard points.count <= AccountReader.fewSnapshots else {
            let found = try await lightsail.points(in: place)
            let shown = found.untagged.merging(found.points.map { ($0.set, $0) }, uniquingKeysWith: { $1 })
            return points.map { updated($0, shown[$0.set]?.members.first) }
        }
        var result: [RecoveryPoint] = []
        for point in points {
            let snapshot = try await lightsail.snapshot(named: point.set.rawValue, in: place)
            result.append(updated(point, snapshot.map { Member($0) }))
        }
        return result
    }

    private func updated(_ point: RecoveryPoint, _ member: Member?) -> RecoveryPoint {
        var seen = point
        seen.members = member.map { [$0] } ?? []
        if !point.isCopy, let member { seen.taken = member.started }
        return reconciled(point, with: [seen])
    }

    /// The point with its members as they were seen now; a member not shown is kept while AWS may only be late.
    private func reconciled(_ point: RecoveryPoint, with seen: [RecoveryPoint]) -> RecoveryPoint {
        var point = point
        let match = seen.first { $0.set == point.set }
        let shown = match?.members ?? []
        let shownIDs = Set(shown.map(\.snapshot))
        let late = point.members.filter {
            !shownIDs.contains($0.snapshot) && clock.now < $0.started + AccountReader.patience
        }
        let known = Dictionary(point.members.map { ($0.snapshot, $0) }, uniquingKeysWith: { first, _ in first })
        point.members = (shown + late).map { member in
            var member = member.protected(as: point)
            member.device = member.device ?? known[member.snapshot]?.device
            return member
        }.sorted { $0.snapshot < $1.snapshot }
        if let match {
            point.taken = match.taken
            point.hold = match.hold
        }
        return point
    }
}
