/// One run of the program, from its start to its end: what tells two machines' snapshots of one fleet apart.
///
/// Drawn at random at each start, so that copies of a machine have others. Its text, in the tag `snapwarden:run`, is sixteen
/// hexadecimal digits.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    /// Nil for anything but its own text.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == RunID.length, let number = UInt64(text, radix: 16) else { return nil }
        self.number = number
    }

    private static let length = 16

    package var description: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: RunID.length - digits.count) + digits
    }

    package static func < (a: RunID, b: RunID) -> Bool { a.number < b.number }
}
