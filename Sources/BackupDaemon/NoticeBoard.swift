package import BackupCore

/// What carries notices to their targets; each attempt ends by itself within a minute.
package protocol NoticeCourier: Sendable {
    /// - Throws: ``NoticeFailure`` if the target did not take it.
    func deliver(_ notice: Notice, to target: NotifyTarget) async throws(NoticeFailure)
    /// Tells a target that all is well.
    func ping(_ target: NotifyTarget) async throws(NoticeFailure)
}

/// A target did not take what was to be told, in words that hold no secret.
package struct NoticeFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// What outlives the process of what targets were told, by their names.
package protocol NoticeMemory: Sendable {
    /// Nothing where there is nothing that can be read: then what holds is told anew.
    func recall() -> [String: [Alarm.ID: String]]
    func keep(_ told: [String: [Alarm.ID: String]]) throws(HistoryError)
}

/// Tells people beyond the journal what is wrong and what is well again, beside all that protects: no backup waits for it, and
/// no target for another.
package actor NoticeBoard {
    private let runner: PlanRunner
    private let courier: any NoticeCourier
    private let store: any NoticeMemory
    private let clock: any WallClock
    private let events: any EventSink
    private let bell = Doorbell()
    private var pacings: [String: NoticePacing]
    /// What the store holds of them.
    private var kept: [String: [Alarm.ID: String]]
    /// Since when each alarm has been seen to hold.
    private var since: [Alarm.ID: Moment] = [:]
    private var nextPing: [String: Moment] = [:]
    /// Who has not been told yet that the last pass was well.
    private var owesPing: Set<String> = []
    /// Who is being told something at this moment.
    private var busy: Set<String> = []
    /// Which targets it was said of that they do not answer.
    private var silent: Set<String> = []
    private var hasPassed = false

    package init(
        runner: PlanRunner, courier: any NoticeCourier, store: any NoticeMemory, clock: any WallClock,
        events: any EventSink
    ) {
        (self.runner, self.courier, self.store, self.clock, self.events) = (runner, courier, store, clock, events)
        kept = store.recall()
        pacings = kept.mapValues { NoticePacing(told: $0) }
    }

    /// Goes on until it is cancelled; `configuration` gives the config in force.
    package func run(_ configuration: @Sendable () async -> Configuration) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let (errands, next) = await plan(await configuration())
                for errand in errands {
                    busy.insert(errand.target.name)
                    group.addTask { await self.carryOut(errand) }
                }
                await bell.wait(until: next, clock)
            }
        }
    }

    /// A pass has ended.
    package func ring() {
        hasPassed = true
        bell.ring()
    }

    /// Something else has come to an end, such as a drill, or what stands in the config's files.
    package func lookAgain() { bell.ring() }

    /// A ping, or a notice.
    private struct Errand: Sendable {
        var target: NotifyTarget
        var notice: Notice?
    }

    /// What is to be told now, and when to look again.
    private func plan(_ configuration: Configuration) async -> (errands: [Errand], next: Moment) {
        guard !configuration.notify.isEmpty else { return ([], .never) }
        let (inventory, memory) = (await runner.inventory, await runner.memory)
        let now = clock.now
        let alarms = Alarms(configuration, inventory, memory, now: now)
        since = alarms.all.reduce(into: [:]) { $0[$1.key] = min(since[$1.key] ?? $1.value.seen ?? now, now) }
        var looks = [alarms.nextMiss.map { $0 + .seconds(1) }]
        var errands: [Errand] = []
        if hasPassed { owesPing = Set(configuration.notify.filter(\.isPing).map(\.name)) }
        pacings = pacings.filter { pacing in configuration.notify.contains { $0.name == pacing.key } }
        for target in configuration.notify where !busy.contains(target.name) {
            let all = alarms.concerning(configuration.policies(notifying: target))
            if target.isPing {
                guard owesPing.contains(target.name), alarms.isWhole, all.isEmpty else { continue }
                if isTime(nextPing[target.name], target, now: now) {
                    owesPing.remove(target.name)
                    errands.append(Errand(target: target))
                } else {
                    looks.append(nextPing[target.name])
                }
                continue
            }
            if alarms.isWhole, !target.news.contains(.recovered) {
                pacings[target.name]?.forget(except: alarms.undecided.union(all.keys))
            }
            let ripe = all.filter { isRipe($0.value, now: now) }
            let (notice, look) = pacings[target.name, default: NoticePacing()].next(
                target, ripe, undecided: alarms.undecided, isWhole: alarms.isWhole, fleet: configuration.fleet, now: now
            )
            looks.append(look)
            if let notice { errands.append(Errand(target: target, notice: notice)) }
        }
        hasPassed = false
        keep()
        return (errands, looks.compactMap { $0 }.filter { $0 > now }.min() ?? .never)
    }

    private func carryOut(_ errand: Errand) async {
        var failure: NoticeFailure?
        do throws(NoticeFailure) {
            if let notice = errand.notice {
                try await courier.deliver(notice, to: errand.target)
            } else {
                try await courier.ping(errand.target)
            }
        } catch { failure = error }
        note(errand, failure)
        keep()
        // What came meanwhile, or is to be tried again, has its time from now.
        bell.ring()
    }

    private func note(_ errand: Errand, _ failure: NoticeFailure?) {
        let (name, now) = (errand.target.name, clock.now)
        busy.remove(name)
        guard let failure else {
            if let notice = errand.notice { pacings[name, default: NoticePacing()].sent(notice, now: now) }
            nextPing[name] = now + errand.target.pause
            silent.remove(name)
            return
        }
        if errand.notice == nil { owesPing.insert(name) }
        if errand.notice != nil { pacings[name, default: NoticePacing()].failed(now: now) }
        nextPing[name] = now + .seconds(60)
        guard !Task.isCancelled, silent.insert(name).inserted else { return }
        events.emit(
            Event(
                .noticeFailed, "\(name) could not be notified: \(failure); it is tried again",
                Event.Fields(action: "notify", reason: failure.description)))
    }

    private func keep() {
        let told = pacings.mapValues(\.told).filter { !$0.value.isEmpty }
        guard told != kept else { return }
        do throws(HistoryError) {
            try store.keep(told)
            kept = told
        } catch {
            // The ledger beside it is in the same trouble, and says so.
        }
    }

    /// Whether an alarm has held for long enough to be told, as far as was looked.
    private func isRipe(_ alarm: Alarm, now: Moment) -> Bool {
        (alarm.seen ?? now) - (since[alarm.id] ?? now) >= alarm.patience
    }

    private func isTime(_ next: Moment?, _ target: NotifyTarget, now: Moment) -> Bool {
        // A clock that was far ahead keeps nothing waiting for longer than the pause.
        next.map { $0 <= now || $0 - now > max(target.pause, .seconds(60)) } ?? true
    }
}
