package import BackupCore

/// Reads when a policy starts: its schedules, and the hours in which it starts nothing.
struct ScheduleParser {
    let problems: Problems
    let zones: ZoneReader

    static let notations = Expression.Notation.allCases.map(\.rawValue)
    static let keys = notations + ["on", "time-zone", "missed", "spread"]

    /// One schedule, or a list of them.
    func schedules(_ node: Node) -> [Schedule] {
        guard case .sequence(let nodes, let mark) = node else { return schedule(node).map { [$0] } ?? [] }
        if nodes.isEmpty { problems.add(mark, "schedule: name one at least") }
        var schedules: [Schedule] = []
        for node in nodes {
            guard let schedule = schedule(node) else { continue }
            if schedules.contains(where: { $0.text == schedule.text }) {
                problems.add(node.mark, "schedule: this one stands here already: keep one")
            }
            schedules.append(schedule)
        }
        return schedules
    }

    private func schedule(_ node: Node) -> Schedule? {
        guard let reader = MappingReader(node, "schedule", known: ScheduleParser.keys, problems) else { return nil }
        let given = ScheduleParser.notations.filter { reader[$0] != nil }
        guard given.count == 1 else {
            let names = given.isEmpty ? "say when: cron: \"0 2 * * *\" or every: 6h" : "keep one"
            let what = given.isEmpty ? "" : "\(given.joined(separator: " and ")) exclude each other: "
            problems.add(node.mark, "schedule: \(what)\(names)")
            return nil
        }
        if let on = reader["on"], given != ["at"] {
            problems.add(on.mark, "on: goes with at: only; cron and calendar name their weekdays themselves")
        }
        let missed = missed(reader)
        let spread = reader.duration("spread") ?? .zero
        let zone = zone(reader)
        guard let (expression, own) = expression(reader, given[0]), let zone = own ?? zone else { return nil }
        let schedule = Schedule(expression, zone: zone, spread: spread, missed: missed)
        check(schedule, reader, hasOwnZone: own != nil)
        return schedule
    }

    // MARK: Expressions

    /// The expression under one of the notations' keys, with the zone that it names itself.
    private func expression(_ reader: MappingReader, _ key: String) -> (Expression, Zone?)? {
        if key == "at" { return times(reader).map { ($0, nil) } }
        guard let (text, mark) = reader.text(key) else { return nil }
        do throws(ExpressionError) {
            switch Expression.Notation(rawValue: key) {
            case .cron: return (try .cron(text), nil)
            case .aws: return (try .aws(text), nil)
            case .calendar:
                let calendar = try Expression.calendar(text)
                guard let (name, position) = calendar.zone else { return (calendar.expression, nil) }
                return zone(name, mark.after(position), "calendar").map { (calendar.expression, $0) }
            default: return (try ScheduleText.every(text), nil)
            }
        } catch {
            problems.add(mark.after(error.position), "\(key): \(error.message)")
            return nil
        }
    }

    private func times(_ reader: MappingReader) -> Expression? {
        let times = reader.texts("at")
        guard !times.isEmpty else {
            problems.add(reader.mark(of: "at"), "at: name one time at least, as in at: [\"02:00\", \"14:00\"]")
            return nil
        }
        do throws(Expression.AtError) {
            return try .at(times.map(\.text), on: reader["on"] == nil ? nil : weekdays(reader))
        } catch {
            problems.add(times[error.index].mark.after(error.error.position), "at: \(error.error.message)")
            return nil
        }
    }

    /// The weekdays under `on`, 0 for Sunday … 6; all of them where it is wrong, which is said.
    private func weekdays(_ reader: MappingReader) -> Set<Int> {
        var days: Set<Int> = []
        for (text, mark) in reader.texts("on") {
            do throws(ExpressionError) {
                days.formUnion(try WeekdayNames.days(text))
            } catch {
                problems.add(mark.after(error.position), "on: \(error.message)")
            }
        }
        return days.isEmpty ? Set(0...6) : days
    }

    // MARK: What goes with it

    private func missed(_ reader: MappingReader) -> MissedRule {
        guard let node = reader["missed"] else { return .runOnce(within: nil) }
        if case .mapping = node {
            guard let rule = MappingReader(node, "missed", known: ["run-once-within"], problems) else {
                return .runOnce(within: nil)
            }
            return .runOnce(within: rule.duration("run-once-within"))
        }
        guard let (text, mark) = reader.text("missed") else { return .runOnce(within: nil) }
        switch text {
        case "run-once": return .runOnce(within: nil)
        case "skip": return .skip
        default:
            problems.add(mark, "missed: expected run-once, skip or { run-once-within: 6h }, got \"\(text)\"")
            return .runOnce(within: nil)
        }
    }

