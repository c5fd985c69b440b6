package import BackupCore

/// Where metrics go.
package protocol MetricsSink: Sendable {
    /// Puts the text into a file, whole or not at all.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; what was there stays.
    func write(_ text: String, to path: String) throws(HistoryError)
}

/// Writes the metrics after each pass, if the config asks for it.
package actor MetricsWriter {
    private let runner: PlanRunner
    private let sink: any MetricsSink
    private let version: String
    private let calls: @Sendable () -> [CallCount]
    private let clock: any WallClock
    private let events: any EventSink
    private let bell = Doorbell()
    /// What was said of the last attempt; nil if it went well.
    private var trouble: HistoryError?

    package init(
        runner: PlanRunner, sink: any MetricsSink, version: String, calls: @escaping @Sendable () -> [CallCount],
        clock: any WallClock, events: any EventSink
    ) {
        (self.runner, self.sink, self.version, self.calls) = (runner, sink, version, calls)
        (self.clock, self.events) = (clock, events)
    }

    /// Goes on until it is cancelled; `configuration` gives the config in force.
    package func run(_ configuration: @Sendable () async -> Configuration) async {
        while true {
            await bell.wait()
            guard !Task.isCancelled else { return }
            await write(await configuration())
        }
    }

    /// A pass has ended.
    package func ring() { bell.ring() }

    private func write(_ configuration: Configuration) async {
        guard let path = configuration.metricsFile else { return }
        let (inventory, memory) = (await runner.inventory, await runner.memory)
        let metrics = FleetMetrics(configuration, inventory, memory, now: clock.now)
        do throws(HistoryError) {
            try sink.write(metrics.text(version: version, calls: calls()), to: path)
            trouble = nil
        } catch {
            defer { trouble = error }
            guard trouble != error else { return }
            events.emit(
                Event(
                    .actionFailed, "the metrics cannot be written: \(error)",
                    Event.Fields(action: "write-metrics", reason: error.description)))
        }
    }
}
