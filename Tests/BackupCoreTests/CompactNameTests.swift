import Testing

@testable import BackupCore

/// Names that are held as numbers are the texts they were made of, in every way.
@Suite struct CompactNameTests {
    @Test(arguments: [
        ("snap-0123456789abcdef0", true), ("snap-00000000000000000", true), ("snap-fffffffffffffffff", true),
        ("snap-0123456789ABCDEF0", false), ("snap-0123456789abcdef", false), ("snap-0123456789abcdef01", false),
        ("snap-1234abcd", false), ("snap-0123456789abcdefg", false), ("Snap-0123456789abcdef0", false),
        ("snap-", false),
        ("", false), ("nightly-20261120T020000Z", false), ("snap-0123456789abcde\u{e9}", false),
    ])
    func aSnapshotIsCalledAsAWSCallsIt(_ text: String, _ isANumber: Bool) {
        let name = SnapshotID(text)
        #expect(name.rawValue == text && name.description == text)
        if case .digits = name.compact { #expect(isANumber) } else { #expect(!isANumber) }
    }

    @Test(arguments: [
        ("0123456789abcdef0123456789abcdef", true), ("ffffffffffffffff0000000000000000", true),
        ("0123456789abcdef0123456789abcde", false), ("f1", false), ("snapwarden-acme-nightly", false),
    ])
    func aSetIsCalledAsItsNonce(_ text: String, _ isANumber: Bool) {
        #expect(SetID(text).rawValue == text)
        if case .digits = SetID(text).compact { #expect(isANumber) } else { #expect(!isANumber) }
    }

    /// Orders decide about the plan's, and equality about everything.
    @Test func equalityAndOrderAreThoseOfTheTexts() {
        var dice = SplitMix64(seed: 20_261_121)
        let digits = Array("0123456789abcdef")
        let texts = (0..<400).map { _ in
            let length = [17, 17, 17, 16, 8].randomElement(using: &dice) ?? 17
            let start = ["snap-", "snap-", "snap-", "snap", "z"].randomElement(using: &dice) ?? "snap-"
            // Few digits apart, so that some are equal and many begin alike.
            return start
                + String((0..<length).map { $0 + 2 < length ? "a" : digits.randomElement(using: &dice) ?? "0" })
        }
        for a in texts {
            for b in texts {
                #expect((SnapshotID(a) == SnapshotID(b)) == (a == b), "\(a) \(b)")
                #expect((SnapshotID(a) < SnapshotID(b)) == (a < b), "\(a) \(b)")
            }
        }
        #expect(Set(texts.map { SnapshotID($0) }).count == Set(texts).count)
    }
}
