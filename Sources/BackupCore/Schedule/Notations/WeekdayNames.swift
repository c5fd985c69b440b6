/// The days of the week as people write them.
package enum WeekdayNames {
    /// From Sunday.
    static let short = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    static let long = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

    /// 0 for Sunday … 6 for Saturday, in any case, whole or by its first three letters.
    static func number(of name: String) -> Int? {
        short.firstIndex(of: name.lowercased()) ?? long.firstIndex(of: name.lowercased())
    }

    /// Reads `mon`, or `mon..fri`, which may run over the week's end.
    ///
    /// - Throws: ``ExpressionError`` with the position of what is wrong.
    package static func days(_ text: String) throws(ExpressionError) -> Set<Int> {
        guard let dots = text.firstRange(of: "..") else { return [try number(text[...], at: 0)] }
        let first = try number(text[..<dots.lowerBound], at: 0)
        let last = try number(
            text[dots.upperBound...], at: text.distance(from: text.startIndex, to: dots.upperBound))
        return Set((0...(last - first + 7) % 7).map { (first + $0) % 7 })
    }

    private static func number(_ name: Substring, at position: Int) throws(ExpressionError) -> Int {
        if let number = number(of: String(name)) { return number }
        throw ExpressionError(at: position, "expected a day such as mon, or mon..fri, got \"\(name)\"")
    }
}
