/// One thing that `doctor` looked at.
struct Finding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        case ok = "OK"
        /// It works today, or could not be tried.
        case warn = "WARN"
        /// Backups, copies or deletions fail because of it.
        case fail = "FAIL"
    }

    var verdict: Verdict
    /// `credentials`, `clock`, `permission`, `key`, `quota`, `bucket`, `config`, `state` or `zones`.
    var check: String
    /// What was found, of what.
    var text: String
    /// What to do; nil where all is well.
    var remedy: String?

    init(_ verdict: Verdict, _ check: String, _ text: String, remedy: String? = nil) {
        self.verdict = verdict
        self.check = check
        self.text = text
        self.remedy = remedy
    }

    var json: JSON {
        .object([
            "result": .text(verdict.rawValue), "check": .text(check), "found": .text(text),
            "remedy": .optional(remedy),
        ])
    }
}

/// Where an installation's findings come together, in the order in which they were made.
struct Findings: Sendable {
    private(set) var all: [Finding] = []

    mutating func ok(_ check: String, _ text: String) { all.append(Finding(.ok, check, text)) }
    mutating func warn(_ check: String, _ text: String, remedy: String) {
        all.append(Finding(.warn, check, text, remedy: remedy))
    }
    mutating func fail(_ check: String, _ text: String, remedy: String) {
        all.append(Finding(.fail, check, text, remedy: remedy))
    }
    mutating func append(_ more: Findings) { all += more.all }

    var worst: Finding.Verdict {
        if all.contains(where: { $0.verdict == .fail }) { return .fail }
        return all.contains { $0.verdict == .warn } ? .warn : .ok
    }
}
