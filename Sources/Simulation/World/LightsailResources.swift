import BackupCore

/// What Lightsail takes snapshots of, in the word of its ARNs.
enum LightsailKind: String, Sendable {
    case instance = "Instance"
    case disk = "Disk"
    case database = "RelationalDatabase"

    /// The same of its snapshots.
    var snapshot: String { rawValue + "Snapshot" }

    /// A snapshot's state in the words of its kind.
    func word(_ stage: Life.Stage) -> String {
        switch (stage, self) {
        case (.pending, .database): "creating"
        case (.pending, _): "pending"
        case (.done, .disk): "completed"
        case (.done, _): "available"
        case (.failed, .database): "failed"
        case (.failed, _): "error"
        }
    }
}

/// A Lightsail instance.
struct SimulatedLightsailInstance: Sendable {
    struct Disk: Sendable {
        var name: String
        var path: String
        var size: Int
        var isSystem: Bool
    }

    var name: String
    var uuid: String
    var sequence: Int
    var createdAt: Moment
    var bundle: String
    var blueprint: String
    var disks: [Disk]
    var automatic: SimulatedAutomatic
    var tags: TagList
}

/// A Lightsail block storage disk; its data disks' counterpart on an instance says no more than where it is attached.
struct SimulatedLightsailDisk: Sendable {
    var name: String
    var uuid: String
    var sequence: Int
    var createdAt: Moment
    var size: Int
    var path: String?
    /// The instance's name.
    var attachedTo: String?
    var automatic: SimulatedAutomatic
    var tags: TagList
}

/// A Lightsail managed database.
struct SimulatedLightsailDatabase: Sendable {
    var name: String
    var uuid: String
    var sequence: Int
    var createdAt: Moment
    var size: Int
    var state: String
    var bundle: String
    var blueprint: String
    var tags: TagList
}

/// A manual Lightsail snapshot, of any kind.
struct SimulatedLightsailSnapshot: Sendable {
    var kind: LightsailKind
    var name: String
    var uuid: String
    var sequence: Int
    var life: Life
    var visibleAt: Moment
    var fromName: String
    var fromARN: String
    var bundle = ""
    var blueprint = ""
    /// Of an instance.
    var disks: [SimulatedLightsailInstance.Disk] = []
    /// GiB of the system disk, the disk or the database.
    var size: Int
    var isFromAutoSnapshot: Bool
    /// `region/name` of the original, which a copy's record does not tell.
    var copiedFrom: String?
    var tags: TagList

    /// The state as Lightsail words it.
    func state(at now: Moment) -> String { kind.word(life.stage(at: now)) }
}

/// What Lightsail does in answer to a call.
struct SimulatedOperation: Sendable {
    var id: String
    var resourceName: String
    var resourceType: String
    var details: String?
    var type: String
    var life: Life
}
