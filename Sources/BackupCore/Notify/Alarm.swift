/// Something that a person should hear of, as long as it holds.
package struct Alarm: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case failure
        case objectiveMissed = "rpo-missed"
    }

    /// What fails: the same thing in the same place is the same alarm, however often it is looked at.
    package struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
        package var description: String
        package init(_ description: String) { self.description = description }
        package static func < (a: ID, b: ID) -> Bool { a.description < b.description }
    }

    package var kind: Kind
    /// `create`, `copy`, `missed-slot`, `drill`, `age`, `reading`, `config`, `ledger`.
    package var what: String
    /// Nil if it is about all of them.
    package var policy: PolicyName?
    package var resource: ResourceID?
    package var site: Site?
    package var since: Moment?
    package var errorCode: String?
    /// One sentence for people, which does not change while nothing does.
    package var text: String
    /// It is told only once it was seen to hold for so long: most of its kind pass by themselves.
    package var patience = Duration.zero
    /// When it was looked at last; nil if that is now.
    package var seen: Moment?

    package var id: ID {
        let parts = [kind.rawValue, what, policy?.rawValue, resource?.rawValue, site?.description]
        return ID(parts.map { $0 ?? "-" }.joined(separator: " "))
    }

    init(
        _ kind: Kind, _ what: String, policy: PolicyName? = nil, resource: ResourceID? = nil, site: Site? = nil,
        since: Moment? = nil, errorCode: String? = nil, _ text: String
    ) {
        (self.kind, self.what, self.policy, self.resource, self.site) = (kind, what, policy, resource, site)
        (self.since, self.errorCode, self.text) = (since, errorCode, text)
    }
}

/// All that is wrong at a moment.
package struct Alarms: Sendable {
    package private(set) var all: [Alarm.ID: Alarm] = [:]
    /// What may be wrong still, or well again: it is being tried.
    package private(set) var undecided: Set<Alarm.ID> = []
    /// Everything could be looked at: what is not here is not wrong.
    package let isWhole: Bool
    /// When the next objective will be missed if nothing comes.
    package private(set) var nextMiss: Moment?

    package init(_ configuration: Configuration, _ inventory: Inventory, _ memory: Memory, now: Moment) {
        isWhole = inventory.isWhole && !inventory.listings.isEmpty
        addInstallation(configuration, inventory, memory)
        for standing in inventory.standings(under: configuration, memory, now: now) {
            add(standing, firstSeen: memory.firstSeen[standing.pair], now: now)
        }
        for record in memory.drills.last(under: configuration, in: inventory)
        where configuration.drills(record.policy) && !record.hasPassed {
            let alarm = Alarm(
                .failure, "drill", policy: record.policy, resource: record.subject?.resource, site: record.place?.site,
                since: record.slot,
                "the drill of \(record.policy) of \(record.slot) failed: \(record.failure ?? "see status")")
            if record.hasFailed { add(alarm) } else { undecided.insert(alarm.id) }
        }
    }

    /// Those of one policy or of all.
    package func concerning(_ policies: Set<PolicyName>) -> [Alarm.ID: Alarm] {
        all.filter { _, alarm in alarm.policy.map(policies.contains) ?? true }
    }

    private mutating func add(_ alarm: Alarm) { all[alarm.id] = alarm }

    private mutating func addInstallation(
        _ configuration: Configuration, _ inventory: Inventory, _ memory: Memory
    ) {
        if configuration.isStandIn || configuration.isOutdated {
            let consequence =
                configuration.isStandIn
                ? "the one last applied is in force, and nothing is deleted" : "the one before stays in force"
            add(Alarm(.failure, "config", "the config has problems: \(consequence)"))
        }
        if !memory.isLedgerUsable {
            add(Alarm(.failure, "ledger", "the ledger cannot be used: nothing is deleted"))
        }
        for (place, listing) in inventory.listings {
            guard let gap = listing.gap else { continue }
            var alarm = Alarm(
                .failure, "reading", site: place.site, errorCode: gap.code,
                "\(place) cannot be read (\(gap.operation): \(gap.code)): nothing is deleted there")
            (alarm.patience, alarm.seen) = (.seconds(300), listing.read)
            add(alarm)
        }
    }

    private mutating func add(_ standing: Standing, firstSeen: Moment?, now: Moment) {
        let (pair, site) = (standing.pair, standing.site)
        let subject = "\(pair.policy)/\(standing.title) in \(site)"
        if let failing = standing.failing, failing.count >= Failing.calling {
            let remedy = Remedy.sentence(for: failing.code).map { ". To mend it: \($0)" } ?? ""
            add(
                Alarm(
                    .failure, failing.verb.rawValue, policy: pair.policy, resource: pair.resource, site: site,
                    since: failing.since, errorCode: failing.code,
                    "\(subject): \(failing.verb.rawValue) fails again and again since \(failing.since): \(failing.code)"
                        + remedy))
        }
        if let missed = standing.missed, missed.newest > standing.newestUsable ?? .longAgo {
            add(
                Alarm(
                    .failure, "missed-slot", policy: pair.policy, resource: pair.resource, site: site,
                    since: missed.newest, "\(subject): no point was started for the slot \(missed.newest)"))
        }
        guard let objective = standing.objective else { return }
        // What has just been selected is given the time that its first data may take.
        guard let missedFrom = (standing.newestUsable ?? firstSeen).map({ $0 + objective }) else { return }
        guard missedFrom < now else {
            nextMiss = min(nextMiss ?? .never, missedFrom)
            return
        }
        let newest = standing.newestUsable.map { "the newest usable data is of \($0)" } ?? "there is no usable point"
        add(
            Alarm(
                .objectiveMissed, "age", policy: pair.policy, resource: pair.resource, site: site, since: missedFrom,
                "\(subject): \(newest), and it may be \(objective.short) old"))
    }
}
