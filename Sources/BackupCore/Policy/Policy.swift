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

/// One rule of protection: which resources, when, kept how long, copied where.
package struct Policy: Sendable, Equatable {
    package var name: PolicyName
    /// Whose resources it protects.
    package var account = AccountID.standard
    package var regions: [Region]
    package var selection: Selection
    package var exclusion: Exclusion = Exclusion()
    /// Of automatic points: the days that Lightsail dates its snapshots by.
    package var schedules: [Schedule]
    package var source: PointSource = .own
    /// How Lightsail's automatic snapshots of the selected resources are to be set; nil leaves them as they are.
    package var automatic: AutomaticSetting?
    package var first: FirstPoint = .nextSlot
    package var blackouts: [Blackout] = []
    package var retention: Retention
    package var copies: [CopyRule] = []
    package var whenResourceGone: GoneRule = .keep
    /// Policies of old whose points are this one's now: it was renamed, or took their place.
    package var adopts: [PolicyName] = []
    package var tags: TagRules = TagRules()
    package var objective: Objective = Objective()
    package var drill: DrillRule?
    /// EC2 CreateSnapshots' `OutpostArn`: where the snapshots of an Outpost's volumes are kept.
    package var outpost: String?
    /// EC2 CreateSnapshots' `Location`: `regional`, or `local` for a Local Zone's volumes.
    package var location: String?

    package init(
        name: PolicyName, regions: [Region], selection: Selection, schedules: [Schedule], retention: Retention
    ) {
        self.name = name
        self.regions = regions
        self.selection = selection
        self.schedules = schedules
        self.retention = retention
    }
}

extension Policy {
    /// Where its resources and their home points are.
    package var homes: [Site] { regions.map { Site(account, $0) } }

    /// The other accounts to which its points are copied.
    package var sharing: Set<AccountID> { Set(copies.map(\.account)).subtracting([account]) }
}

/// What a pair of policy and resource that was never seen before starts with.
package enum FirstPoint: Sendable, Equatable {
    case nextSlot
    case now
}

/// Which resources a policy protects: a resource is in when any selector of its kind matches.
package struct Selection: Sendable, Equatable {
    private var selectors: [ResourceKind: ResourceSelector] = [:]

    package init(ec2Instances: ResourceSelector? = nil, lightsailInstances: ResourceSelector? = nil) {
        selectors[.ec2Instance] = ec2Instances
        selectors[.lightsailInstance] = lightsailInstances
    }

    package subscript(kind: ResourceKind) -> ResourceSelector? {
        get { selectors[kind] }
        set { selectors[kind] = newValue }
    }

    /// The kinds that it names, in a fixed order.
    package var kinds: [ResourceKind] { ResourceKind.allCases.filter { selectors[$0] != nil } }
}

/// Keys AND, lists OR: a resource matches if each non-empty list has a match.
package struct ResourceSelector: Sendable, Equatable {
    package var ids: [String]
    package var names: [Glob]
    package var tags: [TagMatch]

    package init(ids: [String] = [], names: [Glob] = [], tags: [TagMatch] = []) {
        self.ids = ids
        self.names = names
        self.tags = tags
    }

    package func matches(_ resource: Resource) -> Bool {
        (ids.isEmpty || ids.contains(resource.id.rawValue))
            && (names.isEmpty || names.contains { $0.matches(resource.name ?? "") })
            && tags.allSatisfy { $0.matches(resource.tags) }
    }
}

/// A tag that must be there, with one of the values.
package struct TagMatch: Sendable, Equatable {
    package var key: String
    package var values: [Glob]

    package init(key: String, values: [Glob]) {
        self.key = key
        self.values = values
    }

    package func matches(_ tags: [String: String]) -> Bool {
        guard let value = tags[key] else { return false }
        return values.contains { $0.matches(value) }
    }
}

/// The EBS volumes that are left out, of instances' sets and by themselves.
package struct Exclusion: Sendable, Equatable {
    package var bootVolume: Bool
    package var volumeIDs: [String]
    package var volumeTags: [TagMatch]

    package init(bootVolume: Bool = false, volumeIDs: [String] = [], volumeTags: [TagMatch] = []) {
        self.bootVolume = bootVolume
        self.volumeIDs = volumeIDs
        self.volumeTags = volumeTags
    }

    /// Whether this volume is left out; any one of the rules is enough.
    package func excludes(_ volume: AttachedVolume) -> Bool {
        (bootVolume && volume.isBoot) || volumeIDs.contains(volume.id.rawValue)
            || volumeTags.contains { $0.matches(volume.tags) }
    }
}

/// A destination of copies.
package struct CopyRule: Sendable, Equatable {
    package var site: Site
    /// The key of the copies there: alias, id or ARN.
    ///
    /// EC2 only.
    package var kmsKey: String?
    package var region: Region { site.region }
    package var account: AccountID { site.account }
    /// What the copies are marked with, to know later under which key they were made.
    package var keyName: String { kmsKey ?? "default" }
    /// Of each such part of time only the first usable point is copied; nil copies all.
    package var which: Division?
    /// The destination's own rules; without them the home rules hold there too.
    package var retention: Retention?

    package init(
        region: Region, account: AccountID = .standard, kmsKey: String? = nil, which: Division? = nil,
        retention: Retention? = nil
    ) {
        site = Site(account, region)
        self.kmsKey = kmsKey
        self.which = which
        self.retention = retention
    }
}

/// What the snapshots carry besides our own tags.
package struct TagRules: Sendable, Equatable {
    package var copyFromVolume: Bool
    package var add: [String: String]

    package init(copyFromVolume: Bool = false, add: [String: String] = [:]) {
        self.copyFromVolume = copyFromVolume
        self.add = add
    }
}

/// The recovery point objective: how old the newest usable point's data may be, on either side.
package struct Objective: Sendable, Equatable {
    package var local: Duration?
    package var dr: Duration?

    package init(local: Duration? = nil, dr: Duration? = nil) {
        self.local = local
        self.dr = dr
    }
}
