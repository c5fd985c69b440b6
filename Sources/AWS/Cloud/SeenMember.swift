package import BackupCore

/// One snapshot of ours, as a listing of a region shows it: the member, and what its tags say of its set.
package struct SeenMember: Sendable {
    var tags: PointTags
    var member: Member
    /// Whether it bears no readable name.
    var lacksName: Bool

    init(tags: PointTags, member: Member, lacksName: Bool) {
        self.tags = tags
        self.member = member
        self.lacksName = lacksName
    }

    /// Ours = fleet tag, policy tag and description agree; nil for any other.
    package init?(_ snapshot: EC2Snapshot, of fleet: FleetName, in account: AccountID) {
        let list = snapshot.tags ?? []
        guard let tags = PointTags(list.lazy.map { (key: $0.key, value: $0.value) }, in: account), tags.fleet == fleet,
            let description = snapshot.description, let slot = list.last(where: { $0.key == PointTags.slotKey }),
            tags.isDescribed(by: description.utf8, slot: slot.value.utf8)
        else { return nil }
        self.init(
            tags: tags, member: Member(snapshot, tags), lacksName: !list.contains { $0.key == "Name" })
    }
}
