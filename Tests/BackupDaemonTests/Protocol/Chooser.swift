/// Takes every sequence of choices once: replayed from the start each time, with the last choice that has others left changed.
///
/// `@unchecked Sendable`: used on the one thread of the virtual turn alone.
final class Chooser: @unchecked Sendable {
    private var path: [(choice: Int, options: Int)] = []
    private var depth = 0

    /// One of so many options, from 0.
    func choose(_ options: Int) -> Int {
        if depth == path.count { path.append((0, options)) }
        defer { depth += 1 }
        return path[depth].choice
    }

    /// The sequence that was replayed last.
    var trail: [Int] { path.map(\.choice) }

    /// Goes on to the next sequence; false once there is none.
    func advance() -> Bool {
        depth = 0
        while let last = path.popLast() {
            guard last.choice + 1 == last.options else {
                path.append((last.choice + 1, last.options))
                return true
            }
        }
        return false
    }
}
