/// Something wrong in a config file: where, what, and what to write instead.
package struct Problem: Sendable, Equatable, CustomStringConvertible {
    package var file: String
    package var mark: Mark?
    package var message: String

    package init(file: String, mark: Mark?, message: String) {
        self.file = file
        self.mark = mark
        self.message = message
    }

    /// `config.yaml:12:9: keep-last: expected a whole number, got "seven"`.
    package var description: String {
        mark.map { "\(file):\($0.line):\($0.column): \(message)" } ?? "\(file): \(message)"
    }
}

/// A place in a text, counted from 1.
package struct Mark: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (a: Mark, b: Mark) -> Bool { (a.line, a.column) < (b.line, b.column) }
}
