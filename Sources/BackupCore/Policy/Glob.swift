/// A pattern in which `*` stands for any text and `?` for any one character; everything else for itself.
package struct Glob: Hashable, Sendable, CustomStringConvertible {
    package let pattern: String

    package init(_ pattern: String) { self.pattern = pattern }

    package var description: String { pattern }

    /// Matches the whole text, case-sensitively, in time linear in the text for each star.
    package func matches(_ text: String) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var p = 0
        var t = 0
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                p = last.pattern + 1
                t = last.text + 1
                star = (last.pattern, t)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
