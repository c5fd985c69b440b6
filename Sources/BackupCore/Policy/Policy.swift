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
    /// The targets that hear of it; nil for all.
    package var notify: [String]?
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
