package import BackupCore

/// What a run that ends by itself came to.
package struct RunReport: Sendable {
    package var done = 0
    package var failures: [Failure] = []

    package init() {}

    fileprivate mutating func take(_ failed: [Failure]) {
        for failure in failed where !failures.contains(where: { $0.description == failure.description }) {
            failures.append(failure)
        }
    }
}

/// A run that ends by itself: which pass it needs next, and what it came to.
///
/// What failed is reported, not tried again: the person who started the run is there to read it.
struct FiniteRun: Sendable {
    private(set) var eagerness: Eagerness
    private(set) var reading = PlanRunner.Reading.everything
    /// When it began: what becomes due later is the next run's.
    let began: Moment
    /// What had failed before it began.
    let failedBefore: [Intent.Key: Setback]
    /// When its next pass may begin; nil once nothing is left to do and nothing is pending.
    private(set) var nextPass: Moment? = .longAgo
    private(set) var report = RunReport()

    init(_ eagerness: Eagerness, began: Moment, failedBefore: [Intent.Key: Setback]) {
        (self.eagerness, self.began, self.failedBefore) = (eagerness, began, failedBefore)
    }

    /// One of its own passes has ended.
    mutating func passEnded(_ pass: PassReport) {
        report.done += pass.done
        report.take(pass.failures)
        eagerness = eagerness.after(pass.plan, left: pass.left)
        (reading, nextPass) = pass.done > 0 ? (.nothing, .longAgo) : (.pending, pass.nextLook)
    }

    /// A pass of the daemon's own, which did and saw some of what this run is about.
    mutating func heard(of pass: PassReport) {
        guard let policy = eagerness.onlyPolicy else { return }
        report.done += pass.doneOf[policy] ?? 0
        report.take(pass.failures.filter { $0.policy == policy })
    }
}

extension PlanRunner {
    /// Passes until nothing is left to do and nothing is pending: `run --once` and `backup`.
    package func runToEnd(
        _ configuration: Configuration, _ eagerness: Eagerness,
        progress: @Sendable (PassReport) -> Void = { _ in }
    ) async throws -> RunReport {
        var run = FiniteRun(eagerness, began: clock.now, failedBefore: memory.setbacks)
        while let moment = run.nextPass {
            try await clock.sleep(until: moment)
            let report = await pass(
                configuration, run.eagerness, reading: run.reading, failedBefore: run.failedBefore,
                slotsThrough: run.began)
            progress(report)
            run.passEnded(report)
        }
        return run.report
    }
}

extension Eagerness {
    /// Asked for once, it is taken once: only of what had to wait it is asked for again.
    func after(_ plan: Plan, left: [Action] = []) -> Eagerness {
        guard case .byHand(let name, _) = self else { return self }
        let waiting = (plan.queued + left).compactMap { action in
            if case .create(let order) = action.work { order.resource.id } else { nil }
        }
        // What another run goes first with is a slot's, and not what was asked for.
        let later = plan.waits.filter {
            $0.action == .create && $0.pair.policy == name && $0.cause != .steppedBack
        }.map(\.pair.resource)
        let again = Set(waiting + later)
        return again.isEmpty ? .following(name) : .byHand(name, again)
    }
}
