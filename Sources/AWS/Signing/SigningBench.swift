/// Where signatures are made, one after the other, in memory that is there already.
///
/// `@unchecked Sendable`: everything is touched under the lock alone.
final class SigningBench: @unchecked Sendable {
    static let shared = SigningBench()

    /// What lies on it.
    struct Scratch {
        var headers = SignedHeaders([])
        var keys = SigningKeyCache()
        private(set) var text: [UInt8] = []

        /// Replaces the text.
        mutating func write(_ body: (inout [UInt8], SignedHeaders) -> Void) {
            text.removeAll(keepingCapacity: true)
            body(&text, headers)
        }
    }

    private let lock = Lock()
    private let digester = Digester()
    private var scratch = Scratch()

    func use<Result>(_ body: (inout Scratch, borrowing Digester) -> Result) -> Result {
        lock.locked { body(&scratch, digester) }
    }
}
