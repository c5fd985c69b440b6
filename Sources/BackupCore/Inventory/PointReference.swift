/// Which recovery point a person means: `POLICY/RESOURCE/SLOT` as the journal writes it, or the set's id.
///
/// A point and its copies bear the same, and two sets of one slot too: it may mean several.
package struct PointReference: Sendable, Equatable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package func means(_ point: RecoveryPoint) -> Bool {
        if text == point.set.rawValue || text == point.title { return true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        // The same moment may be written with an offset.
        return parts.count == 3 && parts[0] == point.policy.rawValue && parts[1] == point.resource.rawValue
            && Moment(rfc3339: parts[2]) == point.slot
    }
}
