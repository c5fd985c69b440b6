import BackupConfig
import Testing

@Suite struct SuggestionTests {
    private static let known = ["web/i-1/20", "web/i-1/21", "web/i-2/20", "db/i-1/20", "web/i-1/20"]

    @Test(arguments: [
        ("web/i-1/20", 1, ["web/i-1/20"]), ("web/i-1/22", 2, ["web/i-1/20", "web/i-1/21"]),
        ("web/i-2/21", 2, ["web/i-1/21", "web/i-2/20"]),
        ("nothing like it at all", 9, ["web/i-1/20", "web/i-1/21", "web/i-2/20", "db/i-1/20"]), ("x", 0, []),
    ])
    func nearest(word: String, count: Int, expected: [String]) {
        let found = Suggestion.nearest(count, to: word, among: SuggestionTests.known)
        #expect(count == 9 ? Set(found) == Set(expected) && found.count == 4 : found == expected)
    }
}
