import BackupCore

/// A Lightsail instance.
struct SimulatedLightsailInstance: Sendable {
    struct Disk: Sendable {
        var name: String
        var path: String
        var size: Int
        var isSystem: Bool
    }

    /// An automatic snapshot of a day.
    struct AutoSnapshot: Codable, Sendable {
        /// `2026-11-20`.
        var date: String
        /// `Success`, `Failed`, `InProgress` or `NotFound`.
        var status: String
    }

    var name: String
    var uuid: String
    var sequence: Int
    var createdAt: Moment
    var bundle: String
    var blueprint: String
    var disks: [Disk]
    var autoSnapshots: [AutoSnapshot]
    var tags: TagList
}

/// A manual Lightsail instance snapshot.
struct SimulatedLightsailSnapshot: Sendable {
    var name: String
    var uuid: String
    var sequence: Int
    var life: Life
    var visibleAt: Moment
    var fromInstanceName: String
    var fromInstanceArn: String
    var bundle: String
    var blueprint: String
    var disks: [SimulatedLightsailInstance.Disk]
    var isFromAutoSnapshot: Bool
    /// `region/name` of the original, which a copy's record does not tell.
    var copiedFrom: String?
    var tags: TagList

    /// The state as Lightsail words it.
    func state(at now: Moment) -> String {
        switch life.stage(at: now) {
        case .pending: "pending"
        case .done: "available"
        case .failed: "error"
        }
    }
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
