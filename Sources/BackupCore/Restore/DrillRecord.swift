/// How a drill went.
package struct DrillRecord: Sendable, Equatable {
    /// What one drill is known by: with each slot a point is drilled once.
    package struct Key: Hashable, Comparable, Sendable {
        package var policy: PolicyName
        package var slot: Moment
        package var point: PointID?

        package static func < (a: Key, b: Key) -> Bool {
            (a.policy, a.slot, a.point?.description ?? "") < (b.policy, b.slot, b.point?.description ?? "")
        }
    }

    /// What a drill restores.
    package struct Subject: Sendable, Equatable {
        package var resource: ResourceID
        package var point: PointID
        /// What whatever is made is marked with.
        package var mark: String

        package init(resource: ResourceID, point: PointID, mark: String) {
            (self.resource, self.point, self.mark) = (resource, point, mark)
        }
    }

    package var policy: PolicyName
    package var slot: Moment
    /// Nil where there was nothing that could be restored.
    package var subject: Subject?
    package var began: Moment
    /// When it was known how it went; nil before that, or if it was cut off.
    package var tested: Moment?
    /// When what it made was removed, or left for a while or because that failed; nil before that, or if it was cut off.
    package var ended: Moment?
    /// From the beginning until it ran.
    package var restored: Duration?
    /// From the beginning until the check was passed: the recovery time that was reached.
    package var answered: Duration?
    /// Why it failed; nil if it passed.
    package var failure: String?
    /// Until when what it made stays.
    package var keptUntil: Moment?
    /// Whether nothing is left of what it made.
    package var isGone = false

    package init(_ drill: Drill) {
        let subject = Subject(resource: drill.point.resource, point: drill.point.id, mark: drill.mark)
        self.init(policy: drill.policy, slot: drill.slot, subject: subject, began: drill.began)
    }

    package init(policy: PolicyName, slot: Moment, subject: Subject?, began: Moment) {
        (self.policy, self.slot, self.subject, self.began) = (policy, slot, subject, began)
    }

    /// One that could not even begin.
    package init(_ policy: PolicyName, slot: Moment, failed reason: String, at moment: Moment) {
        self.init(policy: policy, slot: slot, subject: nil, began: moment)
        (tested, ended, failure, isGone) = (moment, moment, reason, true)
    }

    package var key: Key { Key(policy: policy, slot: slot, point: subject?.point) }

    /// Where what it made lies.
    package var place: Place? { subject?.point.place }

    package var hasPassed: Bool { ended != nil && failure == nil }
    package var hasFailed: Bool { failure != nil }

    /// The recovery time that was reached; nil if it was not.
    package var recoveryTime: Duration? { hasPassed ? answered ?? restored : nil }

    /// `restored in 3min, passed its check after 3min`, or why it failed.
    package var summary: String {
        let restored = restored.map { "restored in \($0.short)" }
        guard let failure else {
            let answered = answered.map { "passed its check after \($0.short)" } ?? "nothing to check"
            return ended == nil ? "under way" : [restored, answered].compactMap { $0 }.joined(separator: ", ")
        }
        return "failed: " + [restored, failure].compactMap { $0 }.joined(separator: ", but ")
    }
}
