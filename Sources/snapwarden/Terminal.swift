import AWS
import BackupCore
import Glibc

/// What a person sees: whole lines, colour only on a terminal and only if `NO_COLOR` is unset (no-color.org).
enum Terminal {
    /// Where what is said goes: to this process's own terminal, or to that of a person who asked the daemon.
    @TaskLocal static var output: any TerminalOutput = OwnTerminal()

    static func say(_ line: String) { output.write(line + "\n", to: .out) }
    static func complain(_ line: String) { output.write(line + "\n", to: .error) }

    static var hasColour: Bool { output.hasColour }

    static func coloured(_ text: String, _ colour: Colour) -> String {
        hasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    /// Whether a person sits there.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Writes over what the last of these calls wrote; only on a terminal.
    static func overwrite(_ text: String) { output.write("\r\u{1B}[K" + text, to: .out) }

    /// Says what `body` says all at once: on a terminal in place of everything that stands there.
    static func redraw<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        let screen = output
        let lines = Guarded("")
        let value = try await $output.withValue(CollectedOutput(screen: screen, lines: lines), operation: body)
        // Home, and erase to the end: what stays the same does not flicker.
        let text = lines.withLock { $0 }.split(separator: "\n", omittingEmptySubsequences: false)
        screen.write(
            screen.isTerminal
                ? "\u{1B}[H" + text.joined(separator: "\u{1B}[K\n") + "\u{1B}[J" : text.joined(separator: "\n") + "\n",
            to: .out)
        return value
    }

    /// Asks a person; where none sits nobody has agreed.
    static func agrees(_ question: String) -> Bool {
        guard isInteractive else {
            complain("snapwarden: nobody is there to ask: add --yes to do it, or --plan to see it alone")
            return false
        }
        output.write("\n\(question) [y/N] ", to: .out)
        return ["y", "yes"].contains(readLine()?.lowercased())
    }
}

/// Two streams to a person or a program.
protocol TerminalOutput: Sendable {
    var isTerminal: Bool { get }
    var hasColour: Bool { get }
    /// Whether what was written before has not been taken yet.
    var isBehind: Bool { get }
    func write(_ text: String, to stream: TerminalStream)
}

extension TerminalOutput {
    var isBehind: Bool { false }
}

enum TerminalStream: Sendable {
    case out
    case error
}

/// Standard output and standard error.
struct OwnTerminal: TerminalOutput {
    var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    var hasColour: Bool { isTerminal && getenv("NO_COLOR") == nil }

    func write(_ text: String, to stream: TerminalStream) {
        let descriptor = stream == .out ? STDOUT_FILENO : STDERR_FILENO
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
}

/// What is said, kept to be shown at once; complaints go where they would.
private struct CollectedOutput: TerminalOutput {
    let screen: any TerminalOutput
    let lines: Guarded<String>
    var isTerminal: Bool { screen.isTerminal }
    var hasColour: Bool { screen.hasColour }

    func write(_ text: String, to stream: TerminalStream) { lines.withLock { $0 += text } }
}

/// Rows under headings, each column as wide as its widest cell.
struct Table {
    private var rows: [[String]]

    init(_ headings: [String]) { rows = [headings] }

    mutating func add(_ row: [String]) { rows.append(row) }
    var isEmpty: Bool { rows.count == 1 }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}
