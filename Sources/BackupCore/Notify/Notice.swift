/// One message to one target: what is news since the last one.
package struct Notice: Sendable, Equatable {
    package var fleet: FleetName
    package var at: Moment
    /// What has begun to be wrong.
    package var new: [Alarm]
    /// What was told to be wrong and is not any more, in the words of then.
    package var recovered: [Told]
    /// How much is wrong now, the new included.
    package var standing: Int

    /// What a target was told is wrong.
    package struct Told: Sendable, Equatable {
        package var id: Alarm.ID
        package var text: String

        package init(id: Alarm.ID, text: String) {
            self.id = id
            self.text = text
        }
    }

    /// So many of each are told one by one.
    package static let mostTold = 20

    package init(fleet: FleetName, at: Moment, new: [Alarm], recovered: [Told], standing: Int) {
        (self.fleet, self.at, self.new, self.recovered, self.standing) = (fleet, at, new, recovered, standing)
    }

    /// One line, ASCII as SNS asks of a subject.
    package var subject: String {
        let parts = [
            new.isEmpty ? nil : "\(Count(new.count, "new problem", "new problems"))",
            recovered.isEmpty ? nil : "\(recovered.count) recovered",
        ].compactMap { $0 }
        return "snapwarden \(fleet): " + (parts.isEmpty ? "a test notice" : parts.joined(separator: ", "))
    }

    /// The whole for people.
    package var text: String {
        var lines = told(new.map { "\($0.kind == .objectiveMissed ? "LATE" : "FAILING")  \($0.text)" })
        lines += told(recovered.map { "RECOVERED  \($0.text)" })
        if new.isEmpty, recovered.isEmpty { lines.append("This is a test: nothing has happened.") }
        lines.append(
            standing == 0
                ? "All is well now." : "\(Count(standing, "problem holds", "problems hold")) now: snapwarden status")
        return ([subject] + lines).joined(separator: "\n")
    }

    private func told(_ lines: [String]) -> [String] {
        lines.prefix(Notice.mostTold)
            + (lines.count > Notice.mostTold ? ["… and \(lines.count - Notice.mostTold) more"] : [])
    }
}

/// What one target has been told, and when it may be told more.
package struct NoticePacing: Sendable, Equatable {
    /// What it believes to be wrong.
    package private(set) var told: [Alarm.ID: String]
    private var lastSent = Moment.longAgo
    private var failures = 0
    private var nextTry = Moment.longAgo

    package init(told: [Alarm.ID: String] = [:]) { self.told = told }

    /// What is to be said now, if anything; else when to look again.
    ///
    /// `holding` is what has held for long enough; `isWhole` that nothing else is wrong, but what is `undecided`.
    package func next(
        _ target: NotifyTarget, _ holding: [Alarm.ID: Alarm], undecided: Set<Alarm.ID> = [], isWhole: Bool,
        fleet: FleetName, now: Moment
    ) -> (notice: Notice?, look: Moment?) {
        let wanted = holding.filter { target.news.contains($0.value.kind == .failure ? .failure : .objectiveMissed) }
        let new = wanted.values.filter { told[$0.id] == nil }.sorted { $0.id < $1.id }
        let ended = isWhole ? told.filter { wanted[$0.key] == nil && !undecided.contains($0.key) } : [:]
        let recovered = target.news.contains(.recovered) ? ended.sorted { $0.key < $1.key } : []
        guard !new.isEmpty || !recovered.isEmpty else { return (nil, nil) }
        // A clock that was far ahead keeps nobody waiting for long.
        let moment = [lastSent + target.pause, nextTry].max() ?? .longAgo
        guard moment <= now || moment - now > max(target.pause, NoticePacing.longestWait) else { return (nil, moment) }
        return (
            Notice(
                fleet: fleet, at: now, new: new, recovered: recovered.map { Notice.Told(id: $0.key, text: $0.value) },
                standing: wanted.count), nil
        )
    }

    /// It has heard of that; what ended unsaid is forgotten, too.
    package mutating func sent(_ notice: Notice, now: Moment) {
        for alarm in notice.new { told[alarm.id] = alarm.text }
        for ended in notice.recovered { told[ended.id] = nil }
        (lastSent, failures, nextTry) = (now, 0, .longAgo)
    }

    /// It could not be reached: it is tried again after 1, 2, 4 … 60 minutes.
    package mutating func failed(now: Moment) {
        failures += 1
        nextTry = now + .seconds(min(3600, 60 << Int64(min(failures - 1, 6))))
    }

    /// What has ended and nobody wants to hear of.
    package mutating func forget(except holding: Set<Alarm.ID>) { told = told.filter { holding.contains($0.key) } }

    private static let longestWait = Duration.seconds(3600)
}
