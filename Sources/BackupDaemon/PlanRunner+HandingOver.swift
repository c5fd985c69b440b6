import BackupCore

extension PlanRunner {
    /// Does them, so many at once.
    ///
    /// A call may get no reply for minutes: once none has ended for ``patience``, what was done is handed over, what has not
    /// begun is left to the next plan, and what is under way goes on; the rest of it is what is returned then, as late.
    func perform(
        _ actions: [Action], _ configuration: Configuration, handOver: ((PassReport) async -> Void)? = nil
    ) async -> PassReport {
        var report = PassReport()
        var waiting = actions.sorted { $0.urgency < $1.urgency }[...]
        var running = 0
        // What earlier passes left behind takes up places, but not all of them.
        let width = max(PlanRunner.width / 4, PlanRunner.width - underWay.count)
        var lastEnd = clock.now
        await withTaskGroup(of: (Action, Result)?.self) { group in
            func begin() {
                while running < width, let action = waiting.popFirst() {
                    running += 1
                    group.addTask { (action, await self.perform(action, configuration)) }
                }
            }
            func waitForPatience() {
                let (clock, end) = (clock, lastEnd + PlanRunner.patience)
                group.addTask {
                    try? await clock.sleep(until: end)
                    return nil
                }
            }
            begin()
            if handOver != nil, running > 0 { waitForPatience() }
            while running > 0, let ended = await group.next() {
                if let (action, result) = ended {
                    running -= 1
                    lastEnd = clock.now
                    report.take(result, of: action)
                    begin()
                } else if clock.now < lastEnd + PlanRunner.patience {
                    waitForPatience()
                } else {
                    report.left = Array(waiting)
                    waiting = []
                    await handOver?(report)
                    report = PassReport()
                    report.isLate = true
                }
            }
            group.cancelAll()
        }
        return report
    }

    /// A call that has not ended for so long keeps no other waiting.
    private static let patience = Duration.seconds(5)
}
