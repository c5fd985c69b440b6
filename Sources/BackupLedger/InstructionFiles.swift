package import BackupCore

/// What people told this installation, in small files beside the ledger: they can be written while a daemon holds it.
package struct InstructionFiles: Instructions {
    private let pauseFile: LineFile
    private let approvalFile: LineFile

    package init(directory: String) {
        pauseFile = LineFile(path: directory + "/pauses")
        approvalFile = LineFile(path: directory + "/approvals")
    }

    // MARK: Pauses

    /// One line for each policy that was ever paused: its name, since when, until when, when it was resumed, and when the
    /// pause before that ended; `-` for what is not so.
    package func pauses() throws(HistoryError) -> [PolicyName: Pause] {
        var pauses: [PolicyName: Pause] = [:]
        for line in try pauseFile.lines() {
            let words = line.text.split(separator: " ")
            let times = words.dropFirst().map { Moment(rfc3339: $0) }
            let isReadable = zip(words.dropFirst(), times).allSatisfy { $0 == "-" || $1 != nil }
            guard words.count == 5, isReadable, let since = times[0] else {
                throw pauseFile.mistake(line, expected: "a policy and four times or hyphens")
            }
            pauses[PolicyName(words[0])] = Pause(
                since: since, until: times[1], resumed: times[2], earlier: times[3])
        }
        return pauses
    }

    /// Changes the pause of one policy.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; then nothing changed.
    package func change(_ policy: PolicyName, _ change: (Pause?) -> Pause?) throws(HistoryError) {
        try pauseFile.replace { () throws(HistoryError) in
            var pauses = try pauses()
            pauses[policy] = change(pauses[policy])
            return pauses.sorted { $0.key < $1.key }.map { name, pause in
                let ends = [pause.until, pause.resumed, pause.earlier].map { $0?.description ?? "-" }
                return "\(name) \(pause.since) \(ends.joined(separator: " "))"
            }
        }
    }

    // MARK: Approvals

    /// One line for each point whose deletion a person approved: provider, region, set, and until when that holds.
    package func approvals() throws(HistoryError) -> [PointID: Moment] {
        var approvals: [PointID: Moment] = [:]
        for line in try approvalFile.lines() {
            let words = line.text.split(separator: " ")
            guard words.count == 4, let provider = Provider(rawValue: String(words[0])),
                let until = Moment(rfc3339: words[3])
            else { throw approvalFile.mistake(line, expected: "a provider, a region, a set and a time") }
            approvals[PointID(place: Place(provider, Site(words[1])), set: SetID(words[2]))] = until
        }
        return approvals
    }

    /// Adds approvals, and forgets those that have run out by `now`.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; then nothing changed.
    package func approve(_ points: [PointID], until: Moment, now: Moment) throws(HistoryError) {
        try approvalFile.replace { () throws(HistoryError) in
            var approvals = try approvals().filter { $0.value > now }
            for point in points { approvals[point] = until }
            return approvals.sorted { $0.key < $1.key }.map { point, until in
                "\(point.place.provider.rawValue) \(point.place.site) \(point.set) \(until)"
            }
        }
    }
}
