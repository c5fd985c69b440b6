import BackupCore

/// A manual snapshot of any of Lightsail's kinds, as far as we need to know it.
struct LightsailSnapshot: Sendable {
    var name: String
    var tags: [String: String]
    var createdAt: Moment
    var state: MemberState
    var progress: Int?
    var gibibytes: Int
    /// The name and ARN of what it was taken of, on copies too.
    var source: (name: String, arn: String)?

    init(_ snapshot: LightsailInstanceSnapshot) {
        self.init(
            snapshot.name, snapshot.tags, snapshot.createdAt, snapshot.state, snapshot.progress, snapshot.sizeInGb,
            (snapshot.fromInstanceName, snapshot.fromInstanceArn))
    }

    init(_ snapshot: LightsailDiskSnapshot) {
        self.init(
            snapshot.name, snapshot.tags, snapshot.createdAt, snapshot.state, snapshot.progress, snapshot.sizeInGb,
            (snapshot.fromDiskName, snapshot.fromDiskArn))
    }

    init(_ snapshot: LightsailDatabaseSnapshot) {
        self.init(
            snapshot.name, snapshot.tags, snapshot.createdAt, snapshot.state, nil, snapshot.sizeInGb,
            (snapshot.fromRelationalDatabaseName, snapshot.fromRelationalDatabaseArn))
    }

    private init(
        _ name: String, _ tags: [LightsailTag]?, _ createdAt: EpochTime?, _ state: String?, _ progress: String?,
        _ size: Int?, _ source: (name: String?, arn: String?)
    ) {
        self.name = name
        self.tags = tags.dictionary
        self.createdAt = createdAt?.moment ?? Moment(seconds: 0)
        self.state = MemberState(lightsail: state ?? "unknown")
        self.progress = progress.flatMap { Int($0.filter(\.isNumber)) }
        gibibytes = size ?? 0
        if let name = source.name, let arn = source.arn { self.source = (name, arn) }
    }
}

extension Member {
    init(_ snapshot: LightsailSnapshot) {
        self.init(
            snapshot: SnapshotID(snapshot.name), state: snapshot.state, progress: snapshot.progress,
            gibibytes: snapshot.gibibytes, started: snapshot.createdAt)
    }
}

extension MemberState {
    /// Each kind has words of its own; for a database's snapshot the API reference gives no list.
    init(lightsail state: String) {
        self =
            switch state {
            case "pending", "creating": .pending
            case "available", "completed": .completed
            case "error", "failed": .failed
            default: .other(state)
            }
    }
}

extension Resource {
    init(_ instance: LightsailInstance, in site: Site) {
        self.init(
            id: lightsailID(ofARN: instance.arn), kind: .lightsailInstance, site: site, name: instance.name,
            arn: instance.arn, tags: instance.tags.dictionary, state: instance.state?.name ?? "unknown")
        automatic = AutomaticSetting(instance.addOns)
        sidecar = Sidecar(of: instance)
    }

    /// A block storage disk; a system disk is its instance's, and none of its own.
    init?(_ disk: LightsailDisk, in site: Site) {
        guard let name = disk.name, let arn = disk.arn, disk.isSystemDisk != true else { return nil }
        let attachedTo = disk.isAttached == false ? nil : disk.attachedTo
        self.init(
            id: lightsailID(ofARN: arn), kind: .lightsailDisk, site: site, name: name, arn: arn,
            tags: disk.tags.dictionary, attachedTo: Set([attachedTo].compactMap { $0 }),
            state: disk.state ?? "unknown")
        automatic = AutomaticSetting(disk.addOns)
        sidecar = Sidecar(of: disk)
    }

    init(_ database: LightsailDatabase, in site: Site) {
        self.init(
            id: lightsailID(ofARN: database.arn), kind: .lightsailDatabase, site: site, name: database.name,
            arn: database.arn, tags: database.tags.dictionary, state: database.state ?? "unknown")
        sidecar = Sidecar(of: database)
    }
}

extension AutomaticSetting {
    /// Off unless the add-on is listed as enabled, or as about to be.
    init(_ addOns: [LightsailAddOn]?) {
        let found = addOns?.first { $0.name == LightsailAddOn.autoSnapshot && $0.status?.hasPrefix("Enabl") == true }
        self = found?.snapshotTimeOfDay.flatMap { AutomaticSetting(time: $0) } ?? .off
    }
}

extension Optional where Wrapped == [LightsailTag] {
    var dictionary: [String: String] {
        Dictionary((self ?? []).map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { _, last in last })
    }
}
