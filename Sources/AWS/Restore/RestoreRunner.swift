package import BackupCore

/// Brings a restore about: looks, does what can be done next, waits, and looks again.
package struct RestoreRunner: Sendable {
    private let clients: RestoreClients
    private let clock: any WallClock
    private let timing: Timing
    /// So long one wait may take; a large disk's blocks are brought in behind the scenes, and do not count.
    private let longest: Duration

    package init(
        _ clients: RestoreClients, clock: any WallClock, timing: Timing, longest: Duration = .seconds(4 * 3600)
    ) {
        self.clients = clients
        self.clock = clock
        self.timing = timing
        self.longest = longest
    }

    /// What is told while it goes on.
    package enum News: Sendable {
        /// A call is about to be made.
        case doing(RestoreStep)
        /// AWS is at something; told again for each wait.
        case waiting(String, since: Moment)
        /// AWS could not be asked, and will be again.
        case trouble(AWSError)
    }

    /// So long AWS may be unreachable or too busy while something is waited for.
    private static let patience = Duration.seconds(900)

    /// Goes on until nothing is left to do.
    ///
    /// - Throws: ``RestoreError``; what was made until then stays, and the same work begun again goes on from there.
    package func run(
        _ work: any RestoreWork, tell: @Sendable (News) -> Void
    ) async throws(RestoreError) -> RestoreOutlook {
        var progress = Progress(poll: timing.pollFirst)
        while true {
            guard let outlook = try await look(work, &progress, tell) else { continue }
            try await follow(&progress, in: work.region)
            if outlook.isDone {
                if try await isSettled(work, &progress, tell) { return outlook }
                continue
            }
            progress.emptySince = nil
            forgetUnanswered(&progress)
            let ready = outlook.steps.filter(\.isReady)
            if let step = ready.first(where: { progress.sent[$0.request.identity] == nil }) {
                try await take(step, of: work, &progress, tell)
            } else {
                // What was done and is not shown yet must not be done again: it could make a second one, or be refused.
                try refuse(ready, notShown: progress)
                let unseen = ready.first.map { "AWS to show that \($0.operation.name) was done" }
                guard let awaited = outlook.waitsFor ?? unseen else {
                    let step = outlook.steps.first.map { "\($0.purpose) (\($0.operation.name))" } ?? ""
                    throw .refused("it cannot go on: nothing that AWS is at leads to what is left to do: \(step)")
                }
                try await wait(for: awaited, &progress, tell)
            }
        }
    }

    /// What this run knows besides what AWS shows.
    private struct Progress {
        var poll: Duration
        var waiting: (what: String, since: Moment)?
        var troubledSince: Moment?
        /// When each call that was made, or turned out to have been, was made.
        var sent: [String: Moment] = [:]
        /// How often each was sent without an answer.
        var uncertain: [String: Int] = [:]
        /// What AWS said of those that it refused as done already.
        var refusals: [String: String] = [:]
        /// Lightsail's operations that have not ended.
        var operations: [String] = []
        /// Since when looks have shown that nothing is left to remove.
        var emptySince: Moment?
    }

    /// What was never answered and is not shown once AWS must show it was not done: it is sent again, a few times.
    ///
    /// If it was done after all, its name, its token or what it asks for keeps a second one from being made.
    private func forgetUnanswered(_ progress: inout Progress) {
        for (identity, count) in progress.uncertain where count < 5 {
            guard let sent = progress.sent[identity], clock.now - sent > timing.consistency else { continue }
            progress.sent[identity] = nil
        }
    }

    /// Whether what is removed can be taken for gone.
    private func isSettled(
        _ work: any RestoreWork, _ progress: inout Progress, _ tell: (News) -> Void
    ) async throws(RestoreError) -> Bool {
        guard work.isRemoval else { return true }
        let since = progress.emptySince ?? clock.now
        if progress.emptySince != nil, clock.now - since >= timing.consistency { return true }
        progress.emptySince = since
        tell(.waiting("AWS to show whatever else there may be", since: since))
        do throws(CancellationError) {
            try await clock.sleep(until: since + timing.consistency)
        } catch {
            throw .refused("interrupted")
        }
        return false
    }

    private func look(
        _ work: any RestoreWork, _ progress: inout Progress, _ tell: (News) -> Void
    ) async throws(RestoreError) -> RestoreOutlook? {
        do throws(RestoreError) {
            let outlook = try await work.look()
            progress.troubledSince = nil
            return outlook
        } catch {
            // Before anything was done nobody needs to wait to hear of it.
            guard case .failed(let trouble) = error, trouble.isPassing,
                !progress.sent.isEmpty || progress.waiting != nil,
                clock.now - (progress.troubledSince ?? clock.now) < RestoreRunner.patience
            else { throw error }
            progress.troubledSince = progress.troubledSince ?? clock.now
            tell(.trouble(trouble))
            try await pause(&progress)
            return nil
        }
    }

    private func take(
        _ step: RestoreStep, of work: any RestoreWork, _ progress: inout Progress, _ tell: (News) -> Void
    ) async throws(RestoreError) {
        let identity = step.request.identity
        progress.waiting = nil
        progress.poll = timing.pollFirst
        tell(.doing(step))
        do throws(AWSError) {
            progress.operations += try await step.request.send(with: clients, in: work.region)
        } catch {
            if step.operation.takesAway, error.isNotFound {
                progress.sent[identity] = clock.now
                return
            }
            if let forgotten = error.remembersWhatIsGone { throw .refused(forgotten) }
            guard error.fate == .outcomeUnknown || error.saysDoneAlready else { throw .failed(error) }
            tell(.trouble(error))
            progress.sent[identity] = clock.now
            if error.saysDoneAlready {
                progress.refusals[identity] = "\(error.code): \(error.message)"
            } else {
                progress.uncertain[identity, default: 0] += 1
            }
            return try await pause(&progress)
        }
        progress.sent[identity] = clock.now
    }

    private func refuse(_ steps: [RestoreStep], notShown progress: Progress) throws(RestoreError) {
        for step in steps {
            guard let sent = progress.sent[step.request.identity], clock.now - sent >= timing.consistency * 5 else {
                continue
            }
            if let refusal = progress.refusals[step.request.identity] {
                throw .refused("\(step.operation.name): \(refusal)")
            }
            throw .refused(
                "AWS has not shown for \((clock.now - sent).short) that \(step.operation.name) was done: run the same "
                    + "command again; it goes on from what is there")
        }
    }

    /// Throws if one of Lightsail's operations failed: nothing else would tell.
    private func follow(_ progress: inout Progress, in region: Region) async throws(RestoreError) {
        var left: [String] = []
        for id in progress.operations {
            let lightsail = clients.lightsail
            let reply = try? await lightsail.getOperation(GetOperationRequest(operationId: id), in: region)
            guard let operation = reply?.operation, operation.status == "Failed" else {
                if reply?.operation?.isTerminal != true { left.append(id) }
                continue
            }
            throw .refused(
                "Lightsail could not do \(operation.operationType ?? "what it was asked for"): "
                    + [operation.errorCode, operation.errorDetails].compactMap { $0 }.joined(separator: ": "))
        }
        progress.operations = left
    }

    private func wait(
        for what: String, _ progress: inout Progress, _ tell: (News) -> Void
    ) async throws(RestoreError) {
        if progress.waiting?.what != what {
            progress.poll = timing.pollFirst
            progress.waiting = (what, clock.now)
        }
        let since = progress.waiting?.since ?? clock.now
        guard clock.now - since < longest else {
            throw .refused(
                "gave up after \(longest.short) of waiting for \(what): run the same command again to wait on"
            )
        }
        tell(.waiting(what, since: since))
        try await pause(&progress)
    }

    private func pause(_ progress: inout Progress) async throws(RestoreError) {
        do throws(CancellationError) {
            try await clock.sleep(until: clock.now + progress.poll)
        } catch {
            throw .refused("interrupted")
        }
        progress.poll = min(timing.pollLongest, progress.poll * 2)
    }
}

extension Operation {
    /// That what it takes away is not there is as good as done.
    fileprivate var takesAway: Bool {
        ["Delete", "Deregister", "Terminate", "Detach"].contains { name.hasPrefix($0) }
    }
}

extension AWSError {
    /// EC2 knows the client token from something that is gone, or was asked for otherwise.
    fileprivate var remembersWhatIsGone: String? {
        guard ["IdempotentParameterMismatch", "IdempotentInstanceTerminated"].contains(code) else { return nil }
        return
            "EC2 remembers another restore of this point under the same name (\(code)): give this one a name of its own "
            + "with --as, or remove that one with --undo first"
    }

    /// Nothing is wrong with what was asked: later it may go well.
    fileprivate var isPassing: Bool {
        [.unavailable, .outcomeUnknown, .quota].contains(CloudError(self).kind)
    }

    /// An earlier call did the same, and AWS does not show it yet.
    fileprivate var saysDoneAlready: Bool {
        saysNameTaken || code == "InvalidAMIName.Duplicate" || code == "VolumeInUse"
            || code == "InvalidVolume.InUse"
    }
}
