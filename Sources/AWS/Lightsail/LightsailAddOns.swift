/// What is switched on for an instance or a disk.
package struct LightsailAddOn: Codable, Sendable, Equatable {
    /// `AutoSnapshot` or `StopInstanceOnIdle`.
    package var name: String?
    package var status: String?
    /// `06:00`, UTC; the snapshot is made within the 45 minutes after it.
    package var snapshotTimeOfDay: String?
    package var nextSnapshotTimeOfDay: String?
    /// Of `StopInstanceOnIdle`: percent of the processor.
    package var threshold: String?
    /// Of `StopInstanceOnIdle`: minutes.
    package var duration: String?

    package init(
        name: String?, status: String?, snapshotTimeOfDay: String? = nil, nextSnapshotTimeOfDay: String? = nil
    ) {
        self.name = name
        self.status = status
        self.snapshotTimeOfDay = snapshotTimeOfDay
        self.nextSnapshotTimeOfDay = nextSnapshotTimeOfDay
    }

    package static let autoSnapshot = "AutoSnapshot"
    package static let stopInstanceOnIdle = "StopInstanceOnIdle"
}

/// An add-on to be switched on; exactly the part that its type names may be given.
///
/// Source: Lightsail API reference, AddOnRequest.
package struct LightsailAddOnRequest: Codable, Sendable, Equatable {
    package struct AutoSnapshot: Codable, Sendable, Equatable {
        /// `06:00`: whole hours, UTC.
        package var snapshotTimeOfDay: String?
        package init(snapshotTimeOfDay: String?) { self.snapshotTimeOfDay = snapshotTimeOfDay }
    }

    package struct StopInstanceOnIdle: Codable, Sendable, Equatable {
        /// Percent of the processor below which the instance counts as idle.
        package var threshold: String?
        /// Minutes.
        package var duration: String?
        package init(threshold: String?, duration: String?) { (self.threshold, self.duration) = (threshold, duration) }
    }

    /// `AutoSnapshot` or `StopInstanceOnIdle`.
    package var addOnType: String
    package var autoSnapshotAddOnRequest: AutoSnapshot?
    package var stopInstanceOnIdleRequest: StopInstanceOnIdle?

    /// Automatic snapshots at that hour; the API's own choice if nil.
    package static func autoSnapshot(at time: String?) -> LightsailAddOnRequest {
        LightsailAddOnRequest(
            addOnType: LightsailAddOn.autoSnapshot,
            autoSnapshotAddOnRequest: time.map { AutoSnapshot(snapshotTimeOfDay: $0) })
    }

    package static func stopInstanceOnIdle(threshold: String?, duration: String?) -> LightsailAddOnRequest {
        LightsailAddOnRequest(
            addOnType: LightsailAddOn.stopInstanceOnIdle,
            stopInstanceOnIdleRequest: StopInstanceOnIdle(threshold: threshold, duration: duration))
    }

    /// What the API would refuse in it, in the API's own words for the parameters; nil if nothing.
    package var fault: String? {
        switch addOnType {
        case LightsailAddOn.autoSnapshot:
            if stopInstanceOnIdleRequest != nil {
                return "addOns: stopInstanceOnIdleRequest belongs to the addOnType StopInstanceOnIdle"
            }
            guard let time = autoSnapshotAddOnRequest?.snapshotTimeOfDay, !LightsailAddOnRequest.isWholeHour(time)
            else { return nil }
            return "addOns: snapshotTimeOfDay must be a whole hour of the form HH:00 in UTC, not \"\(time)\""
        case LightsailAddOn.stopInstanceOnIdle:
            if autoSnapshotAddOnRequest != nil {
                return "addOns: autoSnapshotAddOnRequest belongs to the addOnType AutoSnapshot"
            }
            let idle = stopInstanceOnIdleRequest
            for (name, text) in [("threshold", idle?.threshold), ("duration", idle?.duration)] {
                guard let number = text.flatMap({ Int($0) }), number > 0 else {
                    return "addOns: StopInstanceOnIdle needs a \(name), a whole number"
                }
            }
            return nil
        default:
            return "addOns: addOnType must be AutoSnapshot or StopInstanceOnIdle, not \"\(addOnType)\""
        }
    }

    private static func isWholeHour(_ text: String) -> Bool {
        guard text.utf8.count == 5, text.hasSuffix(":00"), let hour = Int(text.prefix(2)) else { return false }
        return (0...23).contains(hour) && text.first != "+" && text.first != "-"
    }
}

/// EnableAddOn: switches an add-on on, or changes it.
package struct EnableAddOnRequest: Codable, Sendable, Equatable {
    package var resourceName: String
    package var addOnRequest: LightsailAddOnRequest

    package init(resourceName: String, _ addOn: LightsailAddOnRequest) {
        self.resourceName = resourceName
        addOnRequest = addOn
    }

    /// Automatic snapshots at that hour.
    package init(resourceName: String, snapshotTimeOfDay: String?) {
        self.init(resourceName: resourceName, .autoSnapshot(at: snapshotTimeOfDay))
    }
}

/// DisableAddOn: switches an add-on off; automatic snapshots that are there stay.
package struct DisableAddOnRequest: Codable, Sendable, Equatable {
    package var addOnType: String
    package var resourceName: String

    package init(resourceName: String, addOnType: String = LightsailAddOn.autoSnapshot) {
        self.resourceName = resourceName
        self.addOnType = addOnType
    }
}
