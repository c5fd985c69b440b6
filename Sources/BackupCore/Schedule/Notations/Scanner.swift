/// Reads an expression from left to right, and knows where it is.
struct Scanner {
    private let characters: [Character]
    private(set) var position = 0

    init(_ text: some StringProtocol) { characters = Array(text) }

    var isAtEnd: Bool { position == characters.count }
    var next: Character? { isAtEnd ? nil : characters[position] }
    /// What has not been read yet.
    var rest: String { String(characters[position...]) }

    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text)
        guard characters[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    mutating func take(while isWanted: (Character) -> Bool) -> String {
        let start = position
        while let next, isWanted(next) { position += 1 }
        return String(characters[start..<position])
    }

    mutating func skipBlanks() { _ = take { $0.isBlank } }

    /// Decimal digits, nine at most.
    mutating func number() -> Int? {
        let start = position
        let digits = take { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), digits.count <= 9 else {
            position = start
            return nil
        }
        return number
    }

    /// The words between blanks, each with its place.
    static func words(_ text: some StringProtocol) -> [(text: String, position: Int)] {
        var scanner = Scanner(text)
        var words: [(String, Int)] = []
        while true {
            scanner.skipBlanks()
            guard !scanner.isAtEnd else { return words }
            let start = scanner.position
            words.append((scanner.take { !$0.isBlank }, start))
        }
    }

    /// What a person reads of the offending place.
    var found: String { isAtEnd ? "the end" : "\"\(rest)\"" }
}

extension Character {
    /// What separates words in one line.
    var isBlank: Bool { self == " " || self == "\t" }
}
