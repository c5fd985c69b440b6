/// Finds what a person may have meant.
package enum Suggestion {
    /// ` (did you mean "x"?)`, or nothing where nothing known is near.
    package static func text(for word: String, among known: some Sequence<String>) -> String {
        nearest(to: word, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// The known word with the fewest edits, if they are few against its length.
    static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let ranked = known.map { (word: $0, edits: edits(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { ($0.edits, $0.word) < ($1.edits, $1.word) }) else { return nil }
        return best.edits <= min(word.count, max(2, word.count / 3)) && !word.isEmpty ? best.word : nil
    }

    /// The `count` known words with the fewest edits, the nearest first, however many edits they are.
    package static func nearest(_ count: Int, to word: String, among known: some Sequence<String>) -> [String] {
        let ranked = Set(known).map { (word: $0, edits: edits(word, $0)) }
        return ranked.sorted { ($0.edits, $0.word) < ($1.edits, $1.word) }.prefix(count).map(\.word)
    }

    /// Levenshtein's distance.
    static func edits(_ a: String, _ b: String) -> Int {
        let a = Array(a)
        let b = Array(b)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(diagonal + (x == y ? 0 : 1), above + 1, row[j] + 1)
                diagonal = above
            }
        }
        return row[b.count]
    }
}
