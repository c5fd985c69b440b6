/// What is remembered of drills.
package struct DrillHistory: Sendable, Equatable {
    /// How far a policy's drill schedule has been dealt with.
    package struct Progress: Sendable, Equatable {
        /// The schedule's text: another one begins anew.
        package var schedule: String
        /// Slots up to here were drilled, or are nobody's.
        package var done: Moment

        package init(schedule: String, done: Moment) { (self.schedule, self.done) = (schedule, done) }
    }

    package private(set) var records: [DrillRecord.Key: DrillRecord] = [:]
    package var progress: [PolicyName: Progress] = [:]

    package init() {}

    /// Remembers how one goes; older ones of the same resource are forgotten once nothing is left of them.
    package mutating func note(_ record: DrillRecord) {
        records[record.key] = record
        records = records.filter { old in !records.values.contains { $0.supersedes(old.value) } }
    }

    package mutating func forget(_ pair: Pair) {
        records = records.filter { $0.value.policy != pair.policy || $0.value.subject?.resource != pair.resource }
    }

    /// Those that were begun and not ended, of which nobody does anything now: they were cut off.
    package var unended: [DrillRecord] { records.values.filter { $0.ended == nil }.sorted { $0.key < $1.key } }

    /// Those that are over, and may have left something that is not to stay.
    package func remains(now: Moment) -> [DrillRecord] {
        records.values.filter { $0.ended != nil && !$0.isGone && ($0.keptUntil ?? now) <= now }
            .sorted { $0.key < $1.key }
    }

    /// Those of which what they made is to stay for a while.
    package func kept(now: Moment) -> [DrillRecord] { records.values.filter { ($0.keptUntil ?? now) > now } }

    /// The last drills of policies, and all of resources of which the last one failed, as long as points of them are there.
    package func last(under configuration: Configuration, in inventory: Inventory) -> [DrillRecord] {
        let policies = Set(configuration.policies.map(\.name))
        let isWhole = inventory.isWhole
        let resources = Set(inventory.points.map(\.resource))
        let known = records.values.filter { record in
            policies.contains(record.policy)
                && (!isWhole || record.subject.map { resources.contains($0.resource) } ?? true)
        }
        let newest = Dictionary(grouping: known, by: \.policy).mapValues { $0.map(\.slot).max() }
        let last = Dictionary(grouping: known, by: \.owner).mapValues { $0.map(\.slot).max() }
        return known.filter { record in
            record.slot == last[record.owner] && (record.hasFailed || record.slot == newest[record.policy])
        }.sorted { $0.key < $1.key }
    }

    /// Up to where a policy's drill schedule has been dealt with; nil if it is new.
    ///
    /// What a clock that was far ahead noted counts for nothing.
    package func done(_ rule: DrillRule, of policy: PolicyName, now: Moment) -> Moment? {
        guard let progress = progress[policy], progress.schedule == rule.schedule.text,
            progress.done - now < .seconds(86_400)
        else { return nil }
        return progress.done
    }

    /// When each resource of a policy was drilled last before a slot.
    package func turns(of policy: PolicyName, before slot: Moment) -> [ResourceID: Moment] {
        let earlier = records.values.filter { $0.policy == policy && $0.slot < slot }
        return Dictionary(
            earlier.compactMap { record in record.subject.map { ($0.resource, record.slot) } }, uniquingKeysWith: max)
    }

    /// What was begun with a slot.
    package func drills(of policy: PolicyName, at slot: Moment) -> [DrillRecord] {
        records.values.filter { $0.policy == policy && $0.slot == slot }
    }
}

extension DrillRecord {
    /// Whose last drill it may be.
    fileprivate struct Owner: Hashable {
        let policy: PolicyName
        let resource: ResourceID?
    }

    fileprivate var owner: Owner { Owner(policy: policy, resource: subject?.resource) }

    /// Whether the other one need not be remembered any more once this one is.
    package func supersedes(_ other: DrillRecord) -> Bool {
        guard other.policy == policy, other.slot < slot, other.ended != nil, other.isGone else { return false }
        return other.subject == nil || other.owner == owner
    }
}
