import BackupCore

/// The automatic snapshots of an instance or a disk: one a day once they are on, the newest seven.
///
/// They are a function of the time at which one looks. Source: Lightsail developer guide, "Automatic snapshots".
struct SimulatedAutomatic: Sendable {
    /// The snapshot of a day.
    struct Snapshot: Sendable {
        /// `2026-11-20`.
        var date: String
        /// `Success`, `Failed`, `InProgress` or `NotFound`.
        var status: String
        var createdAt: Moment
    }

    /// The daily time, and since when it is set.
    struct Setting: Sendable {
        var hour: Int
        var since: Moment
    }

    /// Those that are there already, or were to be otherwise than the setting would make them.
    var known: [Snapshot] = []
    var setting: Setting?

    static let mostKept = 7
    /// It starts "between the time shown and up to 45 minutes after".
    static let delay = Duration.seconds(20 * 60)

    /// Those there are now, newest first.
    func snapshots(at now: Moment, taking duration: Int64) -> [Snapshot] {
        let dates = Set(known.map(\.date))
        let all =
            known.filter { $0.createdAt <= now } + made(by: now, taking: duration).filter { !dates.contains($0.date) }
        return Array(all.sorted { $0.date > $1.date }.prefix(SimulatedAutomatic.mostKept))
    }

    private func made(by now: Moment, taking duration: Int64) -> [Snapshot] {
        guard let setting else { return [] }
        let day: Int64 = 86_400
        let today = now.seconds - (now.seconds % day + day) % day
        return (0...Int64(SimulatedAutomatic.mostKept)).compactMap { back in
            let midnight = Moment(seconds: today - back * day)
            let start = midnight + .seconds(Int64(setting.hour) * 3600) + SimulatedAutomatic.delay
            guard start >= setting.since, start <= now else { return nil }
            return Snapshot(
                date: String(midnight.description.prefix(10)),
                status: now < start + .seconds(duration) ? "InProgress" : "Success", createdAt: start)
        }
    }

    /// Sets the time, or switches it off; what is there stays.
    mutating func set(hour: Int?, at now: Moment, taking duration: Int64) {
        let dates = Set(known.map(\.date))
        known += made(by: now, taking: duration).filter { !dates.contains($0.date) }.map { snapshot in
            var snapshot = snapshot
            snapshot.status = "Success"
            return snapshot
        }
        setting = hour.map { Setting(hour: $0, since: now) }
    }

    /// `06:00`.
    var timeOfDay: String? { setting.map { ($0.hour < 10 ? "0" : "") + "\($0.hour):00" } }
}
