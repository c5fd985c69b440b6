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

/// Tells people beyond the journal what is wrong and what is well again, beside all that protects: no backup waits for it.
package actor NoticeBoard {
    private let runner: PlanRunner
    private let courier: any NoticeCourier
    private let store: any NoticeMemory
    private let clock: any WallClock
    private let events: any EventSink
    private let bell = Doorbell()
    private var pacings: [String: NoticePacing]
    /// Since when each alarm has been seen to hold.
    private var since: [Alarm.ID: Moment] = [:]
    private var nextPing: [String: Moment] = [:]
    /// Which targets it was said of that they do not answer.
    private var silent: Set<String> = []
    private var hasPassed = false

    package init(
        runner: PlanRunner, courier: any NoticeCourier, store: any NoticeMemory, clock: any WallClock,
        events: any EventSink
    ) {
        (self.runner, self.courier, self.store, self.clock, self.events) = (runner, courier, store, clock, events)
        pacings = store.recall().mapValues { NoticePacing(told: $0) }
    }

    /// Goes on until it is cancelled; `configuration` gives the config in force.
    package func run(_ configuration: @Sendable () async -> Configuration) async {
        while !Task.isCancelled {
            let next = await tell(await configuration())
            await bell.wait(until: next, clock)
        }
    }

    /// A pass has ended.
    package func ring() {
        hasPassed = true
        bell.ring()
    }

    /// Tells every target what is news to it; gives when to look again.
    private func tell(_ configuration: Configuration) async -> Moment {
        guard !configuration.notify.isEmpty else { return .never }
        let now = clock.now
        let alarms = Alarms(configuration, await runner.inventory, await runner.memory, now: now)
        since = alarms.all.reduce(into: [:]) { $0[$1.key] = min(since[$1.key] ?? now, now) }
        var looks =
            [alarms.nextMiss.map { $0 + .seconds(1) }]
            + alarms.all.values.map { lasting($0, now: now) ? nil : told(of: $0) }
        var errands: [Errand] = []
        for target in configuration.notify {
            let all = alarms.concerning(configuration.policies(notifying: target))
            if target.isPing {
                if hasPassed, alarms.isWhole, all.isEmpty, isTime(nextPing[target.name], target, now: now) {
                    errands.append(Errand(target: target))
                }
                continue
            }
            let lasting = all.filter { self.lasting($0.value, now: now) }
            if alarms.isWhole, !target.news.contains(.recovered) {
                pacings[target.name]?.forget(except: Set(all.keys))
            }
            let (notice, look) = pacings[target.name, default: NoticePacing()].next(
                target, lasting, isWhole: alarms.isWhole, fleet: configuration.fleet, now: now)
            looks.append(look)
            if let notice { errands.append(Errand(target: target, notice: notice)) }
        }
        hasPassed = false
        await carryOut(errands)
        pacings = pacings.filter { pacing in configuration.notify.contains { $0.name == pacing.key } }
        keep()
        // What was told or not taken just now is looked at again when its time comes.
        if !errands.isEmpty { bell.ring() }
        return looks.compactMap { $0 }.filter { $0 > now }.min() ?? .never
    }

    /// A ping, or a notice.
    private struct Errand: Sendable {
        var target: NotifyTarget
        var notice: Notice?
    }

    private func carryOut(_ errands: [Errand]) async {
        let courier = courier
        await withTaskGroup(of: (Errand, NoticeFailure?).self) { group in
            for errand in errands {
                group.addTask {
                    do throws(NoticeFailure) {
                        if let notice = errand.notice {
                            try await courier.deliver(notice, to: errand.target)
                        } else {
                            try await courier.ping(errand.target)
                        }
                        return (errand, nil)
                    } catch { return (errand, error) }
                }
            }
            for await (errand, failure) in group { note(errand, failure) }
        }
    }

    private func note(_ errand: Errand, _ failure: NoticeFailure?) {
        let (name, now) = (errand.target.name, clock.now)
        if let failure {
            pacings[name]?.failed(now: now)
            nextPing[name] = now + .seconds(60)
            guard !Task.isCancelled, silent.insert(name).inserted else { return }
            events.emit(
                Event(
                    .noticeFailed, "\(name) could not be notified: \(failure); it is tried again",
                    Event.Fields(action: "notify", reason: failure.description)))
        } else {
            if let notice = errand.notice { pacings[name, default: NoticePacing()].sent(notice, now: now) }
            nextPing[name] = now + errand.target.pause
            silent.remove(name)
        }
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

    private lazy var kept = store.recall()

    private func lasting(_ alarm: Alarm, now: Moment) -> Bool { told(of: alarm) <= now }

    private func told(of alarm: Alarm) -> Moment { (since[alarm.id] ?? .longAgo) + alarm.patience }

    private func isTime(_ next: Moment?, _ target: NotifyTarget, now: Moment) -> Bool {
        // A clock that was far ahead keeps nothing waiting for longer than the pause.
        next.map { $0 <= now || $0 - now > max(target.pause, .seconds(60)) } ?? true
    }
}
