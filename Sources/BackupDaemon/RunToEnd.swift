package import BackupCore

/// What a run that ends by itself came to.
package struct RunReport: Sendable {
    package var done = 0
    package var failures: [Failure] = []

    package init() {}
}

extension PlanRunner {
    /// Passes until nothing is left to do and nothing is pending: `run --once` and `backup`.
    ///
    /// What failed is reported, not tried again: the person who started the run is there to read it.
    package func runToEnd(
        _ configuration: Configuration, _ eagerness: Eagerness,
        progress: @Sendable (PassReport) -> Void = { _ in }
    ) async throws -> RunReport {
        let failedBefore = memory.setbacks
        var run = RunReport()
        var eagerness = eagerness
        var reading = Reading.everything
        while true {
            let report = try await pass(configuration, eagerness, reading: reading, failedBefore: failedBefore)
            progress(report)
            run.done += report.done
            for failure in report.failures
            where !run.failures.contains(where: { $0.description == failure.description }) {
                run.failures.append(failure)
            }
            // Asked for once, it is taken once; but what has to wait for room is asked for again.
            if case .byHand(let name, _) = eagerness, report.plan.queued.isEmpty { eagerness = .following(name) }
            if report.done > 0 {
                reading = .nothing
                continue
            }
            guard let look = report.nextLook else { return run }
            try await clock.sleep(until: look)
            reading = .pending
        }
    }
}