    private func zone(_ reader: MappingReader) -> Zone? {
        guard reader["time-zone"] != nil else { return .utc }
        guard let (text, mark) = reader.text("time-zone") else { return nil }
        return zone(text, mark, "time-zone")
    }

    private func zone(_ name: String, _ mark: Mark, _ key: String) -> Zone? {
        if let zone = zones.zone(name) { return zone }
        let hint = Suggestion.text(for: name, among: zones.names)
        problems.add(mark, "\(key): \"\(name)\" is not in the system's zone database\(hint)")
        return nil
    }

    private func check(_ schedule: Schedule, _ reader: MappingReader, hasOwnZone: Bool) {
        if hasOwnZone, reader["time-zone"] != nil {
            problems.add(reader.mark(of: "time-zone"), "time-zone: the calendar event names its own zone: keep one")
        }
        if let interval = schedule.shortestInterval, schedule.spread >= interval {
            problems.add(
                reader.mark(of: "spread"),
                "spread: must be shorter than the shortest time between two slots, \(interval.inSeconds) s")
        }
    }

    // MARK: Blackouts

    /// Hours without starts; in the zone of the policy's first schedule unless they name their own.
    func blackouts(_ reader: MappingReader, zone: Zone) -> [Blackout] {
        guard let node = reader["blackout"] else { return [] }
        let nodes: [Node] = if case .sequence(let nodes, _) = node { nodes } else { [node] }
        let blackouts = nodes.compactMap { blackout($0, zone) }
        if !problems.hasErrors, blackouts.isEverlasting {
            problems.add(node.mark, "blackout: leaves no minute of the week to start in")
        }
        return blackouts
    }

    private func blackout(_ node: Node, _ zone: Zone) -> Blackout? {
        let keys = ["from", "to", "on", "of", "time-zone"]
        guard let reader = MappingReader(node, "blackout", known: keys, problems) else { return nil }
        let start = time(reader, "from")
        let end = time(reader, "to")
        let own = reader["time-zone"] == nil ? zone : self.zone(reader)
        let weekdays = reader["on"] == nil ? Set(0...6) : weekdays(reader)
        let kinds = kinds(reader)
        guard let start, let end, let own else { return nil }
        return Blackout(kinds: kinds, start: start, end: end, weekdays: weekdays, zone: own)
    }

    private func time(_ reader: MappingReader, _ key: String) -> Int? {
        guard reader.require(key, "say it as a time of day, \(key): \"08:00\"") != nil,
            let (text, mark) = reader.text(key)
        else { return nil }
        do throws(ExpressionError) {
            // The end of the day, which no clock shows.
            return text == "24:00" && key == "to" ? 0 : try Expression.timeOfDay(text)
        } catch {
            problems.add(mark.after(error.position), "\(key): \(error.message)")
            return nil
        }
    }

    private func kinds(_ reader: MappingReader) -> Set<Blackout.Kind> {
        guard reader["of"] != nil else { return Set(Blackout.Kind.allCases) }
        var kinds: Set<Blackout.Kind> = []
        for (text, mark) in reader.texts("of") {
            if let kind = Blackout.Kind(rawValue: text) {
                kinds.insert(kind)
            } else {
                let known = Blackout.Kind.allCases.map(\.rawValue)
                problems.add(
                    mark,
                    "of: expected \(known.joined(separator: ", ")), got \"\(text)\"\(Suggestion.text(for: text, among: known))"
                )
            }
        }
        return kinds
    }
}

/// Spans as the config has them.
package enum SpanText {
    /// `30d`, `1y6mo`.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func read(_ text: String) throws(ExpressionError) -> CalendarSpan { try DurationText.read(text) }
}

/// Expressions in the notations whose parts only this target reads.
package enum ScheduleText {
    /// `every: 6h`.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func every(_ text: String) throws(ExpressionError) -> Expression {
        let span = try DurationText.read(text)
        guard let period = span.fixed else {
            throw ExpressionError(at: 0, "months and years have no fixed length: use cron or calendar for them")
        }
        return try .every(text, period: period)
    }
}

/// Zones read once for a whole config, so that policies share what they have in common.
final class ZoneReader {
    private let catalog: ZoneCatalog
    private var known: [String: Zone?] = [:]

    init(_ catalog: ZoneCatalog) { self.catalog = catalog }

    var names: [String] { catalog.names }

    func zone(_ name: String) -> Zone? {
        if let zone = known[name] { return zone }
        let zone = catalog.zone(name)
        known[name] = zone
        return zone
    }
}

extension Mark {
    /// The place so many characters further on in the same scalar.
    fileprivate func after(_ position: Int) -> Mark { Mark(line: line, column: column + position) }
}
