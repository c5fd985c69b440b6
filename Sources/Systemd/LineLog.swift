package import BackupCore
import Glibc

/// Events as lines on standard error, where there is no journal.
package struct LineLog: EventSink {
    package enum Format: Sendable {
        case text
        case json
    }

    private let format: Format
    private let clock: any WallClock
    private let hasColour: Bool

    package init(format: Format, clock: any WallClock, hasColour: Bool) {
        self.format = format
        self.clock = clock
        self.hasColour = hasColour && format == .text
    }

    /// With colour only as text on a terminal, and where nobody asked for none (no-color.org).
    package init(format: Format, clock: any WallClock, environment: [String: String]) {
        self.init(
            format: format, clock: clock, hasColour: isatty(STDERR_FILENO) == 1 && environment["NO_COLOR"] == nil)
    }

    /// The event as one line, without its end.
    package func line(_ event: Event) -> String {
        switch format {
        case .text: LineLog.text(event, at: clock.now, colour: hasColour)
        case .json: LineLog.json(event, at: clock.now)
        }
    }

    package func emit(_ event: Event) {
        var bytes = Array((line(event) + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }

    /// `2026-11-20T02:00:00Z notice set-taken: web/i-0ab… taken`.
    static func text(_ event: Event, at moment: Moment, colour: Bool) -> String {
        let level = event.kind.priority.word
        let shown = colour ? "\u{1B}[\(event.kind.priority.colour)m\(level)\u{1B}[0m" : level
        let request = event.fields.requestID.map { " (request \($0))" } ?? ""
        let message = event.message.contains(event.fields.requestID ?? "") ? event.message : event.message + request
        return "\(moment) \(shown) \(event.kind.rawValue): \(message)"
    }

    /// One object a line: `time`, `priority`, `event`, `message`, and the journal's field names in lower case.
    static func json(_ event: Event, at moment: Moment) -> String {
        let own = [
            ("time", moment.description), ("priority", event.kind.priority.word), ("event", event.kind.rawValue),
            ("message", event.message),
        ]
        let named = event.fields.named.map { ($0.name.lowercased(), $0.value) }
        let pairs = (own + named).map { "\(quoted($0.0)):\(quoted($0.1))" }
        return "{\(pairs.joined(separator: ","))}"
    }

    /// A JSON string (RFC 8259, section 7).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Priority {
    var word: String {
        switch self {
        case .critical: "critical"
        case .error: "error"
        case .warning: "warning"
        case .notice: "notice"
        case .info: "info"
        case .debug: "debug"
        }
    }

    var colour: Int {
        switch self {
        case .critical, .error: 31
        case .warning: 33
        case .notice: 32
        case .info, .debug: 36
        }
    }
}
