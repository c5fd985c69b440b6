package import AWS
package import BackupCore

/// What a reader made of the snapshots that do not change by themselves any more: it makes the same of them again.
///
/// A reading shows thousands of snapshots of which one is new, and years of readings are mostly that.
struct SnapshotReadings: Sendable {
    private final class Reading: Sendable {
        let fleet: FleetName
        let tags: TagList
        let life: Life
        /// Nil if it is not the fleet's.
        let member: SeenMember?

        init(_ snapshot: SimulatedSnapshot, of fleet: FleetName, in account: AccountID, at now: Moment) {
            self.fleet = fleet
            tags = snapshot.tags
            life = snapshot.life
            member = SeenMember(snapshot.described(at: now), of: fleet, in: account)
        }
    }

    private var readings: [Site: [String: Reading]] = [:]
    /// So many more than twice what a page shows are kept.
    private let spare: Int

    init(spare: Int) { self.spare = spare }

    /// Of each snapshot of a page what says that it is the fleet's.
    mutating func members(
        of page: Page<SimulatedSnapshot>, of fleet: FleetName, in site: Site, at now: Moment
    ) -> [SeenMember] {
        var known = readings.removeValue(forKey: site) ?? [:]
        // Most of what was read in the course of time is deleted.
        if known.count > spare + 2 * page.items.count { known = [:] }
        defer { readings[site] = known }
        // Snapshots are large to copy, and looked at where they lie.
        let items = page.items
        return items.indices.compactMap { place in
            guard items[place].isSettled(at: now) else {
                return SeenMember(items[place].described(at: now), of: fleet, in: site.account)
            }
            if let reading = known[items[place].id], reading.fleet == fleet, reading.tags == items[place].tags,
                reading.life == items[place].life
            {
                return reading.member
            }
            let reading = Reading(items[place], of: fleet, in: site.account, at: now)
            known[items[place].id] = reading
            return reading.member
        }
    }
}

extension SimulatedSnapshot {
    /// Whether it stays as it is until somebody changes it.
    fileprivate func isSettled(at now: Moment) -> Bool { life.readyAt <= now && tags.isSettled(at: now) }
}

extension SimulatedAWS {
    /// As ``EC2Reading`` does it by itself, but nothing is read twice that did not change.
    package nonisolated func eachSnapshot(
        _ request: DescribeSnapshotsRequest, of fleet: FleetName, in site: Site, _ take: (SeenMember) -> Void
    ) async throws(AWSError) {
        var request = request
        repeat {
            let page = try await members(askedBy: request, of: fleet, in: site)
            page.members.forEach(take)
            request.nextToken = page.token
        } while request.nextToken != nil
    }

    private func members(
        askedBy request: DescribeSnapshotsRequest, of fleet: FleetName, in site: Site
    ) throws(AWSError) -> (members: [SeenMember], token: String?) {
        let region = site.region
        let page = try call(EC2.describeSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.snapshots(askedBy: request, in: region, now: now)
        }
        return (readings.members(of: page, of: fleet, in: site, at: now), page.token)
    }
}
