import BackupCore
import Glibc

/// What a person sees: whole lines, colour only on a terminal and only if `NO_COLOR` is unset (no-color.org).
enum Terminal {
    static func say(_ line: String) { write(line, to: STDOUT_FILENO) }
    static func complain(_ line: String) { write(line, to: STDERR_FILENO) }

    static var hasColour: Bool { isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil }

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
    static func overwrite(_ text: String) { write("\r\u{1B}[K" + text, end: "", to: STDOUT_FILENO) }

    /// Asks a person; where none sits nobody has agreed.
    static func agrees(_ question: String) -> Bool {
        guard isInteractive else {
            complain("snapwarden: nobody is there to ask: add --yes to do it, or --plan to see it alone")
            return false
        }
        write("\n\(question) [y/N] ", end: "", to: STDOUT_FILENO)
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    private static func write(_ line: String, end: String = "\n", to descriptor: Int32) {
        var bytes = Array((line + end).utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
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
