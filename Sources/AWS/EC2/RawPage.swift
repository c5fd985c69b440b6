/// What the bytes of a page of DescribeSnapshots tell before anybody reads them.
///
/// EC2 writes the token of the next page after the list, so that it stands within the last bytes.
enum RawPage {
    /// A token has some hundred characters.
    private static let tail = 8192

    /// The token of the next page, if it stands where it is expected and needs no decoding.
    static func nextToken(of page: [UInt8]) -> String? {
        let end = String(decoding: page.suffix(tail), as: UTF8.self)
        guard let start = end.lastRange(of: "<nextToken>"), let stop = end.lastRange(of: "</nextToken>"),
            start.upperBound < stop.lowerBound
        else { return nil }
        let token = end[start.upperBound..<stop.lowerBound]
        return token.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C }) ? nil : String(token)
    }

    /// Whether it ends as a whole reply does.
    static func isWhole(_ page: [UInt8]) -> Bool {
        let end = String(decoding: page.suffix(64), as: UTF8.self)
        return end.lastRange(of: "</DescribeSnapshotsResponse>") != nil
    }
}

extension String {
    fileprivate func lastRange(of text: String) -> Range<String.Index>? {
        let (mine, wanted) = (Array(utf8), Array(text.utf8))
        guard mine.count >= wanted.count else { return nil }
        for start in stride(from: mine.count - wanted.count, through: 0, by: -1)
        where mine[start] == wanted[0] && mine[start..<(start + wanted.count)].elementsEqual(wanted) {
            let first = utf8.index(utf8.startIndex, offsetBy: start)
            return first..<utf8.index(first, offsetBy: wanted.count)
        }
        return nil
    }
}
