/// What becomes of a resource's points once it does not exist any more.
package enum GoneRule: Sendable, Equatable {
    /// All stay until a person says otherwise.
    case keep
    /// All stay for a while after the newest usable one's data; then so many of the newest do, which may be none.
    case fade(after: CalendarSpan, keepLast: Int)
}

extension GoneRule: CustomStringConvertible {
    package var description: String {
        switch self {
        case .keep: "keep"
        case .fade(let span, let count): "delete-after \(span), keep-last \(count)"
        }
    }
}
