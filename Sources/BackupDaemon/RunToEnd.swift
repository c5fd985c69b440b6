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
            let report = await pass(configuration, eagerness, reading: reading, failedBefore: failedBefore)
            progress(report)
            run.done += report.done
            for failure in report.failures
            where !run.failures.contains(where: { $0.description == failure.description }) {
                run.failures.append(failure)
            }
            eagerness = eagerness.after(report.plan)
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

extension Eagerness {
    /// Asked for once, it is taken once: only of what had to wait it is asked for again.
    func after(_ plan: Plan) -> Eagerness {
        guard case .byHand(let name, _) = self else { return self }
        let waiting = plan.queued.compactMap { action in
            if case .create(let order) = action.work { order.resource.id } else { nil }
        }
        // What another run goes first with is a slot's, and not what was asked for.
        let later = plan.waits.filter {
            $0.action == .create && $0.pair.policy == name && $0.cause != .steppedBack
        }.map(\.pair.resource)
        let left = Set(waiting + later)
        return left.isEmpty ? .following(name) : .byHand(name, left)
    }
}
