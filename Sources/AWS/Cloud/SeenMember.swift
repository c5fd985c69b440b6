import BackupCore

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
    init?(_ snapshot: EC2Snapshot, of fleet: FleetName, in account: AccountID) {
        let dictionary = snapshot.tags.dictionary
        guard let tags = PointTags(dictionary, in: account), tags.fleet == fleet,
            snapshot.description == tags.description
        else {
            return nil
        }
        self.init(tags: tags, member: Member(snapshot, tags), lacksName: dictionary["Name"] == nil)
    }
}
