import BackupCore

/// Lightsail's automatic snapshots, as home points of the policies that copy them.
extension LightsailReader {
    /// For each policy, the automatic snapshots of each resource there that it selects.
    ///
    /// A resource that is gone meanwhile has none; anything else that cannot be read leaves a gap in the listing.
    func automaticPoints(
        of resources: [Resource], in place: Place, for policies: [Policy]
    ) async throws(AWSError) -> [RecoveryPoint] {
        var points: [RecoveryPoint] = []
        for resource in resources where resource.kind.hasAutomaticSnapshots {
            let interested = policies.filter { $0.selects(resource) }
            guard !interested.isEmpty else { continue }
            let snapshots = try await automaticSnapshots(of: resource)
            for policy in interested {
                points += snapshots.compactMap { RecoveryPoint($0, of: resource, policy, fleet) }
            }
        }
        return points
    }

    private func automaticSnapshots(of resource: Resource) async throws(AWSError) -> [LightsailAutoSnapshot] {
        do {
            let request = GetAutoSnapshotsRequest(resourceName: resource.name ?? "")
            return try await lightsail.getAutoSnapshots(request, in: resource.site.region).autoSnapshots ?? []
        } catch  where error.isNotFound {
            return []
        }
    }
}

extension RecoveryPoint {
    /// The snapshot's date is its slot; its copies bear the name that a snapshot of ours of that slot would.
    fileprivate init?(
        _ snapshot: LightsailAutoSnapshot, of resource: Resource, _ policy: Policy, _ fleet: FleetName
    ) {
        guard let date = snapshot.date, let slot = Moment(rfc3339: date + "T00:00:00Z"),
            let state = MemberState(automatic: snapshot.status), let name = resource.name, let arn = resource.arn
        else { return nil }
        let taken = snapshot.createdAt?.moment ?? slot
        let member = Member(
            snapshot: AutomaticSnapshotID(resource: name, date: date).snapshot, state: state,
            gibibytes: (snapshot.fromAttachedDisks ?? []).compactMap(\.sizeInGb).reduce(0, +), started: taken)
        let set = LightsailName(
            fleet: fleet, policy: policy.name, home: resource.site.region, instanceName: name, arn: arn, slot: slot)
        self.init(
            policy: policy.name, resource: resource.id, slot: slot, kind: .scheduled, set: SetID(set.text),
            place: resource.place, home: resource.site, taken: taken, declaredMembers: 1, members: [member],
            sidecar: resource.sidecar)
        isAutomatic = true
    }
}

extension MemberState {
    /// Nil where there is no snapshot.
    fileprivate init?(automatic status: String?) {
        switch status {
        case "Success": self = .completed
        case "InProgress": self = .pending
        case "Failed": self = .failed
        case "NotFound", nil: return nil
        case let word?: self = .other(word)
        }
    }
}

/// What an automatic snapshot, which bears no name, is called among the members of points: `blog/2026-11-20`.
struct AutomaticSnapshotID {
    var resource: String
    var date: String

    init(resource: String, date: String) {
        self.resource = resource
        self.date = date
    }

    init?(_ snapshot: SnapshotID) {
        // No name in Lightsail holds a slash.
        let parts = snapshot.rawValue.split(separator: "/")
        guard parts.count == 2 else { return nil }
        self.init(resource: String(parts[0]), date: String(parts[1]))
    }

    var snapshot: SnapshotID { SnapshotID("\(resource)/\(date)") }
}
