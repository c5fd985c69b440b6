import AWS
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

/// A Lightsail instance; its data disks are disks of the region that are attached to it.
struct SimulatedLightsailInstance: Sequenced {
    /// A disk as an instance has it, or had it when its snapshot was taken.
    struct Disk: Sendable {
        var name: String
        var path: String
        var size: Int
        var isSystem: Bool
    }

    var name: String
    var uuid: String
    var sequence: Int
    /// It runs when that is done.
    var life: Life
    var visibleAt: Moment
    /// `us-east-1a`.
    var zone: String
    var bundle: String
    var blueprint: String
    /// GiB.
    var systemDiskSize: Int
    var ports = LightsailPort.open
    var keyPair = SimulatedLightsailInstance.defaultKeyPair
    /// `dualstack`, `ipv4` or `ipv6`.
    var addressType = "dualstack"
    var idle: LightsailAddOnRequest.StopInstanceOnIdle?
    var automatic: SimulatedAutomatic
    var tags: TagList

    static let defaultKeyPair = "LightsailDefaultKeyPair"
}

extension LightsailPort {
    /// What is open on a new instance of Linux, from anywhere.
    static let open = [LightsailPort.toAll("tcp", 22), .toAll("tcp", 80)]

    private static func toAll(_ protocol: String, _ port: Int) -> LightsailPort {
        LightsailPort(`protocol`, port, port, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"], cidrListAliases: [])
    }
}

/// A Lightsail block storage disk.
struct SimulatedLightsailDisk: Sequenced {
    var name: String
    var uuid: String
    var sequence: Int
    var life: Life
    var visibleAt: Moment
    var zone: String
    var size: Int
    var path: String?
    /// The instance's name.
    var attachedTo: String?
    var automatic: SimulatedAutomatic
    var tags: TagList
}

extension RegionState {
    /// The disks of an instance: the system disk, and those that are attached to it.
    func disks(of instance: SimulatedLightsailInstance) -> [SimulatedLightsailInstance.Disk] {
        let system = SimulatedLightsailInstance.Disk(
            name: "", path: "/dev/xvda", size: instance.systemDiskSize, isSystem: true)
        return [system]
            + lightsailDisks.filter { $0.attachedTo == instance.name }.map {
                SimulatedLightsailInstance.Disk(name: $0.name, path: $0.path ?? "", size: $0.size, isSystem: false)
            }
    }
}

/// A static address, of some instance or of none.
struct SimulatedStaticIP: Sequenced {
    var name: String
    var uuid: String
    var sequence: Int
    var createdAt: Moment
    var address: String
    /// The instance's name.
    var attachedTo: String?
}

/// A Lightsail managed database.
struct SimulatedLightsailDatabase: Sequenced {
    var name: String
    var uuid: String
    var sequence: Int
    /// It is available when that is done.
    var life: Life
    var visibleAt: Moment
    var zone: String
    var size: Int
    /// Another state than that, for good.
    var state: String?
    var isPublic = false
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
