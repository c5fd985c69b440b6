package import BackupCore

/// Puts down in a bucket what was noted of resources, beside all that protects: where S3 is not there, nothing waits for it.
package actor SidecarKeeper {
    private let runner: PlanRunner
    private let store: any SidecarStore
    private let clock: any WallClock
    private let events: any EventSink
    private let bell = Doorbell()
    /// What was said of the last attempt; nil if it went well.
    private var trouble: CloudError?
    private var nextTry = Moment.longAgo
    /// What was refused last time comes last.
    private var refused: Set<Intent.Key> = []

    package init(runner: PlanRunner, store: any SidecarStore, clock: any WallClock, events: any EventSink) {
        (self.runner, self.store, self.clock, self.events) = (runner, store, clock, events)
    }

    /// Goes on until it is cancelled; `configuration` gives the config in force.
    package func run(_ configuration: @Sendable () async -> Configuration) async {
        while !Task.isCancelled {
            await keep(await configuration())
            // What was refused is tried again in time, though no pass may end until then.
            await bell.wait(until: trouble == nil ? .never : nextTry, clock)
        }
    }

    /// A pass has ended: there may be new points.
    package func ring() { bell.ring() }

    /// How long after a failure the next attempt is, at the least.
    private static let pause = Duration.seconds(300)

    /// So many are refused before the others wait, too; where S3 does not answer, they wait at once.
    private static let mostRefusals = 8

    /// Puts down all that has a point by now.
    package func keep(_ configuration: Configuration) async {
        // A clock that was far ahead keeps nothing waiting.
        guard nextTry <= clock.now || nextTry - clock.now > SidecarKeeper.pause else { return }
        let noted = await runner.memory.sidecars
        guard let bucket = configuration.sidecarBucket, !noted.isEmpty else {
            trouble = nil
            return
        }
        // One that fails is made again, perhaps under the same name.
        let there = await runner.inventory.points.filter {
            !$0.isCopy && $0.state == .usable && noted[$0.beginning] != nil
        }
        let points = there.filter { !refused.contains($0.beginning) } + there.filter { refused.contains($0.beginning) }
        refused = refused.intersection(there.map(\.beginning))
        var refusals: [CloudError] = []
        for point in points where !Task.isCancelled {
            guard let record = noted[point.beginning] else { continue }
            do throws(CloudError) {
                try await store.keep(record, of: point, fleet: configuration.fleet, in: bucket)
            } catch {
                guard !Task.isCancelled else { return }
                refusals.append(error)
                refused.insert(point.beginning)
                let isThere = [.refused, .needsPerson].contains(error.kind)
                guard isThere, refusals.count < SidecarKeeper.mostRefusals else { break }
                continue
            }
            refused.remove(point.beginning)
            await runner.forgetSidecar(of: point, record)
        }
        guard let first = refusals.first else {
            trouble = nil
            return
        }
        nextTry = clock.now + SidecarKeeper.pause
        tell(first, bucket)
    }

    /// Each trouble once.
    private func tell(_ error: CloudError, _ bucket: SidecarBucket) {
        defer { trouble = error }
        guard (trouble?.operation, trouble?.code) != (error.operation, error.code) else { return }
        events.emit(
            Event(
                .actionFailed,
                "what snapshots do not hold stays in the ledger, and is put into s3://\(bucket.name) later: \(error)",
                Event.Fields(
                    site: Site(.standard, error.region), action: "keep-sidecar", reason: error.description,
                    requestID: error.requestID, errorCode: error.code)))
    }
}
