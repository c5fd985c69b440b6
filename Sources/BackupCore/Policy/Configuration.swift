/// What the config file says, checked and typed.
package struct Configuration: Sendable, Equatable {
    package var fleet: FleetName
    package var policies: [Policy]
    package var timing: Timing
    package var cap: PruneCap
    /// How much of the calls that AWS takes of an account are ours to make, in percent.
    package var apiBudget = 50
    /// The roles by which accounts are entered; the one account without is that of the standard chain's credentials.
    package var accounts: [AccountID: AccountRole] = [:]
    /// Where what no snapshot holds is put down in full; nil for the ledger.
    package var sidecarBucket: SidecarBucket?
    /// Where metrics are written for Prometheus's node_exporter; nil for nowhere.
    package var metricsFile: String?
    /// Who is told of trouble beyond the journal.
    package var notify: [NotifyTarget] = []
    /// It is the one last applied, and what stands in the files now has problems: nobody knows what was to be deleted.
    package var isStandIn = false
    /// What stands in the files now has problems, and was not taken over.
    package var isOutdated = false

    package init(fleet: FleetName, policies: [Policy], timing: Timing = Timing(), cap: PruneCap = PruneCap()) {
        self.fleet = fleet
        self.policies = policies
        self.timing = timing
        self.cap = cap
    }
}

extension Configuration {
    /// Every place that must be read, and what must be read there.
    package var scopes: [Place: Scope] { scopes(of: policies) }

    /// The accounts that hold resources or points, in a fixed order.
    package var usedAccounts: [AccountID] { Set(scopes.keys.map(\.account)).sorted() }

    /// Every place that says something about a policy.
    package func scopes(of policy: Policy) -> [Place: Scope] { scopes(of: [policy]) }

    private func scopes(of policies: [Policy]) -> [Place: Scope] {
        var scopes: [Place: Scope] = [:]
        for policy in policies {
            for kind in policy.selection.kinds {
                for place in policy.homes.map({ Place(kind.provider, $0) }) {
                    scopes[place, default: Scope()].kinds.insert(kind)
                    if policy.source == .automatic { scopes[place]?.automatic.append(policy) }
                    // Also those to which nothing is copied any more: shares may be left over.
                    if place.provider == .ec2, !accounts.isEmpty {
                        scopes[place]?.sharing = Set(accounts.keys).union([.standard]).subtracting([place.account])
                    }
                }
                for place in policy.copies.map({ Place(kind.provider, $0.site) }) {
                    scopes[place] = scopes[place] ?? Scope()
                }
            }
        }
        return scopes
    }

    /// Whose each policy's name on a point makes it: the policy's own, or that of the one that adopts it.
    package var owners: [PolicyName: PolicyName] {
        var owners: [PolicyName: PolicyName] = [:]
        for policy in policies {
            for name in policy.adopts { owners[name] = policy.name }
        }
        for policy in policies { owners[policy.name] = policy.name }
        return owners
    }

    /// Of which policies a target hears.
    package func policies(notifying target: NotifyTarget) -> Set<PolicyName> {
        Set(policies.filter { $0.notify?.contains(target.name) ?? true }.map(\.name))
    }

    /// The zones in which it reads local times.
    package var zones: [Zone] {
        policies.flatMap { policy in
            (policy.schedules + [policy.drill?.schedule].compactMap { $0 }).map(\.zone) + policy.blackouts.map(\.zone)
        }
    }

    /// The same with each zone replaced.
    package func withZones(_ replacement: (Zone) -> Zone) -> Configuration {
        var configuration = self
        for index in configuration.policies.indices {
            for schedule in configuration.policies[index].schedules.indices {
                let zone = configuration.policies[index].schedules[schedule].zone
                configuration.policies[index].schedules[schedule].zone = replacement(zone)
            }
            for blackout in configuration.policies[index].blackouts.indices {
                let zone = configuration.policies[index].blackouts[blackout].zone
                configuration.policies[index].blackouts[blackout].zone = replacement(zone)
            }
            if let zone = configuration.policies[index].drill?.schedule.zone {
                configuration.policies[index].drill?.schedule.zone = replacement(zone)
            }
        }
        return configuration
    }

    /// All that says which points stay, in one text: when it changes, points may go that were kept before.
    ///
    /// Besides the rules that is whose the points are, where they apply, the zone that their days are of, and which
    /// points are copied.
    package var retentionText: String {
        policies.sorted { $0.name < $1.name }.map { policy in
            let gone = policy.whenResourceGone == .keep ? [] : ["gone \(policy.whenResourceGone)"]
            let copies = policy.copies.map { rule in
                "\(rule.site) \(rule.which.map { "\($0.rawValue) " } ?? "")\(rule.retention?.text ?? "")"
            }
            let sides = gone + [policy.retention.text] + copies
            let names = ([policy.name] + policy.adopts.sorted()).map(\.rawValue).joined(separator: "+")
            let homes = policy.homes.sorted().map(\.description).joined(separator: ",")
            return "\(names) in \(homes), \(policy.zone.name): \(sides.joined(separator: "; "))"
        }.joined(separator: "\n")
    }
}

/// How long things are waited for; the defaults are the design's.
package struct Timing: Sendable, Equatable {
    /// How long AWS may take to show what it has already done.
    package var consistency: Duration = .seconds(60)
    /// The first wait before a pending snapshot is asked about; later ones grow.
    package var pollFirst: Duration = .seconds(5)
    /// The longest such wait.
    package var pollLongest: Duration = .seconds(60)
    /// How late after it is due a slot may still be started.
    package var startWindow: Duration = .seconds(8 * 3600)
    /// How long a set that has lost members is left alone.
    package var debrisGrace: Duration = .seconds(24 * 3600)
    /// How long a point that a changed config gives up is still kept.
    package var pruneGrace: Duration = .seconds(24 * 3600)
    /// How often AWS is read though nothing is due.
    package var inventoryInterval: Duration = .seconds(3600)
    /// How long the ledger remembers what is over.
    package var history: Duration = .seconds(400 * 86_400)
    /// How long a call to AWS may take, its whole answer included, before it counts as lost.
    package var callTimeout: Duration = .seconds(60)

    package init() {}
}
