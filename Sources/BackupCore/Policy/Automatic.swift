/// Where a policy's points come from.
package enum PointSource: String, Sendable {
    /// Taken by us, at the slots of the policy's schedules.
    case own
    /// Taken by Lightsail, one a day; only their copies are ours.
    case automatic
}

/// Whether Lightsail takes automatic snapshots of an instance or a disk.
package enum AutomaticSetting: Sendable, Equatable, CustomStringConvertible {
    case off
    /// Once a day, within the 45 minutes that follow this hour UTC.
    case daily(hour: Int)

    /// Reads `06:00`; nil if it is no whole hour.
    package init?(time: String) {
        guard time.count == 5, time.hasSuffix(":00"), time.prefix(2).allSatisfy(\.isNumber),
            let hour = Int(time.prefix(2)), (0...23).contains(hour)
        else { return nil }
        self = .daily(hour: hour)
    }

    /// `06:00`; nil for off.
    package var time: String? {
        guard case .daily(let hour) = self else { return nil }
        return (hour < 10 ? "0" : "") + "\(hour):00"
    }

    package var description: String { time.map { "\($0) UTC" } ?? "off" }
}

extension ResourceKind {
    /// Whether Lightsail takes automatic snapshots of such resources, if asked to.
    package var hasAutomaticSnapshots: Bool { self == .lightsailInstance || self == .lightsailDisk }
}
