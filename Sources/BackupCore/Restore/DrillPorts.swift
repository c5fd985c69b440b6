/// What makes and removes what drills restore.
package protocol Driller: Sendable {
    /// Restores a drill's point beside all that is real, and waits until it can be used.
    func restore(_ drill: Drill) async throws(DrillFailure) -> Drilled
    /// Removes what one drill made; returns once it is gone.
    func remove(_ mark: String, in place: Place) async throws(DrillFailure)
    /// The same of all drills of a fleet, but for what bears such marks as are to stay; gives those that were found.
    func sweep(
        _ place: Place, of fleet: FleetName, sparing stays: @Sendable (String) -> Bool
    ) async throws(DrillFailure) -> Set<String>
}

/// What a drill restored, as far as its check needs to know it.
package struct Drilled: Sendable, Equatable {
    /// Whether an instance runs that can answer; volumes, disks and databases only are there.
    package var runs: Bool
    package var address: String?

    package init(runs: Bool, address: String? = nil) { (self.runs, self.address) = (runs, address) }
}

/// Looks whether what a drill restored is well.
package protocol Prober: Sendable {
    /// Tries once, for so long at the most.
    ///
    /// - Throws: ``DrillFailure`` if the check is not passed now; it may be a moment later.
    func probe(_ kind: DrillCheck.Kind, at address: String?, within: Duration) async throws(DrillFailure)
}

/// Why a drill, or a step of it, failed.
package struct DrillFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
