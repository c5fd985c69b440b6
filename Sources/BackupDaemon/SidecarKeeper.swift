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

    package init(runner: PlanRunner, store: any SidecarStore, clock: any WallClock, events: any EventSink) {
        (self.runner, self.store, self.clock, self.events) = (runner, store, clock, events)
    }

    /// Goes on until it is cancelled; `configuration` gives the config in force.
    package func run(_ configuration: @Sendable () async -> Configuration) async {
        while !Task.isCancelled {
            await keep(await configuration())
            await bell.wait()
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
        guard let bucket = configuration.sidecarBucket, nextTry <= clock.now else { return }
        let noted = await runner.memory.sidecars
        guard !noted.isEmpty else { return }
        let points = await runner.inventory.points.filter { !$0.isCopy && noted[$0.beginning] != nil }
        var refusals: [CloudError] = []
        for point in points where !Task.isCancelled {
            guard let record = noted[point.beginning] else { continue }
            do throws(CloudError) {
                try await store.keep(record, of: point, fleet: configuration.fleet, in: bucket)
            } catch {
                guard !Task.isCancelled else { return }
                refusals.append(error)
                let isThere = [.refused, .needsPerson].contains(error.kind)
                guard isThere, refusals.count < SidecarKeeper.mostRefusals else { break }
                continue
            }
            await runner.record([.noted(point.beginning, nil)])
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
        guard trouble?.answer != error.answer else { return }
        events.emit(
            Event(
                .actionFailed,
                "what snapshots do not hold stays in the ledger, and is put into s3://\(bucket.name) later: \(error)",
                Event.Fields(site: Site(.standard, error.region), action: "keep-sidecar", reason: error.description)))
    }
}
